"""Trains the demo model on the CPU: AdamW, packed documents, a rate that falls to zero.

The rate follows whichever is further on, the steps or the clock, so that a run of --minutes ends
well on a slow machine too. A checkpoint every 200 steps goes to OUT/weights.npz, figures to
OUT/log.jsonl. The tokenizer is trained first if OUT has none.

Usage: python train.py OUT [--minutes 40] [--steps 6000] [--batch 4] [--rate 0.0015] [--seed 1] [--resume FILE.npz]
"""

import argparse
import json
import time
from functools import partial
from itertools import islice
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import tokenizer
from corpus import Corpus
from model import Config, forward, init_weights

LAST_RATE, WARMUP, DECAY = 2e-5, 100, 0.05
BETA1, BETA2, CLIP = 0.9, 0.97, 1.0


def pack(documents, batch, time_steps, pool):
    """Fills rows with whole documents, the longest that fits first; the rest waits in the pool."""
    shape = (batch, time_steps)
    ids, weights, positions = np.zeros(shape, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    numbers = np.full(shape, -1, np.int32)
    for row in range(batch):
        start = number = 0
        while True:
            pool.extend(islice(documents, 64 - len(pool)))
            fits = [d for d in pool if len(d[0]) <= time_steps - start]
            if not fits:
                break
            chosen = max(fits, key=lambda d: len(d[0])) if start > time_steps // 2 else fits[0]
            pool.remove(chosen)
            end = start + len(chosen[0])
            ids[row, start:end], weights[row, start:end] = chosen
            positions[row, start:end], numbers[row, start:end] = np.arange(end - start), number
            start, number = end, number + 1
    return ids, weights, positions, numbers


def encode_documents(sp, draws, limit):
    """(ids, weight of the loss on each id) of every (prompt, answer) that fits the context.

    Only answers are learned: a model that also learned prompts would go on asking after "Hello".
    """
    for prompt, answer in draws:
        before, after = tokenizer.encode_prompt(sp, prompt), tokenizer.encode_answer(sp, answer)
        if len(before) + len(after) <= limit:
            yield before + after, [0.0] * len(before) + [1.0] * len(after)


def draw_forever(seed):
    corpus = Corpus(seed)
    while True:
        yield corpus.draw()


def draw_held_out():
    """Questions in wordings that training never draws, with the answers they should get."""
    for block in Corpus(0).blocks:
        for question in block.held_out:
            yield question, block.answer


def measure_loss(config, weights, batch):
    ids, scale, positions, numbers = batch
    logits = forward(config, weights, ids, numbers, positions)[:, :-1]
    known = jnp.take_along_axis(logits, ids[:, 1:, None], -1)[..., 0]
    scale = scale[:, 1:] * (numbers[:, 1:] == numbers[:, :-1]) * (numbers[:, 1:] >= 0)
    return jnp.sum((jax.nn.logsumexp(logits, -1) - known) * scale) / jnp.sum(scale)


@partial(jax.jit, static_argnums=0, donate_argnums=(1, 2, 3))
def take_step(config, weights, mean, square, batch, step, rate):
    loss, gradient = jax.value_and_grad(partial(measure_loss, config))(weights, batch)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradient.values()))
    gradient = {n: g * jnp.minimum(1.0, CLIP / (norm + 1e-6)) for n, g in gradient.items()}
    mean = {n: BETA1 * mean[n] + (1 - BETA1) * g for n, g in gradient.items()}
    square = {n: BETA2 * square[n] + (1 - BETA2) * g * g for n, g in gradient.items()}

    def update(name, w):
        move = mean[name] / (1 - BETA1**step) / (jnp.sqrt(square[name] / (1 - BETA2**step)) + 1e-8)
        return w - rate * (move + (DECAY * w if w.ndim == 2 else 0))

    return {n: update(n, w) for n, w in weights.items()}, mean, square, loss


def find_rate(peak, step, progress):
    return min(1.0, step / WARMUP) * (peak + (LAST_RATE - peak) * min(1.0, progress))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not (options.out / "tokenizer.model").exists():
        tokenizer.train(options.out)
    sp, config = tokenizer.load(options.out), Config()
    weights = dict(np.load(options.resume)) if options.resume else init_weights(config, options.seed)
    weights = {n: jnp.array(w) for n, w in weights.items()}
    mean = {n: jnp.zeros_like(w) for n, w in weights.items()}
    square = {n: jnp.zeros_like(w) for n, w in weights.items()}
    documents, pool = encode_documents(sp, draw_forever(options.seed), config.context), []
    held_out = pack(encode_documents(sp, draw_held_out(), config.context), 12, config.context, [])
    check = jax.jit(partial(measure_loss, config))
    log, start, recent = (options.out / "log.jsonl").open("a"), time.monotonic(), []
    step, progress = 0, 0.0
    while progress < 1:
        step += 1
        progress = max(step / options.steps, (time.monotonic() - start) / 60 / options.minutes)
        batch = pack(documents, options.batch, config.context, pool)
        weights, mean, square, loss = take_step(
            config, weights, mean, square, batch, float(step), find_rate(options.rate, step, progress)
        )
        recent.append(float(loss))
        if step % 50 == 0 or progress >= 1:
            line = {"step": step, "minutes": round((time.monotonic() - start) / 60, 2)}
            line |= {"loss": round(float(np.mean(recent)), 4), "heldOut": round(float(check(weights, held_out)), 4)}
            print(json.dumps(line), file=log, flush=True)
            recent = []
        if step % 200 == 0 or progress >= 1:
            np.savez(options.out / "partial.npz", **weights)
            (options.out / "partial.npz").replace(options.out / "weights.npz")


if __name__ == "__main__":
    main()
