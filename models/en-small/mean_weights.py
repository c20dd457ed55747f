#!/usr/bin/env python3
"""Writes the mean of the weights of networks of one shape, matrices in half precision:
mean_weights.py FROM.safetensors... OUT.safetensors

With one network these are its own weights. Vectors (biases, statistics of batch norm) stay float32.
"""
import array
import json
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    metadata = header.pop("__metadata__", None)
    values = {}
    for name, tensor in header.items():
        begin, stop = tensor["data_offsets"]
        code = {"F32": "f", "F16": "e"}.get(tensor["dtype"])
        if code is None:
            sys.exit(f"{path}: {name} is neither float32 nor float16")
        count = (stop - begin) // struct.calcsize(code)
        values[name] = array.array("f", struct.unpack(f"<{count}{code}", data[end + begin : end + stop]))
    return {name: tensor["shape"] for name, tensor in header.items()}, values, metadata


networks = [read(path) for path in sys.argv[1:-1]]
shapes, _, metadata = networks[0]
if any(other[0] != shapes for other in networks):
    sys.exit("the networks differ in their layers")
header = {"__metadata__": metadata} if metadata else {}
blocks = []
offset = 0
for name, shape in shapes.items():
    mean = [sum(same) / len(networks) for same in zip(*(values[name] for _, values, _ in networks))]
    is_matrix = len(shape) > 1
    block = struct.pack(f"<{len(mean)}{'e' if is_matrix else 'f'}", *mean)
    header[name] = {"dtype": "F16" if is_matrix else "F32", "shape": shape,
                    "data_offsets": [offset, offset + len(block)]}
    blocks.append(block)
    offset += len(block)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[-1], "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + b"".join(blocks))
