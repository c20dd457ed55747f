#!/usr/bin/env python3
"""Rare words of development sets: words.py choose LM MANIFEST… FOLDER, or words.py count RARE REFERENCES HYPOTHESES.

choose writes FOLDER/rare, the rarest words of the references, and FOLDER/vocabulary, the model's other words.
count says how often the rare words were found where they were said, and where they were not.
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


def count(rare, references, hypotheses):
    rare = set(open(rare).read().split())
    heard = texts(hypotheses)
    said = found = false = 0
    for key, reference in texts(references).items():
        there = collections.Counter(word for word in reference if word in rare)
        got = collections.Counter(word for word in heard[key] if word in rare)
        hits = sum((there & got).values())
        said += sum(there.values())
        found += hits
        false += sum(got.values()) - hits
    return f"{found} of {said} found, {false} false"


if len(sys.argv) >= 5 and sys.argv[1] == "choose":
    choose(sys.argv[2], sys.argv[3:-1], sys.argv[-1])
elif len(sys.argv) == 5 and sys.argv[1] == "count":
    print(count(*sys.argv[2:]))
else:
    sys.exit(__doc__)
