/**
 * The forward pass of a llama model over a batch of tokens, to be read beside the paper. Each token's
 * result is the same, bit for bit, whatever the batch it is part of.
 */
import { expandRowFloat, multiplyFloat } from './float';
import { expandRowInt8, multiplyInt8, quantize, quantizedBytes } from './int8';
import { addVector, applyGate, attend, computeRope, normalize, remember, rotate } from './layers';
import { KIND_INT8, Layer, Matrix, Model } from './records';

/** Evaluates tokenIds[0..count) at positions first, first + 1, ...; then the last one's logits. */
export function forward(m: Model, count: i32, first: i32): void {
  const ropeBytes = usize(m.ropeWidth) * 4;
  for (let t = 0; t < count; t++) {
    const id = load<i32>(m.tokenIds + usize(t) * 4);
    expandRow(m.embedding, id, streamOf(m, t));
    computeRope(m, first + t, m.rope + usize(t) * ropeBytes);
  }
  for (let layer = 0; layer < m.layerCount; layer++) {
    const l = changetype<Layer>(load<usize>(m.layers + usize(layer) * 4));
    attentionBlock(m, l, layer, count, first);
    feedForwardBlock(m, l, count);
  }
  normalize(m, streamOf(m, count - 1), m.outputNorm, m.normed);
  setInput(m, m.normed, m.output.columns, 1);
  multiply(m, m.output, m.normed, m.logits, 1);
}

function attentionBlock(m: Model, l: Layer, layer: i32, count: i32, first: i32): void {
  const width = m.width;
  const joined = m.heads * m.headWidth;
  const ropeBytes = usize(m.ropeWidth) * 4;
  for (let t = 0; t < count; t++) {
    normalize(m, streamOf(m, t), l.attentionNorm, m.normed + usize(t * width) * 4);
  }
  setInput(m, m.normed, width, count);
  multiply(m, l.query, m.normed, m.queries, count);
  multiply(m, l.key, m.normed, m.newKeys, count);
  multiply(m, l.value, m.normed, m.newValues, count);
  for (let t = 0; t < count; t++) {
    const rope = m.rope + usize(t) * ropeBytes;
    const query = m.queries + usize(t * l.query.rows) * 4;
    const key = m.newKeys + usize(t * l.key.rows) * 4;
    rotate(m, query, m.heads, rope);
    rotate(m, key, m.kvHeads, rope);
    remember(m, m.keys, layer, first + t, key);
    remember(m, m.values, layer, first + t, m.newValues + usize(t * l.value.rows) * 4);
    attend(m, layer, first + t, query, m.attended + usize(t * joined) * 4);
  }
  setInput(m, m.attended, joined, count);
  multiply(m, l.attentionOutput, m.attended, m.projected, count);
  addToStream(m, l.attentionOutput.rows, count);
}

function feedForwardBlock(m: Model, l: Layer, count: i32): void {
  const width = m.width;
  for (let t = 0; t < count; t++) {
    normalize(m, streamOf(m, t), l.feedForwardNorm, m.normed + usize(t * width) * 4);
  }
  setInput(m, m.normed, width, count);
  multiply(m, l.gate, m.normed, m.gated, count);
  multiply(m, l.up, m.normed, m.upped, count);
  applyGate(m.gated, m.upped, count * l.gate.rows);
  setInput(m, m.gated, l.down.columns, count);
  multiply(m, l.down, m.gated, m.projected, count);
  addToStream(m, l.down.rows, count);
}

function streamOf(m: Model, t: i32): usize {
  return m.stream + usize(t * m.width) * 4;
}

function addToStream(m: Model, rows: i32, count: i32): void {
  for (let t = 0; t < count; t++) {
    addVector(streamOf(m, t), m.projected + usize(t * rows) * 4, m.width);
  }
}

/** Quantizes the inputs that the next products share; float matrices read the floats. */
function setInput(m: Model, inputs: usize, columns: i32, count: i32): void {
  for (let t = 0; t < count; t++) {
    const to = m.quantized + usize(t) * quantizedBytes(columns);
    quantize(inputs + usize(t * columns) * 4, to, columns);
  }
}

function multiply(m: Model, matrix: Matrix, inputs: usize, outputs: usize, count: i32): void {
  if (matrix.kind == KIND_INT8) multiplyInt8(matrix, m.quantized, outputs, count);
  else multiplyFloat(matrix, inputs, outputs, count);
}

function expandRow(matrix: Matrix, row: i32, output: usize): void {
  if (matrix.kind == KIND_INT8) expandRowInt8(matrix, row, output);
  else expandRowFloat(matrix, row, output);
}
