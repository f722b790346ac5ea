"""Draws handwritten-looking digits: 28 x 28 bytes, 0 paper to 255 ink, as MNIST stores them.

A digit is a pen's way through a few points, smoothed; the plane under it is warped, slanted, turned, scaled and
shifted, the pen is thin or thick, the paper has noise. Every number drawn comes from a hash of (seed, digit, use),
so that digit 17 of a seed is the same whichever others are drawn, on every machine and in every version of PyTorch.

Usage: python draw_digits.py [--seed 1] [--count 3]   (prints some)
"""

import argparse
import math

from need_torch import torch

SIDE = 28
CHUNK = 100  # digits at a time: bounds the memory
SPAN_SEGMENTS = 3  # straight pieces between two points of a smooth stroke
WAVES = 3

# Ways to write each digit: strokes as points (x, y), y downwards, in a unit square. A stroke of two points is straight.
GLYPHS = [
    [  # 0
        ["50,00 15,18 06,50 15,82 50,100 85,82 94,50 85,18 50,00"],
        ["62,04 28,08 08,45 14,85 48,100 82,86 92,48 80,12 52,02"],
    ],
    [["50,00 50,100"], ["28,22 54,00", "54,00 54,100"], ["28,22 54,00", "54,00 54,100", "26,100 82,100"]],
    [  # 2
        ["10,26 24,06 50,00 78,09 82,32 60,62 10,100", "10,100 92,100"],
        ["12,22 36,02 70,06 80,30 58,62 24,92 08,88 20,76 50,90 94,94"],
    ],
    [  # 3
        ["12,12 40,00 76,10 74,36 40,47", "40,47 80,58 84,84 50,100 08,90"],
        ["12,02 84,02", "84,02 42,40", "42,40 82,54 84,86 48,100 08,90"],
    ],
    [  # 4
        ["24,00 08,60", "08,60 94,60", "72,20 68,100"],
        ["66,00 06,68", "06,68 94,68", "66,00 66,100"],
    ],
    [  # 5
        ["84,00 24,02", "24,02 17,45", "17,45 50,36 84,54 82,84 48,100 10,90"],
        ["88,02 30,00", "30,00 16,40", "16,40 60,38 88,68 62,98 12,94"],
    ],
    [  # 6
        ["76,02 36,24 12,60 20,90 50,100 82,88 82,62 50,50 16,70"],
        ["56,00 22,40 14,78 36,100 70,96 80,74 56,58 18,76"],
    ],
    [  # 7
        ["10,02 88,02", "88,02 36,100"],
        ["10,02 88,02", "88,02 36,100", "22,50 80,50"],
        ["10,20 14,02", "14,02 90,04", "90,04 60,50 46,100"],
    ],
    [  # 8
        ["50,47 20,30 24,07 50,00 77,08 80,29 50,47 14,67 14,90 50,100 86,90 86,67 50,47"],
        ["82,10 50,00 20,16 34,40 72,60 82,86 50,100 16,84 30,60 70,40 82,12"],
    ],
    [  # 9
        ["82,26 62,02 28,05 13,28 30,51 62,48 82,26", "82,26 80,62 68,100"],
        ["82,26 58,00 22,08 16,36 46,50 82,26", "82,26 84,70 62,98 22,92"],
    ],
]


def parse_stroke(text):
    return [tuple(int(number) / 100 for number in point.split(",")) for point in text.split()]


def find_segments(strokes):
    """(pieces, 2 ends, 2) of one glyph: Catmull-Rom splines through the points of each stroke."""
    pieces = []
    for points in map(parse_stroke, strokes):
        closed = points[0] == points[-1]
        before = points[-2] if closed else points[0]
        after = points[1] if closed else points[-1]
        knots, way = [before, *points, after], []
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:]):
            for t in (step / SPAN_SEGMENTS for step in range(SPAN_SEGMENTS)):
                way.append(tuple(interpolate(*axis, t) for axis in zip(a, b, c, d)))
        if len(points) == 2:
            way = [points[0]]
        pieces += zip(way, [*way[1:], points[-1]])
    return torch.tensor(pieces, dtype=torch.float64)


def interpolate(a, b, c, d, t):
    return b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))) / 2


class Dice:
    """Numbers for many digits at once: a hash of the seed, the digit's number and how many were asked before."""

    def __init__(self, seed, numbers, used=0):
        self.numbers, self.key = numbers, (seed << 40) + used

    def uniform(self, low, high, *shape):
        count = math.prod(shape)
        use = torch.arange(count, dtype=torch.int64) + self.key
        self.key += count
        bits = mix(mix(self.numbers)[:, None] ^ mix(use)[None])
        unit = ((bits >> 11) & (2**53 - 1)).double() / 2**53
        return low + (high - low) * unit.reshape(-1, *shape)


