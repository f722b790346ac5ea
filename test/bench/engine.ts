/**
 * Speed of the inference engine on one thread, beside llama.cpp on the same GGUF: 110 million
 * parameters (12 layers, width 768, vocabulary 32,000), Q8_0, random weights.
 */
import { findPeer } from '../llama/llama-cpp-peer.js';
import { compareSpeed } from '../llama/measure.js';
import { BENCHMARK_SHAPE, randomModel } from '../llama/random-model.js';
import { installPeer } from './peers.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const peer = peers ? await findPeer(installPeer('llama-cpp', note)) : undefined;
  if (typeof peer === 'string') throw new Error(peer);
  note('making a model of 110 million random weights ...');
  const { engine, peer: other } = await compareSpeed(randomModel(BENCHMARK_SHAPE), peer);
  const unit = 'tok/s';
  const decode = { name: 'engine.decode', value: engine.decode, unit, bar: 'at least 0.8x' };
  yield compare(decode, 'llama.cpp', other?.decode, 'more');
  const prefill = { name: 'engine.prefill', value: engine.prefill, unit, bar: 'at least 0.25x' };
  yield compare(prefill, 'llama.cpp', other?.prefill, 'more');
}

export const engine: Bench = {
  name: 'engine',
  about: 'tokens a second of the engine, one thread, 110M parameters',
  run,
};
