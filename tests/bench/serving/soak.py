"""Lets all kinds of clients, good and bad, use harpy serve for a long time.

    tests/bench/serving/soak.py HARPY RECORDING.wav [MINUTES [OPTION…]]

For MINUTES (30): streams in real time, recordings faster than that, uploads (mono and with their
channels apart), clients that vanish, fall silent, break the rules or only connect; a SIGHUP each
minute. Every answer must be the one that the first stream got. Prints a line each half minute. Ends
with code 1 if an answer was wrong, memory or file descriptors grew from the first third to the last
one by more than they may, or the server did not end well.
"""

import http.client
import json
import os
import random
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time

from serve_process import ServeProcess, VoskClient, read_recording

FRAME_S = 0.1
REPORT_S = 30.0
MOST_GROWTH_MB = 16.0
MOST_MORE_DESCRIPTORS = 8


class Soak:
    def __init__(self, server, rate, samples):
        self.server = server
        self.rate = rate
        self.samples = samples
        self.is_over = False
        self.lock = threading.Lock()
        self.counts = {}
        self.faults = []
        self.expected = self.stream(is_paced=False)

    def stream(self, is_paced, frames=None):
        """Streams the recording, or its beginning; the text of the whole one."""
        client = VoskClient(self.server.port, self.rate)
        frame_bytes = 2 * int(FRAME_S * self.rate)
        begun = time.monotonic()
        words = []
        for index, at in enumerate(range(0, len(self.samples), frame_bytes)):
            if index == frames:
                client.close()
                return None
            if is_paced:
                time.sleep(max(0.0, begun + index * FRAME_S - time.monotonic()))
            client.send_audio(self.samples[at : at + frame_bytes])
            words.append(json.loads(client.receive()).get("text", ""))
        client.send_text('{"eof": 1}')
        words.append(json.loads(client.receive()).get("text", ""))
        client.receive()
        client.close()
        return " ".join(text for text in words if text)

    def upload(self, channel_count):
        """Uploads the recording with the same in every channel; the text of the last one."""
        frames = [self.samples[at : at + 2] * channel_count for at in range(0, len(self.samples), 2)]
        path = (
            f"/v1/listen?encoding=linear16&sample_rate={self.rate}&channels={channel_count}"
            "&multichannel=true"
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        connection.request("POST", path, b"".join(frames), {"Content-Type": "audio/raw"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["results"]["channels"][-1]["alternatives"][0]["transcript"]

    def break_rules(self, chance):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as client:
            client.sendall(chance.choice([b"", b"GET / HT", b"\x16\x03\x01", os.urandom(200)]))
            if chance.random() < 0.5:
                client.shutdown(socket.SHUT_WR)
                client.recv(1000)

    def act(self, kind, chance):
        """Does one thing; the text that came of it, None for none."""
        if kind == "real time":
            return self.stream(is_paced=True)
        if kind == "unpaced":
            return self.stream(is_paced=False)
        if kind == "upload":
            return self.upload(chance.randint(1, 2))
        if kind == "vanishing":
            return self.stream(is_paced=False, frames=chance.randint(0, 20))
        if kind == "silent":
            client = VoskClient(self.server.port, self.rate)
            time.sleep(chance.uniform(0.0, 3.0))
            client.send_text("nonsense")
            client.receive()
            client.close()
            return None
        self.break_rules(chance)
        time.sleep(0.2)
        return None

    def go_on_with(self, kind, seed):
        chance = random.Random(seed)
        while not self.is_over:
            fault = ""
            try:
                text = self.act(kind, chance)
                if text is not None and text != self.expected:
                    fault = f"{kind}: got {text!r}"
            except (OSError, ValueError, KeyError) as error:
                # Whoever breaks rules is hung up on.
                fault = "" if kind == "rude" else f"{kind}: {error!r}"
            with self.lock:
                self.counts[kind] = self.counts.get(kind, 0) + 1
                if fault:
                    self.faults.append(fault)


def main():
    harpy, path = sys.argv[1:3]
    minutes = float(sys.argv[3]) if len(sys.argv) > 3 else 30.0
    kinds = ["real time"] * 8 + ["unpaced", "unpaced", "upload", "upload", "vanishing", "silent", "rude"]
    limits = ["--max-requests", "10000", "--max-load", "1000", "--allow-host", "localhost"]
    rate, samples = read_recording(path)
    looks = []
    with tempfile.NamedTemporaryFile("w") as log, ServeProcess(
        harpy, log.name, limits + sys.argv[4:]
    ) as server:
        soak = Soak(server, rate, samples)
        threads = [
            threading.Thread(target=soak.go_on_with, args=(kind, seed))
            for seed, kind in enumerate(kinds)
        ]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        while time.monotonic() - begun < 60.0 * minutes and server.process.poll() is None:
            time.sleep(REPORT_S)
            looks.append((server.resident_mb(), server.descriptor_count()))
            counts = ", ".join(f"{count} {kind}" for kind, count in sorted(soak.counts.items()))
            print(f"{time.monotonic() - begun:6.0f} s: {looks[-1][0]:.0f} MB, "
                  f"{looks[-1][1]} descriptors; {counts}; {len(soak.faults)} faults", flush=True)
            if len(looks) % 2 == 0:
                server.process.send_signal(signal.SIGHUP)
        soak.is_over = True
        for thread in threads:
            thread.join()
        exit_code = server.terminate()

    # Medians, for while models are loaded again both generations are there.
    third = max(1, len(looks) // 3)
    growth_mb, more = (
        statistics.median(column[-third:]) - statistics.median(column[:third])
        for column in zip(*looks)
    )
    for fault in soak.faults[:20]:
        print(fault)
    print(f"{len(soak.faults)} faults; from the first third to the last one {growth_mb:+.1f} MB and "
          f"{more:+.1f} descriptors; exit code {exit_code}")
    is_good = (not soak.faults and growth_mb <= MOST_GROWTH_MB and more <= MOST_MORE_DESCRIPTORS
               and exit_code == 0)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
