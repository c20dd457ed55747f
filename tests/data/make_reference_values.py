#!/usr/bin/env python3
"""Computes the reference values of this folder anew: python3 tests/data/make_reference_values.py

Nothing of Harpy is used, and nothing but Python's standard library, so that an error cannot stand on both sides.
- features/: log-mel energies and cepstra of a made signal, by their definitions in double precision.
- search/tiny/: a random graph, and for some utterances the exact best paths in integers (all costs are multiples of
  1/256). The files have the form of the larger golden decodings (README.md there).
"""
import cmath
import json
import math
import pathlib
import random
import struct
import zlib

HERE = pathlib.Path(__file__).parent


# --- Features --------------------------------------------------------------------------------------------------------

RATE = 16000
LENGTH = 400
SHIFT = 160
FFT = 512
FRAMES = 6


def signal(count):
    """Two gliding tones in a noise of integers: values a float holds exactly, full scale 1."""
    state, samples = 1, []
    for i in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        noise = (state >> 16) % 2001 - 1000
        tone = 9000 * math.sin(0.05 * i + 3e-5 * i * i) + 4000 * math.sin(1.1 * i)
        samples.append((round(tone) + noise) / 32768)
    return samples


def mel(hz):
    return 1127 * math.log(1 + hz / 700)


