"""A llama in JAX: RMSNorm, interleaved RoPE, grouped-query attention, SwiGLU, tied embedding.

Weights are kept as GGUF keeps them, one row per output, and under GGUF's names, so that export is
a copy. RoPE turns neighbouring pairs (0,1), (2,3), ..., which is what llama.cpp does for this
architecture; so no weight needs to be permuted.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np


@dataclass(frozen=True)
class Config:
    vocabulary: int = 2048
    context: int = 256
    width: int = 256
    layers: int = 6
    heads: int = 8
    kv_heads: int = 4
    hidden: int = 704
    rope_base: float = 10000.0
    epsilon: float = 1e-5

    @property
    def head_width(self):
        return self.width // self.heads


def list_shapes(c):
    """{GGUF name: shape}; a matrix has a row per output."""
    shapes = {"token_embd.weight": (c.vocabulary, c.width), "output_norm.weight": (c.width,)}
    kv = c.kv_heads * c.head_width
    for i in range(c.layers):
        shapes |= {
            f"blk.{i}.attn_norm.weight": (c.width,),
            f"blk.{i}.attn_q.weight": (c.width, c.width),
            f"blk.{i}.attn_k.weight": (kv, c.width),
            f"blk.{i}.attn_v.weight": (kv, c.width),
            f"blk.{i}.attn_output.weight": (c.width, c.width),
            f"blk.{i}.ffn_norm.weight": (c.width,),
            f"blk.{i}.ffn_gate.weight": (c.hidden, c.width),
            f"blk.{i}.ffn_up.weight": (c.hidden, c.width),
            f"blk.{i}.ffn_down.weight": (c.width, c.hidden),
        }
    return shapes


def init_weights(c, seed):
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in list_shapes(c).items():
        if len(shape) == 1:
            weights[name] = np.ones(shape, np.float32)
            continue
        scale = 0.02 if name == "token_embd.weight" else shape[1] ** -0.5
        if name.endswith(("attn_output.weight", "ffn_down.weight")):
            scale /= (2 * c.layers) ** 0.5
        weights[name] = rng.normal(0, scale, shape).astype(np.float32)
    return weights


def normalise(x, gain, epsilon):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + epsilon) * gain


def rotate(x, positions, base):
    """RoPE on (batch, time, heads, head width), by pairs of neighbours."""
    half = x.shape[-1] // 2
    angles = positions[..., None] * base ** (-jnp.arange(half) / half)
    cos, sin = jnp.cos(angles)[:, :, None], jnp.sin(angles)[:, :, None]
    even, odd = x[..., 0::2], x[..., 1::2]
    return jnp.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


def forward(c, w, ids, documents, positions):
    """Logits for (batch, time) ids; a token sees only earlier tokens of its own document."""
    batch, time = ids.shape
    visible = (documents[:, :, None] == documents[:, None, :]) & jnp.tril(jnp.ones((time, time), bool))
    x = w["token_embd.weight"][ids]
    for i in range(c.layers):
        h = normalise(x, w[f"blk.{i}.attn_norm.weight"], c.epsilon)
        q = (h @ w[f"blk.{i}.attn_q.weight"].T).reshape(batch, time, c.heads, c.head_width)
        k = (h @ w[f"blk.{i}.attn_k.weight"].T).reshape(batch, time, c.kv_heads, c.head_width)
        v = (h @ w[f"blk.{i}.attn_v.weight"].T).reshape(batch, time, c.kv_heads, c.head_width)
        q, k = rotate(q, positions, c.rope_base), rotate(k, positions, c.rope_base)
        k, v = (jnp.repeat(a, c.heads // c.kv_heads, 2) for a in (k, v))
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * c.head_width**-0.5
        scores = jax.nn.softmax(jnp.where(visible[:, None], scores, -1e9), -1)
        mixed = jnp.einsum("bhqk,bkhd->bqhd", scores, v).reshape(batch, time, c.width)
        x = x + mixed @ w[f"blk.{i}.attn_output.weight"].T
        h = normalise(x, w[f"blk.{i}.ffn_norm.weight"], c.epsilon)
        gate = jax.nn.silu(h @ w[f"blk.{i}.ffn_gate.weight"].T)
        x = x + (gate * (h @ w[f"blk.{i}.ffn_up.weight"].T)) @ w[f"blk.{i}.ffn_down.weight"].T
    return normalise(x, w["output_norm.weight"], c.epsilon) @ w["token_embd.weight"].T
