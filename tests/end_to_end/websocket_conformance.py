#!/usr/bin/env python3
"""WebSocket conformance (RFC 6455) of a running harpy serve: websocket_conformance.py PORT [NUMBER...]

Cases and their numbers follow the sections 1 to 7, 9 and 10 of the Autobahn test suite, which tests servers that send
back what they get. Harpy's answers are its protocol's: to a binary message one reply with "partial", to the text
below, which holds whatever a case wants to send, the reply {"text": ""}. The server must take messages of 1 MiB, also
as texts. Prints the cases that fail, and a line for each section; numbers choose cases that begin with them.
"""
import base64
import os
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KIB, MIB = 1 << 10, 1 << 20
BEFORE, BEHIND = b'{"config": {"x": "', b'"}, "reset": 1}'
TEXT_REPLY = (TEXT, b'{"text": ""}')
AUDIO_REPLY = (TEXT, None)  # words, whatever they are
WAIT = "for the next reply"
PATIENCE_S = 20.0
NORMAL = struct.pack("!H", 1000)
# A server may also break off without a close code.
PROTOCOL_ERROR, NOT_UTF8, TOO_LONG = {1002, None}, {1007}, {1009}


def message(content=b""):
    """A text that may hold anything and is answered by TEXT_REPLY."""
    return BEFORE + content + BEHIND


def long_message(size):
    return message(b"*" * (size - len(message())))


