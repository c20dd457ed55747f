#!/usr/bin/env python3
"""Rare words of development sets: words.py choose LM MANIFEST… FOLDER, or words.py count FOLDER DATA NAME.

choose writes FOLDER/rare, the rarest words of the references, and FOLDER/vocabulary, the model's other words.
count says how often the rare words were found where they were said, and where they were not, and the word error rate.
"""
import collections
import gzip
import json
import sys

RARE_COUNT = 100
LEAST_LETTERS = 5


def choose(language_model, manifests, folder):
    probability = {}
    with gzip.open(language_model, "rt") as lines:
        for line in lines:
            if line.startswith("\\2-grams"):
                break
            fields = line.rstrip("\n").split("\t")
            if len(fields) >= 2:
                probability[fields[1]] = float(fields[0])
    said = set()
    for manifest in manifests:
        for line in open(manifest):
            said.update(json.loads(line)["text"].split())
    rare = sorted((w for w in said if w in probability and len(w) >= LEAST_LETTERS), key=lambda w: (probability[w], w))
    rare = set(rare[:RARE_COUNT])
    with open(f"{folder}/rare", "w") as out:
        out.writelines(word + "\n" for word in sorted(rare))
    with open(f"{folder}/vocabulary", "w") as out:
        out.writelines(word + "\n" for word in sorted(probability) if word not in rare and word[0] != "<")


def texts(path):
    return {item["id"]: item["text"].split() for item in map(json.loads, open(path))}


def distance(reference, hypothesis):
    row = list(range(len(hypothesis) + 1))
    for i, word in enumerate(reference, 1):
        last, row[0] = row[0], i
        for k, other in enumerate(hypothesis, 1):
            last, row[k] = row[k], min(row[k] + 1, row[k - 1] + 1, last + (word != other))
    return row[-1]


def count(folder, data, name):
    rare = set(open(f"{folder}/rare").read().split())
    said = found = false = errors = words = 0
    for part in ("dev", "dev-cv"):
        hypotheses = texts(f"{folder}/{name}-{part}.jsonl")
        for key, reference in texts(f"{data}/{part}.jsonl").items():
            heard = hypotheses[key]
            there = collections.Counter(w for w in reference if w in rare)
            got = collections.Counter(w for w in heard if w in rare)
            hits = sum((there & got).values())
            said += sum(there.values())
            found += hits
            false += sum(got.values()) - hits
            errors += distance(reference, heard)
            words += len(reference)
    return f"{found} of {said} found, {false} false, word errors {100 * errors / words:.2f} % of {words} words"


if len(sys.argv) >= 5 and sys.argv[1] == "choose":
    choose(sys.argv[2], sys.argv[3:-1], sys.argv[-1])
elif len(sys.argv) == 5 and sys.argv[1] == "count":
    print(count(*sys.argv[2:]))
else:
    sys.exit(__doc__)
