/**
 * A llama forward pass in plain double precision, token after token, written for clarity alone: what the
 * engine's kernels are held against. Matrices that the engine multiplies in 8 bits get inputs that
 * were rounded the same way, so that only the order and precision of sums differ.
 */
import { readConfig } from '../../llama/config.js';
import { readGguf, type Tensor } from '../../llama/gguf.js';

interface Matrix {
  readonly rows: Float64Array[];
  readonly isInt8: boolean;
}

/** Logits after each of `ids`. */
export function referenceLogits(bytes: Uint8Array, ids: readonly number[]): Float64Array[] {
  const gguf = readGguf(bytes);
  const config = readConfig(gguf);
  const tensor = (name: string): Tensor => gguf.tensors.get(`${name}.weight`)!;
  const matrix = (name: string) => readMatrix(tensor(name));
  const vector = (name: string) => readMatrix(tensor(name)).rows[0]!;
  const embedding = matrix('token_embd');
  const output = gguf.tensors.has('output.weight') ? matrix('output') : embedding;
  const outputNorm = vector('output_norm');
  const layers = Array.from({ length: config.layers }, (_, i) => ({
    attentionNorm: vector(`blk.${i}.attn_norm`),
    query: matrix(`blk.${i}.attn_q`),
    key: matrix(`blk.${i}.attn_k`),
    value: matrix(`blk.${i}.attn_v`),
    joined: matrix(`blk.${i}.attn_output`),
    feedForwardNorm: vector(`blk.${i}.ffn_norm`),
    gate: matrix(`blk.${i}.ffn_gate`),
    up: matrix(`blk.${i}.ffn_up`),
    down: matrix(`blk.${i}.ffn_down`),
    keys: [] as Float64Array[],
    values: [] as Float64Array[],
  }));
  const { heads, kvHeads, headWidth, ropeBase, epsilon } = config;
  return ids.map((id, position) => {
    let x = embedding.rows[id]!;
    for (const layer of layers) {
      const normed = normalize(x, layer.attentionNorm, epsilon);
      const query = rotate(multiply(layer.query, normed), position, headWidth, ropeBase);
      layer.keys.push(rotate(multiply(layer.key, normed), position, headWidth, ropeBase));
      layer.values.push(multiply(layer.value, normed));
      const attended = new Float64Array(heads * headWidth);
      for (let head = 0; head < heads; head++) {
        const kvAt = Math.floor(head / (heads / kvHeads)) * headWidth;
        const part = query.subarray(head * headWidth, (head + 1) * headWidth);
        const weights = softmax(
          layer.keys.map((key) => dot(part, key.subarray(kvAt)) / Math.sqrt(headWidth)),
        );
        weights.forEach((weight, p) => {
          for (let i = 0; i < headWidth; i++) {
            attended[head * headWidth + i]! += weight * layer.values[p]![kvAt + i]!;
          }
        });
      }
      x = add(x, multiply(layer.joined, attended));
      const inner = normalize(x, layer.feedForwardNorm, epsilon);
      const up = multiply(layer.up, inner);
      const gated = multiply(layer.gate, inner).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
      x = add(x, multiply(layer.down, gated));
    }
    return multiply(output, normalize(x, outputNorm, epsilon));
  });
}

function multiply({ rows, isInt8 }: Matrix, input: Float64Array): Float64Array {
  const x = isInt8 ? roundInput(input) : input;
  return Float64Array.from(rows, (row) => dot(x, row));
}

/** Each block of 32 values to 255 steps of its largest, the step held with 11 bits. */
function roundInput(input: Float64Array): Float64Array {
  const out = new Float64Array(input.length);
  for (let at = 0; at < input.length; at += 32) {
    const block = input.subarray(at, at + 32);
    const most = block.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    if (most === 0) continue;
    const step = most / 127;
    const unit = 2 ** (Math.floor(Math.log2(step)) - 10);
    const kept = Math.round(step / unit) * unit;
    block.forEach((v, i) => {
      out[at + i] = Math.round(v / step) * kept;
    });
  }
  return out;
}

function normalize(x: Float64Array, weight: Float64Array, epsilon: number): Float64Array {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((v, i) => v * scale * weight[i]!);
}

function rotate(x: Float64Array, position: number, headWidth: number, base: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < x.length; i += 2) {
    const angle = position * base ** (-(i % headWidth) / headWidth);
    out[i] = x[i]! * Math.cos(angle) - x[i + 1]! * Math.sin(angle);
    out[i + 1] = x[i]! * Math.sin(angle) + x[i + 1]! * Math.cos(angle);
  }
  return out;
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0);
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((v, i) => v + b[i]!);
}

function readMatrix({ type, dims, data }: Tensor): Matrix {
  const [columns = 0, count = 1] = dims;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const valueAt = (index: number): number => {
    const block = Math.floor(index / 32);
    const within = index % 32;
    if (type === 'F32') return view.getFloat32(index * 4, true);
    if (type === 'F16') return halfToNumber(view.getUint16(index * 2, true));
    if (type === 'Q8_0') {
      return halfToNumber(view.getUint16(block * 34, true)) * view.getInt8(block * 34 + 2 + within);
    }
    const pair = view.getUint8(block * 18 + 2 + (within % 16));
    const nibble = within < 16 ? pair & 15 : pair >> 4;
    return halfToNumber(view.getUint16(block * 18, true)) * (nibble - 8);
  };
  const rows = Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: columns }, (_, column) => valueAt(row * columns + column)),
  );
  return { rows, isInt8: type === 'Q8_0' || type === 'Q4_0' };
}

function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return half & 0x8000 ? -size : size;
}
