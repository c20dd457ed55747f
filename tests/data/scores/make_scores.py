#!/usr/bin/env python3
"""Writes the scores of small networks and what must be read and decoded from them. Knows nothing of Harpy.

    python3 tests/data/scores/make_scores.py        (Debian's python3-numpy)

Folders `letters`, `pieces` and `phones`: log-probabilities of made networks (a random weight matrix over made
inputs that say a sentence, then log_softmax), with `answers.json`: for each utterance the cheapest word sequence and
its cost (and the next three), found by trying every sequence of up to three to five words: the best alignment
(Viterbi) of each of its spellings, plus the language model's cost by the cheapest way of backing off.
Folder `kinds`: one small matrix in every kind of file that can be read, with `values.json`: what each must give.
"""
import itertools
import json
import math
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).parent
LN10 = math.log(10.0)
INFINITY = float("inf")

WORDS = ["cat", "cats", "at", "act", "tacs"]
ARPA = """\\data\\
ngram 1=7
ngram 2=8

\\1-grams:
-99 <s> -0.3
-0.9 </s>
-0.6 cat -0.2
-0.8 cats -0.1
-0.7 at -0.25
-1.0 act -0.15
-1.1 tacs

\\2-grams:
-0.4 <s> cat
-0.9 <s> at
-0.5 cat at
-0.7 cat </s>
-0.3 at act
-0.6 cats </s>
-0.8 act cat
-0.5 act </s>

\\end\\
"""


def read_arpa(text):
    probabilities, backoffs, order = {}, {}, 0
    for line in text.splitlines():
        if line.endswith("-grams:"):
            order = int(line[1])
        elif order and line and not line.startswith("\\"):
            fields = line.split()
            ngram = tuple(fields[1:1 + order])
            probabilities[ngram] = float(fields[0]) * LN10
            backoffs[ngram] = float(fields[1 + order]) * LN10 if len(fields) > 1 + order else 0.0
    return probabilities, backoffs


def sentence_cost(words, model):
    """The cheapest way through the model's graph: any word may be predicted after backing off."""
    probabilities, backoffs = model
    cost, before = 0.0, "<s>"
    for word in list(words) + ["</s>"]:
        choices = [-probabilities[(word,)] - backoffs[(before,)]]
        if (before, word) in probabilities:
            choices.append(-probabilities[(before, word)])
        cost += min(choices)
        before = word
    return cost


def ctc_cost(log_probabilities, labels, blank, separator):
    """The best alignment of labels: blanks between them, needed between equal ones. A separator may come again after
    the blank behind it."""
    states = [blank]
    for label in labels:
        states += [label, blank]
    costs = [INFINITY] * len(states)
    for t, frame in enumerate(log_probabilities):
        before = costs
        costs = []
        for i, label in enumerate(states):
            best = before[i] if t else (0.0 if i < 2 else INFINITY)
            if t and i > 0:
                best = min(best, before[i - 1])
            if t and i > 1 and label != blank and label != states[i - 2]:
                best = min(best, before[i - 2])
            if t and label == separator:
                best = min(best, before[i + 1])
            costs.append(best - float(frame[label]))
    return min(costs[-2:]) if labels else costs[0]


def hmm_cost(log_likelihoods, labels):
    """The best alignment of labels of one or more frames each."""
    costs = [INFINITY] * len(labels)
    for t, frame in enumerate(log_likelihoods):
        before = costs
        costs = []
        for i, label in enumerate(labels):
            best = before[i] if t else (0.0 if i == 0 else INFINITY)
            if t and i > 0:
                best = min(best, before[i - 1])
            costs.append(best - float(frame[label]))
    return costs[-1] if labels else INFINITY


def spellings_in_pieces(word, pieces):
    def split(text):
        if not text:
            yield ()
        for piece in pieces:
            if text.startswith(piece):
                for rest in split(text[len(piece):]):
                    yield (piece,) + rest
    return list(split("\u2581" + word))


def with_separators(words):
    """What networks of letters may put out: separators between words, perhaps some at the ends."""
    letters = list("|".join(words))
    for left, right in itertools.product([[], ["|"]], repeat=2):
        yield left + letters + right


def letters_of(words):
    return [tuple(way) for way in with_separators(words)] if words else [(), ("|",)]


