#!/usr/bin/python3
"""Scaling of data-parallel training by a model of its exchange.

    mpirun -n 2 exchange_bench >2.tsv; mpirun -n 4 exchange_bench >4.tsv; scaling.py 2.tsv 4.tsv

A sum over P ranks of n bytes sends 2 (P - 1) messages from each rank, of n / P bytes each, and adds
(P - 1) / P n bytes: T(P, n) = 2 (P - 1) (a + n / P b) + c (P - 1) / P n, whose second and third parts
grow alike, so that what is fitted is T = 2 (P - 1) (a + n / P b). The fit is by relative errors. A
step that needs C seconds without others then has the efficiency C / (C + T): the exchange begins
when gradients are whole, nothing overlaps.
"""
import argparse
import sys

import numpy

# A step of models/en-small: weights, biases and running statistics that are summed, in float32.
GRADIENT_BYTES = 4 * 4_820_000
# Of one GPU with 16,000 frames a step, see docs/scale.md.
STEP_SECONDS = 0.006
# Seconds a message and bytes a second of one GPU, within a machine of eight and between machines.
LINKS = {8: (5e-6, 300e9), 64: (5e-6, 40e9), 512: (5e-6, 40e9)}


def messages(ranks, size_bytes):
    """How many messages a rank sends, and how long each is."""
    return 2 * (ranks - 1), size_bytes / ranks


def exchange_seconds(ranks, size_bytes, latency_s, bytes_per_s):
    count, length = messages(ranks, size_bytes)
    return count * (latency_s + length / bytes_per_s)


def fit(rows):
    """Latency and speed that fit measured rows of (ranks, bytes, seconds) best."""
    factors = []
    for ranks, size_bytes, seconds in rows:
        count, length = messages(ranks, size_bytes)
        factors.append([count / seconds, count * length / seconds])
    (latency_s, seconds_per_byte), *_ = numpy.linalg.lstsq(
        numpy.array(factors), numpy.ones(len(rows)), rcond=None)
    return latency_s, 1.0 / seconds_per_byte


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("tables", nargs="*", help="output of exchange_bench")
    parser.add_argument("--step", type=float, default=STEP_SECONDS, help="seconds without others")
    options = parser.parse_args()
    rows = []
    for name in options.tables:
        with open(name, encoding="utf-8") as lines:
            for line in lines:
                ranks, size_bytes, seconds = line.split()
                rows.append((int(ranks), int(size_bytes), float(seconds)))
    if rows:
        link = fit(rows)
        print(f"fitted here: {1e6 * link[0]:.1f} us a message, {link[1] / 1e9:.2f} GB/s a rank")
        print("ranks\tMB\tmeasured ms\tmodel ms")
        for ranks, size_bytes, seconds in rows:
            model = exchange_seconds(ranks, size_bytes, *link)
            print(f"{ranks}\t{size_bytes / 1e6:.3f}\t{1e3 * seconds:.3f}\t{1e3 * model:.3f}")
    print("GPUs\tmessages a step\tkB each\texchange ms\tefficiency")
    for ranks, link in LINKS.items():
        count, length = messages(ranks, GRADIENT_BYTES)
        seconds = exchange_seconds(ranks, GRADIENT_BYTES, *link)
        print(f"{ranks}\t{count}\t{length / 1e3:.0f}\t{1e3 * seconds:.2f}\t"
              f"{options.step / (options.step + seconds):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