def mix(x):
    """The finaliser of SplitMix64; PyTorch's integers wrap, its shifts keep the sign, which is masked off."""
    x = x + signed(0x9E3779B97F4A7C15)
    x = (x ^ ((x >> 30) & (2**34 - 1))) * signed(0xBF58476D1CE4E5B9)
    x = (x ^ ((x >> 27) & (2**37 - 1))) * signed(0x94D049BB133111EB)
    return x ^ ((x >> 31) & (2**33 - 1))


def signed(value):
    return value - 2**64


def draw_chunk(segments, dice):
    """Bytes (digits, 28, 28) of one glyph, written by as many hands as there are dice."""
    ends = segments[None].expand(len(dice.numbers), -1, -1, -1)
    ends = place(warp(ends, dice), dice)
    ink = stroke(ends, dice.uniform(0.55, 1.45, 1))
    ink = ink * dice.uniform(0.75, 1.0, 1) * 255
    grain = dice.uniform(0, 24, 1) * dice.uniform(-1, 1, SIDE * SIDE)
    return (ink + grain).clamp(0, 255).round().to(torch.uint8).reshape(-1, SIDE, SIDE)


def warp(ends, dice):
    """Bends the plane by a few waves, so that strokes that meet still do."""
    bend = torch.zeros_like(ends)
    for _ in range(WAVES):
        direction = dice.uniform(-4.5, 4.5, 1, 1, 2)
        phase = dice.uniform(0, 2 * math.pi, 1, 1)
        wave = torch.sin((ends * direction).sum(-1) + phase)
        bend = bend + wave[..., None] * dice.uniform(-0.06, 0.06, 1, 1, 2)
    return ends + bend


def place(ends, dice):
    """From the unit square to pixels: slant, turn, fit into a box of up to 20 pixels, near the middle."""
    x, y = ends[..., 0] - 0.5, ends[..., 1] - 0.5
    x = x * dice.uniform(0.55, 0.95, 1, 1) - y * dice.uniform(-0.15, 0.35, 1, 1)
    turn = dice.uniform(-0.2, 0.2, 1, 1)
    turned = torch.stack([x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos()], -1)
    low, high = turned.amin((1, 2), keepdim=True), turned.amax((1, 2), keepdim=True)
    size = dice.uniform(16, 20, 1, 1, 1) / (high - low).amax(-1, keepdim=True)
    return (turned - (low + high) / 2) * size + (SIDE - 1) / 2 + dice.uniform(-1.5, 1.5, 1, 1, 2)


def stroke(ends, radius):
    """How much of each pixel (digits, 784) is ink: 1 near a segment, falling to 0 over one pixel."""
    line = torch.arange(SIDE, dtype=torch.float32)
    pixels = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).flip(-1).reshape(-1, 2)
    start, way = ends[:, :, 0].float(), (ends[:, :, 1] - ends[:, :, 0]).float()
    length = (way * way).sum(-1)[..., None].clamp(min=1e-6)
    x, y = (pixels[None, None, :, axis] - start[:, :, axis, None] for axis in (0, 1))
    along = ((x * way[:, :, :1] + y * way[:, :, 1:]) / length).clamp(0, 1)
    apart = (x - along * way[:, :, :1]) ** 2 + (y - along * way[:, :, 1:]) ** 2
    nearest = apart.amin(1).sqrt().double()
    return (radius + 0.5 - nearest).clamp(0, 1)


def draw_digits(seed, count, first=0):
    """Images (count, 28, 28) of bytes and their labels (count); numbers first .. first + count of the seed."""
    numbers = torch.arange(first, first + count, dtype=torch.int64)
    labels = numbers % 10
    styles = Dice(seed, numbers).uniform(0, 1, 1)[:, 0]
    images = torch.empty(count, SIDE, SIDE, dtype=torch.uint8)
    for label, glyphs in enumerate(GLYPHS):
        for style, strokes in enumerate(glyphs):
            chosen = ((labels == label) & ((styles * len(glyphs)).long() == style)).nonzero()[:, 0]
            segments = find_segments(strokes)
            for part in chosen.split(CHUNK):
                images[part] = draw_chunk(segments, Dice(seed, numbers[part], used=1))
    return images, labels


def show(image):
    """An image as text, two characters a pixel."""
    return "\n".join("".join(" .:-=+*#%@"[int(v) * 10 // 256] * 2 for v in row).rstrip() for row in image)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3)
    options = parser.parse_args()
    for image in draw_digits(options.seed, options.count)[0]:
        print(show(image))