def masked(payload, key):
    keys = int.from_bytes((key * (len(payload) // 4 + 1))[: len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ keys).to_bytes(len(payload), "big") if payload else b""


def frame(opcode, payload=b"", end=True, reserved=0, mask=True, length_bytes=None):
    length = len(payload)
    if length_bytes is None:
        length_bytes = 0 if length < 126 else 2 if length < 65536 else 8
    head = bytes([end << 7 | reserved << 4 | opcode])
    head += bytes([mask << 7 | {0: length, 2: 126, 8: 127}[length_bytes]])
    if length_bytes:
        head += length.to_bytes(length_bytes, "big")
    key = os.urandom(4)
    return head + key + masked(payload, key) if mask else head + payload


def fragments(opcode, payload, size):
    """The message in frames of that size."""
    begins = range(0, max(len(payload), 1), size)
    return b"".join(
        frame(CONTINUATION if begin else opcode, payload[begin : begin + size], end=begin + size >= len(payload))
        for begin in begins
    )


def pieces(data, size=1):
    return [data[begin : begin + size] for begin in range(0, len(data), size)]


@dataclass
class Case:
    """What is sent, in pieces (a number is a pause in seconds, WAIT a reply), and what must come back."""

    number: str
    sent: list
    replies: list = field(default_factory=list)
    fails: set = None  # the close codes of which one must end the connection; None: it goes on
    most_replies: int = 0  # that may come besides, before it ends


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self.received:
            self.receive()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.received += data

    def take(self, count):
        while len(self.received) < count:
            self.receive()
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def next_frame(self):
        first, length = self.take(2)
        assert first & 0xF0 == 0x80 and not length & 0x80, "a server's frames are whole and not masked"
        if length >= 126:
            length = int.from_bytes(self.take(2 if length == 126 else 8), "big")
        return first & 0x0F, self.take(length)

    def rest(self):
        """All frames until the end of the connection."""
        frames = []
        try:
            while True:
                frames.append(self.next_frame())
        except (EOFError, ConnectionResetError):
            return frames


def close_code(frames):
    codes = [payload for opcode, payload in frames if opcode == CLOSE]
    if not codes:
        return None
    return struct.unpack("!H", codes[0][:2])[0] if len(codes[0]) >= 2 else 1005


def is_reply(expected, got):
    if expected == AUDIO_REPLY:
        return got[0] == TEXT and (b'"partial"' in got[1] or b'"text"' in got[1])
    return got == expected


def run(case, port):
    connection = Connection(port)
    replies = iter(case.replies)

    def take_reply(expected):
        got = connection.next_frame()
        assert is_reply(expected, got), f"expected {expected}, got {got}"

    try:
        for piece in case.sent:
            if piece is WAIT:
                take_reply(next(replies))
            elif isinstance(piece, float):
                time.sleep(piece)
            else:
                connection.socket.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        assert case.fails is not None, "the connection broke"
    for expected in replies:
        take_reply(expected)
    if case.fails is None:
        connection.socket.sendall(frame(CLOSE, NORMAL))
    rest = connection.rest()
    code = close_code(rest)
    assert code in (case.fails or {1000}), f"close code {code}"
    others = [opcode for opcode, _ in rest if opcode == TEXT]
    assert len(others) <= case.most_replies, f"{len(others)} replies too many"


def framing():
    for opcode, reply, group in ((TEXT, TEXT_REPLY, 1), (BINARY, AUDIO_REPLY, 2)):
        for index, size in enumerate((0, 125, 126, 127, 128, 65535, 65536), 1):
            payload = message(b"*" * size) if opcode == TEXT else bytes(size)
            yield Case(f"1.{group}.{index}", [frame(opcode, payload)], [reply])
        yield Case(f"1.{group}.8", pieces(frame(opcode, payload), 997), [reply])


def pings_and_pongs():
    for index, payload in enumerate((b"", b"Hello, world!", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125), 1):
        yield Case(f"2.{index}", [frame(PING, payload)], [(PONG, payload)])
    yield Case("2.5", [frame(PING, b"\xfe" * 126)], fails=PROTOCOL_ERROR)
    yield Case("2.6", pieces(frame(PING, b"\xfe" * 125)), [(PONG, b"\xfe" * 125)])
    yield Case("2.7", [frame(PONG)])
    yield Case("2.8", [frame(PONG, b"not asked for")])
    yield Case("2.9", [frame(PONG, b"not asked for"), frame(PING, b"x")], [(PONG, b"x")])
    payloads = [b"payload-%d" % index for index in range(10)]
    many = b"".join(frame(PING, payload) for payload in payloads)
    answers = [(PONG, payload) for payload in payloads]
    yield Case("2.10", [many], answers)
    yield Case("2.11", pieces(many), answers)


def reserved_bits():
    good = [frame(TEXT, message(b"good")), WAIT]
    kinds = ((1, TEXT, 0), (2, TEXT, 1), (3, TEXT, 1), (4, TEXT, 1), (5, BINARY, 0), (6, PING, 0), (7, CLOSE, 0))
    for bits, opcode, has_good in kinds:
        payload = message() if opcode == TEXT else bytes(8) if opcode != CLOSE else b""
        bad = frame(opcode, payload, reserved=bits)
        sent = pieces(bad) if bits == 4 else [bad]
        yield Case(f"3.{bits}", good * has_good + sent, [TEXT_REPLY] * has_good, PROTOCOL_ERROR)


def reserved_opcodes():
    for group, opcodes in ((1, range(3, 8)), (2, range(11, 16))):
        for index, opcode in enumerate(opcodes, 1):
            good = [frame(TEXT, message(b"good")), WAIT] * (index > 2)
            bad = frame(opcode, b"reserved" * (index % 2))
            yield Case(f"4.{group}.{index}", good + [bad], [TEXT_REPLY] * (index > 2), PROTOCOL_ERROR)


def fragmentation():
    first, last = frame(TEXT, BEFORE + b"frag", end=False), frame(CONTINUATION, b"ment" + BEHIND)
    for index, opcode in enumerate((PING, PONG), 1):
        cut = [frame(opcode, b"frag", end=False), frame(CONTINUATION, b"ment")]
        yield Case(f"5.{index}", cut, fails=PROTOCOL_ERROR)
    yield Case("5.3", [first + last], [TEXT_REPLY])
    yield Case("5.4", [first, last], [TEXT_REPLY])
    yield Case("5.5", pieces(first + last), [TEXT_REPLY])
    with_ping, answers = [first, frame(PING, b"between"), last], [(PONG, b"between"), TEXT_REPLY]
    yield Case("5.6", [b"".join(with_ping)], answers)
    yield Case("5.7", with_ping, answers)
    yield Case("5.8", pieces(b"".join(with_ping)), answers)
    good = frame(TEXT, message())
    for index, end in ((9, True), (12, False)):  # nothing there to be continued
        stray = frame(CONTINUATION, b"stray", end=end)
        yield Case(f"5.{index}", [stray + good], fails=PROTOCOL_ERROR)
        yield Case(f"5.{index + 1}", [stray, good], fails=PROTOCOL_ERROR)
        yield Case(f"5.{index + 2}", pieces(stray + good), fails=PROTOCOL_ERROR)
    stray = frame(CONTINUATION, b"stray", end=False)
    yield Case("5.15", [first, last, stray, good], fails=PROTOCOL_ERROR, most_replies=1)
    yield Case("5.16", [stray, good] * 2, fails=PROTOCOL_ERROR)
    yield Case("5.17", [frame(CONTINUATION, b"stray"), good] * 2, fails=PROTOCOL_ERROR)
    yield Case("5.18", [first, frame(TEXT, b"ment" + BEHIND)], fails=PROTOCOL_ERROR)
    middle = [frame(CONTINUATION, b"%d" % index, end=False) for index in range(3)]
    five = [first, middle[0], frame(PING, b"1"), 1.0, middle[1], middle[2], frame(PING, b"2"), last]
    answers = [(PONG, b"1"), (PONG, b"2"), TEXT_REPLY]
    yield Case("5.19", five, answers)
    yield Case("5.20", [piece for piece in five if piece != 1.0], answers)


# Texts by the sections of Markus Kuhn's "UTF-8 decoder capability and stress test", as the suite has them.
KOSME = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"  # "κόσμε", of which one letter takes three bytes
VALID_UTF8 = {
    5: [KOSME[:size] for size in (2, 5, 7, 9, 11)],  # "κόσμε" to the end of each of its letters
    7: [b"\\u0000", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"],  # the first of each length
    9: [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"],  # the last of each length
    11: [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf"],  # beside what is none
    22: [chr(plane << 16 | last).encode() for plane in range(17) for last in (0xFFFE, 0xFFFF)],
    23: [chr(code).encode() for code in (0xFFFD, 0xFFF9, 0xFFFA, 0xFFFB, 0xFFFC, 0xFEFF, 0x2028)],
}


def spaced(first, last):
    return b"".join(bytes([lead, 0x20]) for lead in range(first, last + 1))


def too_long(code, size):
    """A code point in more bytes than it needs."""
    tail = bytes(0x80 | code >> shift & 0x3F for shift in range(6 * (size - 2), -1, -6))
    return bytes([(0xFF00 >> size & 0xFF) | code >> 6 * (size - 1)]) + tail


def surrogate(code):
    return bytes([0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F])


HIGH, LOW = (0xD800, 0xDB7F, 0xDB80, 0xDBFF), (0xDC00, 0xDF80, 0xDFFF)
CUT = [b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80"]
CUT += [b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf"]
INVALID_UTF8 = {
    6: [KOSME[:size] for size in (1, 3, 4, 6, 8, 10)],  # letters that are cut
    8: [b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"],
    10: [b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf", b"\xf4\x90\x80\x80"],
    12: [(b"\x80\xbf" * 3)[:size] for size in range(1, 7)] + [b"\xbf", bytes(range(0x80, 0xC0))],
    13: [spaced(0xC0, 0xDF), spaced(0xE0, 0xEF), spaced(0xF0, 0xF7), spaced(0xF8, 0xFB), spaced(0xFC, 0xFD)],
    14: CUT,
    15: [b"".join(CUT)],
    16: [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"],
    17: [too_long(0x2F, size) for size in range(2, 7)],
    18: [too_long((1 << bits) - 1, size) for bits, size in ((7, 2), (11, 3), (16, 4), (21, 5), (26, 6))],
    19: [too_long(0, size) for size in range(2, 7)],
    20: [surrogate(code) for code in HIGH + LOW],
    21: [surrogate(high) + surrogate(low) for high in HIGH for low in (LOW[0], LOW[-1])],
}


def utf8():
    yield Case("6.1.1", [frame(TEXT, message())], [TEXT_REPLY])
    empty = frame(CONTINUATION, end=False)
    yield Case("6.1.2", [frame(TEXT, end=False) + empty + frame(CONTINUATION, message())], [TEXT_REPLY])
    whole = frame(CONTINUATION, message(b"middle"), end=False)
    yield Case("6.1.3", [frame(TEXT, end=False) + whole + frame(CONTINUATION)], [TEXT_REPLY])
    letters = message("Hello-µ@ßöäüàá-UTF-8!!".encode())
    for index, size in enumerate((len(letters), 25, 1), 1):
        yield Case(f"6.2.{index}", [fragments(TEXT, letters, size)], [TEXT_REPLY])
    yield Case("6.2.4", [fragments(TEXT, message(KOSME), 1)], [TEXT_REPLY])
    wrong = message(KOSME + b"\xed\xa0\x80edited")
    yield Case("6.3.1", [frame(TEXT, wrong)], fails=NOT_UTF8)
    yield Case("6.3.2", [fragments(TEXT, wrong, 1)], fails=NOT_UTF8)
    # Refused as soon as it is wrong, though the message, or its frame, is never completed.
    start = frame(TEXT, BEFORE + KOSME, end=False)
    yield Case("6.4.1", [start, frame(CONTINUATION, b"\xf4\x90\x80\x80", end=False)], fails=NOT_UTF8)
    cut = frame(TEXT, BEFORE + KOSME + b"\xf4", end=False)
    yield Case("6.4.2", [cut, frame(CONTINUATION, b"\x90", end=False)], fails=NOT_UTF8)
    unfinished = frame(TEXT, message(KOSME + b"\xf4\x90\x80\x80edited"))
    for index, missing in ((3, len(b"edited" + BEHIND)), (4, len(b"\x80\x80edited" + BEHIND))):
        yield Case(f"6.4.{index}", [unfinished[:-missing]], fails=NOT_UTF8)
    for section, texts in VALID_UTF8.items():
        for index, text in enumerate(texts, 1):
            yield Case(f"6.{section}.{index}", [frame(TEXT, message(text))], [TEXT_REPLY])
    for section, texts in INVALID_UTF8.items():
        for index, text in enumerate(texts, 1):
            yield Case(f"6.{section}.{index}", [frame(TEXT, message(text))], fails=NOT_UTF8)


def closing():
    good, close = frame(TEXT, message()), frame(CLOSE, NORMAL)
    yield Case("7.1.1", [good], [TEXT_REPLY])
    yield Case("7.1.2", [close + close], fails={1000})
    yield Case("7.1.3", [close + frame(PING)], fails={1000})
    yield Case("7.1.4", [close + good], fails={1000})
    yield Case("7.1.5", [frame(TEXT, BEFORE, end=False) + close + frame(CONTINUATION, BEHIND)], fails={1000})
    long_text = frame(TEXT, long_message(256 * KIB))
    yield Case("7.1.6", [long_text + good + close + frame(PING)], [TEXT_REPLY] * 2, {1000})
    for index, payload in enumerate((b"", b"a", NORMAL, NORMAL + b"Hello", NORMAL + b"*" * 123, NORMAL + b"*" * 124), 1):
        codes = {1: {1000, 1005}, 2: PROTOCOL_ERROR, 6: PROTOCOL_ERROR}.get(index, {1000})
        yield Case(f"7.3.{index}", [frame(CLOSE, payload)], fails=codes)
    wrong = NORMAL + KOSME + b"\xf4\x90\x80\x80"
    yield Case("7.5.1", [frame(CLOSE, wrong)], fails=PROTOCOL_ERROR | NOT_UTF8)
    valid = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    for index, code in enumerate(valid, 1):
        yield Case(f"7.7.{index}", [frame(CLOSE, struct.pack("!H", code))], fails={code, 1000})
    for index, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
        yield Case(f"7.9.{index}", [frame(CLOSE, struct.pack("!H", code))], fails=PROTOCOL_ERROR)
    for index, code in enumerate((5000, 65535), 1):  # undefined: any end is right
        yield Case(f"7.13.{index}", [frame(CLOSE, struct.pack("!H", code))], fails={code, 1000} | PROTOCOL_ERROR)


def limits():
    for group, opcode, content, reply in ((0, TEXT, long_message, TEXT_REPLY), (1, BINARY, bytes, AUDIO_REPLY)):
        for index, size in enumerate((64 * KIB, 256 * KIB, MIB), 1):
            yield Case(f"9.{1 + group}.{index}", [frame(opcode, content(size))], [reply])
        for index, size in enumerate((4 * MIB, 8 * MIB, 16 * MIB), 4):
            yield Case(f"9.{1 + group}.{index}", [frame(opcode, content(size))], fails=TOO_LONG)
        sizes = (64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB)
        for index, size in enumerate(sizes, 1):
            if size < MIB:
                yield Case(f"9.{3 + group}.{index}", [fragments(opcode, content(MIB), size)], [reply])
            yield Case(f"9.{3 + group}.{index} too long", [fragments(opcode, content(4 * MIB), size)], fails=TOO_LONG)
        for index, size in enumerate((64, 128, 256, 512, KIB, 2 * KIB), 1):
            yield Case(f"9.{5 + group}.{index}", pieces(frame(opcode, content(MIB)), size), [reply])
        for index, size in enumerate((0, 16, 64, 256, KIB, 4 * KIB), 1):
            payload = message(b"*" * size) if opcode == TEXT else bytes(size)
            yield Case(f"9.{7 + group}.{index}", [frame(opcode, payload)] * 250, [reply] * 250)


def automatic_fragmentation():
    yield Case("10.1.1", [fragments(TEXT, long_message(64 * KIB), 1300)], [TEXT_REPLY])


def beyond_the_suite():
    yield Case("X.1", [frame(TEXT, message(), mask=False)], fails=PROTOCOL_ERROR)
    yield Case("X.2", [frame(TEXT, message(), length_bytes=2)], fails=PROTOCOL_ERROR)  # longer than needed
    for index, length in enumerate(((1 << 63) - 1, 1 << 63, (1 << 64) - 1), 3):
        head = b"\x82\xff" + length.to_bytes(8, "big") + bytes(4)
        yield Case(f"X.{index}", [head], fails=PROTOCOL_ERROR | TOO_LONG)


SECTIONS = (framing, pings_and_pongs, reserved_bits, reserved_opcodes, fragmentation, utf8, closing, limits)
SECTIONS += (automatic_fragmentation, beyond_the_suite)


def main():
    port, chosen = int(sys.argv[1]), tuple(sys.argv[2:])
    failed_count = 0
    for section in SECTIONS:
        cases = [case for case in section() if not chosen or case.number.startswith(chosen)]
        failed = 0
        for case in cases:
            try:
                run(case, port)
            except Exception as error:  # whatever it is, the other cases are run
                print(f"FAILED {case.number}: {type(error).__name__}: {str(error)[:200]}", flush=True)
                failed += 1
        print(f"{section.__name__}: {len(cases) - failed} of {len(cases)} cases", flush=True)
        failed_count += failed
    return 1 if failed_count else 0


if __name__ == "__main__":
    sys.exit(main())