def best_sequences(cost_of_labels, label_sequences, model, longest):
    """The cheapest word sequences, of up to so many words."""
    found = []
    for count in range(longest + 1):
        for words in itertools.product(WORDS, repeat=count):
            acoustic = min((cost_of_labels(way) for way in label_sequences(words)), default=INFINITY)
            if acoustic < INFINITY:
                found.append((acoustic + sentence_cost(words, model), " ".join(words)))
    found.sort()
    assert found[1][0] - found[0][0] > 1e-3, "tied"
    return [{"text": text, "cost": round(cost, 6)} for cost, text in found[:4]]


def network_outputs(random, labels, column_count, blank, has_blank):
    """log_softmax of a linear layer over inputs that hint at the labels."""
    frames = []
    for label in labels:
        frames += [label] * int(random.integers(1, 3) if has_blank else random.integers(2, 5))
        if has_blank:
            frames += [blank] * int(random.integers(0 if len(set(labels)) == len(labels) else 1, 3))
    inputs = np.eye(column_count)[frames] * 3.0 + random.normal(size=(len(frames), column_count))
    weights = np.eye(column_count) + 0.2 * random.normal(size=(column_count, column_count))
    logits = inputs @ weights
    logits -= logits.max(axis=1, keepdims=True)
    return (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)


