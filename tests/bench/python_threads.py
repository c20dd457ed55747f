"""How well threads of Python use the machine's cores: the same decoding by one thread and by several.

    PYTHONPATH=build/release/python /usr/bin/python3 tests/bench/python_threads.py [THREADS]

prints for each number of threads the seconds, and how many cores were busy on average (processor time by time): 1.0
for one thread, and as many as threads if none waits for another.
"""

import pathlib
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools/python"))
from conftest import scores_of, write_letters  # noqa: E402

import harpy  # noqa: E402

UTTERANCES = 40


def measure(decoder, scores, thread_count):
    def work():
        for _ in range(UTTERANCES):
            decoder.decode(scores)

    threads = [threading.Thread(target=work) for _ in range(thread_count)]
    wall, processor = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    utterances = UTTERANCES * thread_count
    print(f"{thread_count} threads: {utterances} utterances in {wall:.2f} s, {processor / wall:.2f} cores busy")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    write_letters(folder)
    decoder = harpy.Decoder(harpy.Graph.compile(folder / "lm.arpa", folder / "tokens.txt"), lattice=True)
scores = scores_of("|".join(["ab", "b"] * 2000))
for thread_count in (1, int(sys.argv[1]) if len(sys.argv) > 1 else 2):
    measure(decoder, scores, thread_count)
