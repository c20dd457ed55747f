#!/usr/bin/env python3
"""Writes the mean of the weights of two networks of one shape: mean_weights.py A.safetensors B.safetensors OUT"""
import array
import json
import sys


def read(path):
    data = open(path, "rb").read()
    header_end = 8 + int.from_bytes(data[:8], "little")
    shapes = {name: tensor["shape"] for name, tensor in json.loads(data[8:header_end]).items() if name != "__metadata__"}
    return data[:header_end], shapes, array.array("f", data[header_end:])


header, shapes, first = read(sys.argv[1])
_, other_shapes, second = read(sys.argv[2])
if shapes != other_shapes:
    sys.exit("the two networks differ in their layers")
means = array.array("f", ((a + b) / 2 for a, b in zip(first, second)))
with open(sys.argv[3], "wb") as file:
    file.write(header + means.tobytes())