def write_corpus(folder, seed, tokens, blank, labels_of_words, topology, longest):
    random = np.random.default_rng(seed)
    model = read_arpa(ARPA)
    column_of = {token: column for column, token in enumerate(tokens)}
    (HERE / folder).mkdir(exist_ok=True)
    (HERE / folder / "lm.arpa").write_text(ARPA)
    scores, answers = {}, {}
    for i in range(6):
        words = [WORDS[k] for k in random.integers(0, len(WORDS), size=i % 3 + 1)]
        ways = labels_of_words(words)
        spoken = [column_of[token] for token in ways[int(random.integers(len(ways)))]]
        outputs = network_outputs(random, spoken, len(tokens), blank, topology == "ctc")
        if topology != "ctc":
            outputs = outputs - np.float32(-1.5)  # less the logarithm of a prior: above 0 in places

        def cost(way, outputs=outputs):
            columns = [column_of[token] for token in way]
            if topology == "ctc":
                return ctc_cost(outputs, columns, blank, column_of.get("|"))
            return hmm_cost(outputs, columns)
        scores[f"u{i}"] = outputs
        answers[f"u{i}"] = best_sequences(cost, labels_of_words, model, longest)
    np.savez(HERE / folder / "scores.npz", **scores)
    (HERE / folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


def write_letters():
    tokens = ["<blk>", "|", "a", "c", "s", "t"]
    write_corpus("letters", 1, tokens, 0, letters_of, "ctc", 4)
    (HERE / "letters/tokens.txt").write_text("\n".join(tokens) + "\n")


def write_pieces():
    pieces = ["<unk>", "\u2581", "\u2581c", "\u2581cat", "at", "a", "c", "t", "s", "ts", "\u2581a", "ct", "\u2581ta"]
    write_corpus("pieces", 2, pieces + ["<blk>"], len(pieces), lambda words: [
        sum(ways, ()) for ways in itertools.product(*(spellings_in_pieces(word, pieces) for word in words))], "ctc", 3)
    ids = sorted(enumerate(pieces), key=lambda entry: entry[1])  # in any order
    (HERE / "pieces/tokens.txt").write_text("".join(f"{piece} {i}\n" for i, piece in ids))


def write_phones():
    phones = ["AE", "K", "S", "T"]
    lexicon = {"cat": "K AE T", "cats": "K AE T S", "at": "AE T", "act": "AE K T", "tacs": "T AE K S"}
    write_corpus("phones", 3, phones, None, lambda words: [
        sum((tuple(lexicon[word].split()) for word in words), ())], "one-state", 5)
    (HERE / "phones/tokens.txt").write_text("\n".join(phones) + "\n")
    (HERE / "phones/lexicon.txt").write_text("".join(f"{word} {way}\n" for word, way in lexicon.items()))


def sized(number):
    return b"\x04" + struct.pack("<i", number)


def compressed(matrix, form):
    """Kaldi's compressed matrices, and the values that they stand for."""
    rows, columns = matrix.shape
    least, size = np.float32(matrix.min()), np.float32(matrix.max() - matrix.min())
    header = struct.pack("<ffii", least, size, rows, columns)
    if form == 1:
        levels = np.sort(matrix, axis=0)[[0, rows // 4, 3 * (rows // 4), rows - 1]]
        codes = np.round((levels - least) / size * 65535).astype("<u2")
        places = least + size * codes.astype(np.float32) / np.float32(65535)
        body, values = b"", np.zeros_like(matrix)
        for column in range(columns):
            p = places[:, column]
            code = np.arange(256)
            grid = np.where(code <= 64, p[0] + (p[1] - p[0]) * code.astype(np.float32) / np.float32(64),
                            np.where(code <= 192,
                                     p[1] + (p[2] - p[1]) * (code - 64).astype(np.float32) / np.float32(128),
                                     p[2] + (p[3] - p[2]) * (code - 192).astype(np.float32) / np.float32(63)))
            nearest = np.abs(grid[None, :] - matrix[:, column][:, None]).argmin(axis=1)
            body += nearest.astype("u1").tobytes()
            values[:, column] = grid[nearest]
        return b"CM " + header + codes.T.tobytes() + body, values
    largest = 65535 if form == 2 else 255
    codes = np.round((matrix - least) / size * largest).astype("<u2" if form == 2 else "u1")
    values = least + size * (codes.astype(np.float32) / np.float32(largest))
    return f"CM{form} ".encode() + header + codes.tobytes(), values


def safetensors(arrays):
    """arrays: name -> (type, shape, bytes)."""
    header, offset = {"__metadata__": {"made": "by a script"}}, 0
    for name, (kind, shape, data) in arrays.items():
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in arrays.values())


def write_kinds():
    folder = HERE / "kinds"
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(4)
    matrix = -random.gamma(1.0, 3.0, size=(7, 5)).astype(np.float32)
    values = {}

    def expect(name, utterance, got):
        values.setdefault(name, {})[utterance] = [[float(v) for v in row] for row in np.asarray(got, np.float32)]

    for name, array in {
        "float32.npy": matrix, "float16.npy": matrix.astype(np.float16), "float64.npy": matrix.astype(np.float64),
        "big-endian.npy": matrix.astype(">f4"), "big-endian-double.npy": matrix.astype(">f8"),
        "fortran.npy": np.asfortranarray(matrix), "fortran-half.npy": np.asfortranarray(matrix.astype(np.float16)),
    }.items():
        np.save(folder / name, array)
        expect(name, name[:-4], array)
    np.save(folder / "batch.npy", matrix[None])
    expect("batch.npy", "batch", matrix)
    for version in (2, 3):
        with open(folder / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, matrix, version=(version, 0))
        expect(f"version{version}.npy", f"version{version}", matrix)
    np.savez(folder / "stored.npz", first=matrix, second=matrix[:3].astype(np.float16))
    np.savez_compressed(folder / "deflated.npz", first=matrix, second=matrix[:3].astype(np.float16))
    for name in ("stored.npz", "deflated.npz"):
        expect(name, "first", matrix)
        expect(name, "second", matrix[:3].astype(np.float16))

    upper = (matrix.view(np.uint32) >> 16).astype("<u2")
    (folder / "all.safetensors").write_bytes(safetensors({
        "f32": ("F32", matrix.shape, matrix.tobytes()), "f64": ("F64", matrix.shape, matrix.astype("<f8").tobytes()),
        "f16": ("F16", matrix.shape, matrix.astype("<f2").tobytes()), "bf16": ("BF16", matrix.shape, upper.tobytes()),
        "batch": ("F32", (1,) + matrix.shape, matrix.tobytes())}))
    for name in ("f32", "f64", "batch"):
        expect("all.safetensors", name, matrix)
    expect("all.safetensors", "f16", matrix.astype(np.float16))
    expect("all.safetensors", "bf16", (upper.astype(np.uint32) << 16).view(np.float32))

    archive = b"float \0BFM " + sized(7) + sized(5) + matrix.tobytes()
    archive += b"double \0BDM " + sized(7) + sized(5) + matrix.astype("<f8").tobytes()
    expect("binary.ark", "float", matrix)
    expect("binary.ark", "double", matrix)
    for form in (1, 2, 3):
        data, decoded = compressed(matrix, form)
        archive += f"compressed{form} ".encode() + b"\0B" + data
        expect("binary.ark", f"compressed{form}", decoded)
    (folder / "binary.ark").write_bytes(archive)
    text = ""
    for name, rows in (("seven", matrix), ("one", matrix[:1])):
        text += name + "  [\n" + "\n".join("  " + " ".join(repr(float(v)) for v in row) for row in rows) + " ]\n"
        expect("text.ark", name, rows)
    (folder / "text.ark").write_text(text)
    (folder / "values.json").write_text(json.dumps(values) + "\n")


if __name__ == "__main__":
    write_letters()
    write_pieces()
    write_phones()
    write_kinds()
