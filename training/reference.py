"""A second, plain implementation in NumPy that reads the GGUF file: what an engine should compute.

Weights are dequantised to float32 and all arithmetic is float32. The tokenizer is llama.cpp's for
"llama" vocabularies: split into characters, merge the neighbours whose joined piece scores highest,
spell what is left over in byte tokens. Nothing here comes from SentencePiece or JAX, so that it
checks both.
"""

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

SPACE = "\u2581"


class Reference:
    def __init__(self, path):
        reader = GGUFReader(path)
        read = lambda key: reader.fields[key].contents()
        self.weights = {
            t.name: np.ascontiguousarray(dequantize(t.data, t.tensor_type), dtype=np.float32) for t in reader.tensors
        }
        self.layers, self.heads = read("llama.block_count"), read("llama.attention.head_count")
        self.kv_heads, self.context = read("llama.attention.head_count_kv"), read("llama.context_length")
        self.epsilon = np.float32(read("llama.attention.layer_norm_rms_epsilon"))
        self.head_width = read("llama.rope.dimension_count")
        self.base = read("llama.rope.freq_base")
        self.pieces, self.scores = read("tokenizer.ggml.tokens"), read("tokenizer.ggml.scores")
        self.bos, self.eos = read("tokenizer.ggml.bos_token_id"), read("tokenizer.ggml.eos_token_id")
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}

    def encode(self, text):
        """BOS and the ids of the text with a leading space."""
        parts = list((" " + text).replace(" ", SPACE))
        while True:
            joined = [self.ids.get(a + b) for a, b in zip(parts, parts[1:])]
            pairs = [i for i, j in enumerate(joined) if j is not None]
            if not pairs:
                break
            best = max(pairs, key=lambda i: (self.scores[joined[i]], -i))
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        ids = [self.bos]
        for part in parts:
            ids += [self.ids[part]] if part in self.ids else [self.ids[f"<0x{b:02X}>"] for b in part.encode("utf-8")]
        return ids

    def decode(self, ids):
        """The text of generated ids; the first one may open with a space."""
        data = b""
        for piece in (self.pieces[i] for i in ids if i not in (self.bos, self.eos)):
            byte = len(piece) == 6 and piece.startswith("<0x")
            data += bytes([int(piece[3:5], 16)]) if byte else piece.replace(SPACE, " ").encode("utf-8")
        return data.decode("utf-8", errors="replace")

    def normalise(self, x, name):
        return x / np.sqrt(np.mean(x * x, dtype=np.float32) + self.epsilon) * self.weights[name]

    def rotate(self, x, position):
        half = self.head_width // 2
        angles = np.float32(position) * (self.base ** (-np.arange(half) / half)).astype(np.float32)
        cos, sin, turned = np.cos(angles), np.sin(angles), np.empty_like(x)
        turned[:, 0::2] = x[:, 0::2] * cos - x[:, 1::2] * sin
        turned[:, 1::2] = x[:, 0::2] * sin + x[:, 1::2] * cos
        return turned

    def step(self, token, position, cache):
        """Logits after one more id; the cache holds keys and values by layer."""
        w, group = self.weights, self.heads // self.kv_heads
        x = w["token_embd.weight"][token].copy()
        for i in range(self.layers):
            h = self.normalise(x, f"blk.{i}.attn_norm.weight")
            q = (w[f"blk.{i}.attn_q.weight"] @ h).reshape(self.heads, -1)
            k = (w[f"blk.{i}.attn_k.weight"] @ h).reshape(self.kv_heads, -1)
            v = (w[f"blk.{i}.attn_v.weight"] @ h).reshape(self.kv_heads, -1)
            keys, values = cache[i]
            keys.append(self.rotate(k, position))
            values.append(v)
            q = self.rotate(q, position).reshape(self.kv_heads, group, -1)
            scores = np.einsum("kgd,tkd->kgt", q, np.stack(keys)) / np.float32(np.sqrt(self.head_width))
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            mixed = np.einsum("kgt,tkd->kgd", scores, np.stack(values)).reshape(-1)
            x = x + w[f"blk.{i}.attn_output.weight"] @ mixed
            h = self.normalise(x, f"blk.{i}.ffn_norm.weight")
            gate = w[f"blk.{i}.ffn_gate.weight"] @ h
            x = x + w[f"blk.{i}.ffn_down.weight"] @ (gate / (1 + np.exp(-gate)) * (w[f"blk.{i}.ffn_up.weight"] @ h))
        return w["token_embd.weight"] @ self.normalise(x, "output_norm.weight")

    def generate(self, prompt, limit):
        """Greedy ids (EOS included, when it comes) and the smallest lead of a winner over the second."""
        ids, cache, answer, margin = self.encode(prompt), [([], []) for _ in range(self.layers)], [], np.inf
        for position, token in enumerate(ids):
            logits = self.step(token, position, cache)
        while True:
            first, second = np.sort(logits)[:-3:-1]
            margin = min(margin, float(first - second))
            answer.append(int(np.argmax(logits)))
            if answer[-1] == self.eos or len(answer) == limit:
                return answer, margin
            logits = self.step(answer[-1], len(ids) + len(answer) - 1, cache)
