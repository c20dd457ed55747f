"""What recordings that come as fast as they are taken cost live streams of the same harpy serve.

    tests/bench/serving/beside_recordings.py HARPY SERVE_BENCH RECORDING.wav… [-- OPTION…]

Lets serve_bench measure 8 live streams alone and then beside 16 clients that send the RECORDINGs
without pacing, over and over, twice in turns. OPTIONs go to `harpy serve`.
"""

import subprocess
import sys
import tempfile
import threading

from serve_process import ServeProcess, VoskClient, read_recording

LIVE_STREAMS = 8
UNPACED_CLIENTS = 16
FRAME_MS = 100
PART_BYTES = 8000
LIMITS = [f"--max-{name}" for name in ("sessions", "sessions-per-address", "connections",
                                        "connections-per-address", "requests", "load")]


class UnpacedClients:
    """Clients that send recordings as fast as the server takes them, until the context ends."""

    def __init__(self, port, recordings):
        self.port = port
        self.recordings = recordings
        self.ended = threading.Event()
        self.done_s = [0.0] * UNPACED_CLIENTS
        self.threads = [threading.Thread(target=self._run, args=(index,))
                        for index in range(UNPACED_CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _run(self, index):
        while not self.ended.is_set():
            rate, samples = self.recordings[index % len(self.recordings)]
            client = VoskClient(self.port, rate, timeout_s=600)
            for at in range(0, len(samples), PART_BYTES):
                if self.ended.is_set():
                    break
                client.send_audio(samples[at : at + PART_BYTES])
                client.receive()
                self.done_s[index] += PART_BYTES / 2 / rate
            client.close()


def main():
    arguments = sys.argv[1:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    if end < 3:
        raise SystemExit(__doc__)
    harpy, bench, *paths = arguments[:end]
    options = arguments[end + 1 :]
    recordings = [read_recording(path) for path in paths]
    limits = [part for limit in LIMITS for part in (limit, "1000")]
    with tempfile.NamedTemporaryFile() as log, ServeProcess(harpy, log.name, [*limits, *options]) as server:
        measure = [bench, str(server.port), str(LIVE_STREAMS), str(FRAME_MS), *paths]
        subprocess.run([bench, str(server.port), "1", str(FRAME_MS), paths[0]], check=True,
                       stdout=subprocess.DEVNULL)  # what is needed once is there
        for _ in range(2):
            print(f"{LIVE_STREAMS} live streams alone:", flush=True)
            subprocess.run(measure, check=True)
            print(f"{LIVE_STREAMS} beside {UNPACED_CLIENTS} unpaced clients:", flush=True)
            with UnpacedClients(server.port, recordings) as others:
                subprocess.run(measure, check=True)
                print(f"({sum(others.done_s):.0f} s of recordings were done beside)", flush=True)


main()
