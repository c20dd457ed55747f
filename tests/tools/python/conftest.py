"""What the tests of the Python module share: the model of tones and recordings of its words.

In that model the word AN is a tone A, and AND a tone A and a tone B.
"""

import os
import subprocess
import sys
import threading
import wave

import numpy as np
import pytest

import harpy

RATE = 16000
A = (500.0, 0.2)
B = (3000.0, 0.2)
PAUSE = (0.0, 2.0)


def sounds(*stretches):
    """Stretches of tones, each (hertz, seconds), one after another."""
    parts = [0.3 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE) for hertz, seconds in stretches]
    return np.concatenate(parts).astype(np.float32)


def write_wave(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(as_integers(samples).tobytes())


def as_integers(samples):
    return np.round(samples * 32768).astype(np.int16)


def write_letters(folder, words=("ab", "b")):
    """Tokens, a language model of words spelled in them, and scores in which `ab`, `b` and `ab` are said."""
    (folder / "tokens.txt").write_text("<blank>\na\nb\n|\n")
    unigrams = "".join(f"-0.5\t{word}\n" for word in (*words, "</s>")) + "-99\t<s>\n"
    (folder / "lm.arpa").write_text(
        f"\\data\\\nngram 1={len(words) + 2}\n\n\\1-grams:\n{unigrams}\n\\end\\\n"
    )
    np.save(folder / "scores.npy", scores_of("ab|b|ab"))


def scores_of(text, tokens="_ab|"):
    """Log-probabilities in which each letter is said for two frames, with a blank behind it."""
    labels = [label for letter in text for label in (tokens.index(letter),) * 2 + (0,)]
    scores = np.full((len(labels), len(tokens)), np.log(0.01), np.float32)
    scores[np.arange(len(labels)), labels] = np.log(1 - 0.01 * (len(tokens) - 1))
    return scores


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    subprocess.check_call([os.environ["HARPY_WRITE_TONE_MODEL"], str(folder)])
    return folder


@pytest.fixture(scope="session")
def model(model_dir):
    return harpy.Model(model_dir)


@pytest.fixture(scope="session")
def recognizer(model):
    return harpy.Recognizer(model, workers=2)


@pytest.fixture(scope="session")
def graph(tmp_path_factory):
    folder = tmp_path_factory.mktemp("letters")
    write_letters(folder)
    return harpy.Graph.compile(folder / "lm.arpa", folder / "tokens.txt")


def runs_beside(call):
    """Whether another thread runs while `call` works. The interpreter does not switch by itself meanwhile, so the other
    thread can only run if the call releases the interpreter's lock. A short call may be over before the other thread
    wakes, so it is tried again."""
    gate = threading.Lock()
    gate.acquire()
    has_run = []

    def other():
        gate.acquire()
        has_run.append(True)

    thread = threading.Thread(target=other)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    try:
        thread.start()
        gate.release()
        for _ in range(100):
            call()
            if has_run:
                return True
        return False
    finally:
        sys.setswitchinterval(interval)
        thread.join()
