"""How long behind its last word an utterance is final: a recording with pauses, in audio time.

    PYTHONPATH=build/release/python /usr/bin/python3 tests/bench/endpoint_latency.py MODEL RECORDING.wav

The recording is 16-bit PCM. It comes in pieces of 0.1 s; the machine's speed plays no part.
"""

import sys
import threading
import wave

import numpy as np

import harpy

PIECE_S = 0.1
QUANTILES = (0.1, 0.5, 0.9, 0.99)


def latencies_s(model, path):
    with wave.open(path) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    session = harpy.Recognizer(harpy.Model(model)).open(sample_rate=rate)
    piece = int(PIECE_S * rate)

    def speak():
        for begin in range(0, len(samples), piece):
            session.push(samples[begin : begin + piece])
        session.finish()

    threading.Thread(target=speak).start()
    return [
        event.end - event.words[-1].end
        for event in session
        if event.kind == "final" and event.words
    ]


def main():
    latencies = sorted(latencies_s(*sys.argv[1:3]))
    shown = ", ".join(
        f"{100 * part:.0f} %: {latencies[int(part * len(latencies))]:.2f} s" for part in QUANTILES
    )
    print(f"{len(latencies)} utterances are final behind the end of their last word within {shown}")


if __name__ == "__main__":
    main()
