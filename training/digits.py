"""Trains digit classifiers 784-20-10 and 784-500-10 on the CPU, in a minute or two, and saves them as safetensors.

The digits are drawn (draw_digits.py); with --mnist they are MNIST's own four IDX files, unpacked. Inputs are pixels
times INPUT_SCALE, and the file says so: whoever runs the model scales as training did. OUT gets a model per size, the
first held-out digits as IDX files, and report.json. One thread and a fixed seed: the same machine and PyTorch give the
same bytes.

Usage: python digits.py OUT [--hidden 20 500] [--digits 12000] [--epochs 12] [--seed 1] [--mnist FOLDER] [--state-dict]
"""

import argparse
import json
import time
from pathlib import Path

import safetensors_file
from draw_digits import SIDE, draw_digits
from need_torch import torch

nn = torch.nn

PIXELS, CLASSES = SIDE * SIDE, 10
INPUT_SCALE = 1 / 255
BATCH, RATE = 100, 1e-3
HELD_OUT, HELD_OUT_FIRST = 2000, 1_000_000  # the held-out digits' numbers: far from those of training
SAMPLES = 100  # held-out digits that are saved
IDX_BYTES = 0x08


class Classifier(nn.Module):
    """The tutorial's: two linear layers with a ReLU between them."""

    def __init__(self, hidden):
        super().__init__()
        self.fc1 = nn.Linear(PIXELS, hidden)
        self.fc2 = nn.Linear(hidden, CLASSES)

    def forward(self, pixels):
        return self.fc2(torch.relu(self.fc1(pixels * INPUT_SCALE)))


def read_idx(path):
    """An IDX file of bytes as a tensor. Source: yann.lecun.com/exdb/mnist."""
    data = path.read_bytes()
    if data[:3] != bytes([0, 0, IDX_BYTES]):
        raise SystemExit(f"{path} is no IDX file of bytes: it starts with {data[:4].hex()}")
    rank = data[3]
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(rank)]
    return torch.frombuffer(bytearray(data), dtype=torch.uint8, offset=4 + 4 * rank).reshape(shape)


def write_idx(path, values):
    shape = b"".join(size.to_bytes(4, "big") for size in values.shape)
    path.write_bytes(bytes([0, 0, IDX_BYTES, values.dim()]) + shape + bytes(values.reshape(-1).tolist()))


def load_digits(options):
    """Images and labels to train with, then those to test with."""
    if options.mnist is None:
        return *draw_digits(options.seed, options.digits), *draw_digits(options.seed, HELD_OUT, HELD_OUT_FIRST)
    names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    images, labels, test_images, test_labels = (read_idx(find_idx(options.mnist, name)) for name in names)
    return images, labels.long(), test_images, test_labels.long()


def find_idx(folder, name):
    """Both spellings are about: train-images-idx3-ubyte and train-images.idx3-ubyte."""
    spellings = [folder / f"{name}-ubyte", folder / f"{name.replace('-idx', '.idx')}-ubyte"]
    found = next((path for path in spellings if path.exists()), None)
    if found is None:
        raise SystemExit(f"there is no {spellings[0]}; unpack the four files of MNIST there")
    return found


def train(hidden, images, labels, options):
    torch.manual_seed(options.seed)
    model = Classifier(hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    pixels = images.reshape(-1, PIXELS).float()
    for epoch in range(options.epochs):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - epoch / options.epochs)
        for rows in torch.randperm(len(pixels)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(pixels[rows]), labels[rows]).backward()
            optimizer.step()
    return model


def measure_accuracy(model, images, labels):
    with torch.no_grad():
        answers = model(images.reshape(-1, PIXELS).float()).argmax(1)
    return (answers == labels).double().mean().item()


def save(model, name, accuracy, options):
    metadata = {
        "name": name,
        "activation": "relu",
        "input_scale": INPUT_SCALE,
        "labels": ",".join(map(str, range(CLASSES))),
        "held_out_accuracy": accuracy,
    }
    safetensors_file.save(options.out / f"{name}.safetensors", model.state_dict(), metadata)
    if options.state_dict:
        torch.save(model.state_dict(), options.out / f"{name}.state_dict")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--hidden", type=int, nargs="+", default=[20, 500])
    parser.add_argument("--digits", type=int, default=12000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mnist", type=Path)
    parser.add_argument("--state-dict", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    options.out.mkdir(parents=True, exist_ok=True)
    images, labels, test_images, test_labels = load_digits(options)
    write_idx(options.out / "held-out.idx3-ubyte", test_images[:SAMPLES])
    write_idx(options.out / "held-out.idx1-ubyte", test_labels[:SAMPLES].to(torch.uint8))
    report = {}
    for hidden in options.hidden:
        start, name = time.monotonic(), f"digits-{hidden}"
        model = train(hidden, images, labels, options)
        accuracy = measure_accuracy(model, test_images, test_labels)
        save(model, name, accuracy, options)
        report[name] = {"held_out_accuracy": accuracy, "digits": len(images), "epochs": options.epochs}
        print(f"{name}: {accuracy:.2%} of {len(test_images)} held-out digits, {time.monotonic() - start:.0f} s")
    (options.out / "report.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