def mel_weights(bins, low, high):
    """Triangles of equal width in mel; weights are linear in mel, as HTK and Kaldi have them."""
    width = (mel(high) - mel(low)) / (bins + 1)
    rows = []
    for b in range(bins):
        left, centre, right = (mel(low) + (b + k) * width for k in range(3))
        row = []
        for k in range(FFT // 2):
            m = mel(k * RATE / FFT)
            inside = left < m < right
            row.append(0 if not inside else (m - left) / (centre - left) if m <= centre else (right - m) / (right - centre))
        rows.append(row)
    return rows


def power_spectrum(frame):
    mean = sum(frame) / len(frame)
    frame = [x - mean for x in frame]
    frame = [frame[i] - 0.97 * frame[max(i - 1, 0)] for i in range(len(frame))]
    frame = [x * (0.5 - 0.5 * math.cos(2 * math.pi * i / (LENGTH - 1))) ** 0.85 for i, x in enumerate(frame)]
    turns = [cmath.exp(-2j * math.pi * k / FFT) for k in range(FFT)]
    return [abs(sum(x * turns[i * k % FFT] for i, x in enumerate(frame))) ** 2 for k in range(FFT // 2)]


def log_mel(samples, bins, low, high):
    weights = mel_weights(bins, low, high)
    rows = []
    for t in range(FRAMES):
        power = power_spectrum([32768 * x for x in samples[t * SHIFT:t * SHIFT + LENGTH]])
        rows.append([math.log(sum(w * p for w, p in zip(row, power))) for row in weights])
    return rows


def cepstra(rows, count, lifter):
    """The orthonormal discrete cosine transform, liftered."""
    result = []
    for row in rows:
        n = len(row)
        values = []
        for c in range(count):
            norm = math.sqrt((1 if c == 0 else 2) / n)
            total = norm * sum(x * math.cos(math.pi / n * (j + 0.5) * c) for j, x in enumerate(row))
            values.append(total * (1 + 0.5 * lifter * math.sin(math.pi * c / lifter)))
        result.append(values)
    return result


def write_features():
    folder = HERE / "features"
    folder.mkdir(exist_ok=True)
    samples = signal((FRAMES - 1) * SHIFT + LENGTH)
    write = lambda name, rows: (folder / name).write_text(
        "".join(" ".join(f"{x:.7g}" for x in row) + "\n" for row in rows))
    (folder / "signal.txt").write_text("".join(f"{round(x * 32768)}\n" for x in samples))
    write("log_mel_80.txt", log_mel(samples, 80, 20, 8000))
    write("mfcc_13.txt", cepstra(log_mel(samples, 23, 20, 8000), 13, 22))


# --- Search ----------------------------------------------------------------------------------------------------------

STATES, PDFS, WORDS = 24, 6, 8
UNIT = 256  # costs are integers of this part
LATTICE_BEAM = 10 * UNIT


def random_graph(draw):
    """Arcs (source, input, output, cost, target); arcs without input lead to later states, so they make no cycle."""
    arcs = []
    for state in range(STATES):
        for _ in range(3):
            output = draw.randrange(1, WORDS + 1) if draw.random() < 0.3 else 0
            arcs.append((state, draw.randrange(1, PDFS + 1), output, draw.randrange(2 * UNIT), draw.randrange(STATES)))
        arcs.append((state, draw.randrange(1, PDFS + 1), 0, draw.randrange(UNIT), state))
        if state + 1 < STATES and draw.random() < 0.4:
            arcs.append((state, 0, draw.randrange(1, WORDS + 1) if draw.random() < 0.3 else 0, draw.randrange(2 * UNIT),
                         draw.randrange(state + 1, STATES)))
    finals = {state: draw.randrange(2 * UNIT) for state in range(STATES) if draw.random() < 0.5}
    return sorted(arcs), finals


def noise_64ths(seed, frame, pdf):
    mask = 2**64 - 1
    z = ((seed << 40) + (frame << 20) + pdf + 1) * 0x9E3779B97F4A7C15 & mask
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    z ^= z >> 31
    total = (z & 65535) + (z >> 16 & 65535) + (z >> 32 & 65535) + (z >> 48) - 131070
    return (total * 64 + 18918) // 37837


def scores_64ths(recipe):
    return [[0 if t in recipe["flat_frames"] else
             noise_64ths(recipe["seed"], t, p) + (recipe["boost_64ths"][t] if p == recipe["boost_pdf"][t] else 0)
             for p in range(PDFS)] for t in range(recipe["frames"])]


def exact_answer(arcs, finals, scores, scale_quarters):
    """All word sequences within the lattice beam of the best, each with its least cost, and the labels on best paths.

    `scale_quarters`: acoustic scale in quarters: a score of 1/64 costs as many units of 1/256.
    """
    frames, infinite = len(scores), math.inf
    emitting = [a for a in arcs if a[1] != 0]
    silent = [a for a in arcs if a[1] == 0]  # sorted by source, and targets come later
    # Least costs to the end, and from the start.
    after = [[infinite] * STATES for _ in range(frames + 1)]
    for state, cost in finals.items():
        after[frames][state] = cost
    for t in range(frames, -1, -1):
        if t < frames:
            for s, i, _, c, d in emitting:
                after[t][s] = min(after[t][s], c - scale_quarters * scores[t][i - 1] + after[t + 1][d])
        for s, _, _, c, d in reversed(silent):
            after[t][s] = min(after[t][s], c + after[t][d])
    best = after[0][0]
    before = [[infinite] * STATES for _ in range(frames + 1)]
    before[0][0] = 0
    for t in range(frames + 1):
        for s, _, _, c, d in silent:
            before[t][d] = min(before[t][d], before[t][s] + c)
        if t < frames:
            for s, i, _, c, d in emitting:
                before[t + 1][d] = min(before[t + 1][d], before[t][s] + c - scale_quarters * scores[t][i - 1])
    labels = [sorted({i for s, i, _, c, d in emitting
                      if before[t][s] + c - scale_quarters * scores[t][i - 1] + after[t + 1][d] == best})
              for t in range(frames)]
    # Word sequences: the least cost of each at each state, as long as it can end within the beam.
    alive = [{} for _ in range(STATES)]
    alive[0][()] = 0

    def add(table, state, words, cost, t):
        if cost + after[t][state] <= best + LATTICE_BEAM and cost < table[state].get(words, infinite):
            table[state][words] = cost

    for t in range(frames + 1):
        for s, _, o, c, d in silent:
            for words, cost in list(alive[s].items()):
                add(alive, d, words + ((o,) if o else ()), cost + c, t)
        if t == frames:
            break
        following = [{} for _ in range(STATES)]
        for s, i, o, c, d in emitting:
            for words, cost in alive[s].items():
                add(following, d, words + ((o,) if o else ()), cost + c - scale_quarters * scores[t][i - 1], t + 1)
        alive = following
    totals = {}
    for state, final in finals.items():
        for words, cost in alive[state].items():
            totals[words] = min(totals.get(words, infinite), cost + final)
    ranked = sorted((cost, " ".join(f"W{w}" for w in words)) for words, cost in totals.items())[:12]
    assert ranked[0][0] == best
    return {"cost": best / UNIT, "labels": [x[0] if len(x) == 1 else x for x in labels],
            "n_best": [{"cost": cost / UNIT, "words": words} for cost, words in ranked]}


def const_fst(arcs, finals):
    """OpenFst's binary form of type const with standard arcs."""
    text = lambda s: struct.pack("<i", len(s)) + s.encode()
    out = struct.pack("<i", 2125659606) + text("const") + text("standard")
    out += struct.pack("<iiQqqq", 2, 0, 0, 0, STATES, len(arcs))
    place = 0
    for state in range(STATES):
        own = [a for a in arcs if a[0] == state]
        out += struct.pack("<fIIII", finals[state] / UNIT if state in finals else math.inf, place, len(own),
                           sum(a[1] == 0 for a in own), sum(a[2] == 0 for a in own))
        place += len(own)
    for _, i, o, c, d in arcs:
        out += struct.pack("<iifi", i, o, c / UNIT, d)
    return out


def write_search():
    folder = HERE / "search" / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(5)
    arcs, finals = random_graph(draw)
    (folder / "graph.fst").write_bytes(const_fst(arcs, finals))
    (folder / "graph.txt").write_text(
        "".join(f"{s} {d} {i} {o} {c / UNIT}\n" for s, i, o, c, d in arcs) +
        "".join(f"{s} {c / UNIT}\n" for s, c in finals.items()))
    (folder / "words.txt").write_text("<eps> 0\n" + "".join(f"W{w} {w}\n" for w in range(1, WORDS + 1)))
    recipes, answers = {}, {}
    for number, frames in enumerate([1, 2, 5, 9, 14, 20, 27], start=1):
        recipe = {"seed": 70 + number, "frames": frames, "pdfs": PDFS,
                  "flat_frames": [frames // 2] if frames > 10 else [],
                  "boost_pdf": [draw.randrange(PDFS) for _ in range(frames)],
                  "boost_64ths": [draw.randrange(100, 400) for _ in range(frames)]}
        scores = scores_64ths(recipe)
        recipe["crc32"] = f"{zlib.crc32(b''.join(struct.pack('<f', x / 64) for row in scores for x in row)):08x}"
        name = f"u{number:02}"
        recipes[name] = recipe
        answers[name] = {"exact": {"1.0": exact_answer(arcs, finals, scores, 4),
                                   "0.5": exact_answer(arcs, finals, scores, 2)}, "kaldi": {}}
    setting = {"beam": 200, "lattice_beam": LATTICE_BEAM / UNIT, "max_active": 2**31 - 1, "min_active": 0}
    settings = {f"exact/{scale}": {**setting, "acoustic_scale": float(scale)} for scale in ("1.0", "0.5")}
    (folder / "scores.json").write_text(json.dumps(recipes, indent=1) + "\n")
    (folder / "answers.json").write_text(json.dumps({"settings": settings, "utterances": answers}, indent=1) + "\n")


write_features()
write_search()
