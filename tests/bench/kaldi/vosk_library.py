#!/usr/bin/env python3
"""The same program with Vosk's library, which is Kaldi's decoder, and with Harpy's in its place.

    tests/bench/kaldi/vosk_library.py THEIRS.so OURS.so MODEL MANIFEST [ROUNDS]

MODEL is a folder of Vosk's, MANIFEST has a WAV file a line at the rate of the model. Each library recognises all recordings one after another on one core, in a
process of its own, and they take turns for ROUNDS (3). Prints the medians of the CPU seconds for a
second of audio, their ratio, word errors, and what a recognizer that is in the middle of a recording
adds to the process's memory.
"""

import ctypes
import json
import os
import statistics
import subprocess
import sys
import time
import wave

from recordings import Recordings

PIECE_FRAMES = 4000  # of Vosk's own examples
RECOGNIZERS = 16  # open at once while memory is measured
FIRST_RECORDINGS = 4  # recognised before, so that what all recognizers share is there


class Library:
    """The functions of vosk_api.h that a client needs."""

    def __init__(self, path):
        self.functions = ctypes.CDLL(path)
        for name in ("vosk_model_new", "vosk_recognizer_new"):
            getattr(self.functions, name).restype = ctypes.c_void_p
        for name in ("result", "partial_result", "final_result"):
            getattr(self.functions, "vosk_recognizer_" + name).restype = ctypes.c_char_p
        self.functions.vosk_set_log_level(-1)

    def open_model(self, path):
        model = ctypes.c_void_p(self.functions.vosk_model_new(path.encode()))
        if not model:
            sys.exit(f"{path}: the library cannot load it")
        return model

    def open_recognizer(self, model, rate):
        return ctypes.c_void_p(self.functions.vosk_recognizer_new(model, ctypes.c_float(rate)))

    def close_recognizer(self, recognizer):
        self.functions.vosk_recognizer_free(recognizer)

    def accept(self, recognizer, piece):
        """Gives a piece of audio; the words of an utterance that ended with it."""
        if self.functions.vosk_recognizer_accept_waveform(recognizer, piece, len(piece)) == 1:
            return text_of(self.functions.vosk_recognizer_result(recognizer))
        self.functions.vosk_recognizer_partial_result(recognizer)
        return []

    def finish(self, recognizer):
        return text_of(self.functions.vosk_recognizer_final_result(recognizer))


def text_of(result):
    return json.loads(result)["text"].split()


def read_pieces(path):
    """The rate of a recording, and its samples in pieces."""
    with wave.open(path) as recording:
        rate = recording.getframerate()
        pieces = []
        while piece := recording.readframes(PIECE_FRAMES):
            pieces.append(piece)
    return rate, pieces


def resident_mb():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def recognize(library, model, path):
    rate, pieces = read_pieces(path)
    recognizer = library.open_recognizer(model, rate)
    words = [word for piece in pieces for word in library.accept(recognizer, piece)]
    words += library.finish(recognizer)
    library.close_recognizer(recognizer)
    return words


def recognizer_mb(library, model, paths):
    """What each of several recognizers takes whose recordings are about to end."""
    recordings = [read_pieces(paths[index % len(paths)]) for index in range(RECOGNIZERS)]
    before = resident_mb()
    recognizers = [library.open_recognizer(model, rate) for rate, _ in recordings]
    for recognizer, (_, pieces) in zip(recognizers, recordings):
        for piece in pieces:
            library.accept(recognizer, piece)
    taken = resident_mb() - before
    for recognizer in recognizers:
        library.close_recognizer(recognizer)
    return taken / RECOGNIZERS


def run_client(path, model_path, manifest):
    """The process of one library: prints what it measured as JSON."""
    paths = [line["audio"] for line in Recordings(manifest).lines]
    library = Library(path)
    model = library.open_model(model_path)
    for path in paths[:FIRST_RECORDINGS]:
        recognize(library, model, path)
    begun = time.process_time()
    texts = [" ".join(recognize(library, model, path)) for path in paths]
    cpu_s = time.process_time() - begun
    memory_mb = recognizer_mb(library, model, paths)
    print(json.dumps({"cpu_s": cpu_s, "texts": texts, "recognizer_mb": memory_mb}))


def main():
    theirs, ours, model, manifest = sys.argv[1:5]
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    recordings = Recordings(manifest)
    measured = {theirs: [], ours: []}
    for _ in range(rounds):
        for library in measured:
            command = [sys.executable, __file__, "--client", library, model, manifest]
            measured[library].append(json.loads(subprocess.check_output(command)))

    def median(library, name):
        return statistics.median(result[name] for result in measured[library])

    print(f"{len(recordings.lines)} recordings, {recordings.seconds:.0f} s, one core, {rounds} rounds")
    for library, results in measured.items():
        print(f"{library}: {median(library, 'cpu_s') / recordings.seconds:.4f} s of CPU for a second "
              f"of audio, {recordings.error_rate(results[0]['texts']):.2f} % of the words wrong, "
              f"{median(library, 'recognizer_mb'):.2f} MB a recognizer")
    same = sum(map(lambda a, b: a == b, measured[theirs][0]["texts"], measured[ours][0]["texts"]))
    print(f"{median(theirs, 'cpu_s') / median(ours, 'cpu_s'):.2f} times as fast, "
          f"{median(theirs, 'recognizer_mb') / median(ours, 'recognizer_mb'):.1f} times less memory; "
          f"the same words in {same} recordings")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        run_client(*sys.argv[2:5])
    else:
        main()
