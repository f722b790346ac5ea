"""Writes safetensors: a length (u64), a JSON header, then the tensors' bytes, all little-endian.

Run as a program it turns a PyTorch state dict of float tensors, as torch.save wrote it, into such a file. A state dict
does not tell how its inputs were scaled: --input-scale is what training multiplied a byte 0..255 by.

Usage: python safetensors_file.py MODEL.state_dict MODEL.safetensors [--input-scale 0.00392156862745098]
"""

import argparse
import json
from pathlib import Path

from need_torch import torch

ALIGNMENT = 8
TYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def save(path, tensors, metadata):
    """Tensors by name, in the order given, and texts by key."""
    header, data = {"__metadata__": {key: str(value) for key, value in metadata.items()}}, bytearray()
    for name, tensor in tensors.items():
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        start = len(data)
        data += bytes(flat.view(torch.uint8).tolist())
        offsets = [start, len(data)]
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("state_dict", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--input-scale", type=float)
    options = parser.parse_args()
    metadata = {} if options.input_scale is None else {"input_scale": options.input_scale}
    save(options.out, torch.load(options.state_dict, map_location="cpu", weights_only=True), metadata)
