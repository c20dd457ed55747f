"""A running harpy serve, seen from outside, and clients of it without other libraries."""

import base64
import http.client
import os
import re
import socket
import struct
import subprocess
import time
import wave

START_S = 120


class ServeProcess:
    """`harpy serve` with a log in a file; ends with the object's context."""

    def __init__(self, harpy, log_path, options=()):
        self.log_path = log_path
        self.log = open(log_path, "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [harpy, "serve", "--port", "0", *options], stderr=self.log, stdin=subprocess.DEVNULL
        )
        self.port = self._port_behind("listening on 127.0.0.1 port ")
        self.admin_port = self._port_behind("health, status .*port ")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """Lets it drain; its exit code."""
        self.process.terminate()
        return self.process.wait(180)

    def log_text(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def descriptor_count(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def metric(self, name):
        """The sum of a metric over its labels; 0 if it is not there."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=30)
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
        connection.close()
        lines = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE)
        return sum(float(value) for value in lines)

    def _port_behind(self, pattern):
        for _ in range(10 * START_S):
            found = re.search(pattern + r"(\d+)", self.log_text())
            if found:
                return int(found[1])
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"harpy serve does not start:\n{self.log_text()}")


class VoskClient:
    """A client of Vosk's protocol over WebSocket (RFC 6455), which waits for each reply."""

    def __init__(self, port, sample_rate_hz, timeout_s=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            self._receive_more()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        self.send_text('{"config": {"sample_rate": %d}}' % sample_rate_hz)

    def send_text(self, text):
        self._send(1, text.encode())

    def send_audio(self, data):
        self._send(2, data)

    def receive(self):
        """The next text; None if the server closes in place of it."""
        while True:
            opcode, payload = self._frame()
            if opcode == 1:
                return payload.decode()
            if opcode == 8:
                return None
            if opcode == 9:
                self._send(10, payload)

    def close(self):
        self.socket.close()

    def _send(self, opcode, payload):
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        self.socket.sendall(head + bytes(4) + payload)  # masked with zeros

    def _frame(self):
        head = self._take(2)
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8))[0]
        return head[0] & 0x0F, self._take(size)

    def _take(self, size):
        while len(self.received) < size:
            self._receive_more()
        taken, self.received = self.received[:size], self.received[size:]
        return taken

    def _receive_more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server has closed the connection")
        self.received += piece


def read_recording(path):
    """Sample rate and the bytes of a WAV file of 16 bits and one channel."""
    with wave.open(path) as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            raise SystemExit(f"{path}: expected 16 bits and one channel")
        return file.getframerate(), file.readframes(file.getnframes())
