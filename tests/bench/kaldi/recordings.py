"""Recordings of a manifest with what is said in them, and how many words another text has wrong."""

import json


class Recordings:
    """The lines of a manifest whose recordings are WAV files (`id`, `audio`, `duration_s`, `text`)."""

    def __init__(self, manifest):
        with open(manifest) as lines:
            self.lines = [json.loads(line) for line in lines]
        self.seconds = sum(line["duration_s"] for line in self.lines)

    def error_rate(self, texts):
        """Per cent of the words that are wrong in the texts of all recordings, in their order."""
        references = [line["text"].lower().split() for line in self.lines]
        errors = sum(word_errors(text.lower().split(), reference)
                     for text, reference in zip(texts, references))
        return 100 * errors / sum(map(len, references))


def word_errors(words, reference):
    """The least insertions, deletions and substitutions between two lists of words."""
    row = list(range(len(reference) + 1))
    for word in words:
        diagonal, row[0] = row[0], row[0] + 1
        for index, expected in enumerate(reference, 1):
            step = min(row[index] + 1, row[index - 1] + 1, diagonal + (word != expected))
            diagonal, row[index] = row[index], step
    return row[-1]
