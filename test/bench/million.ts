/**
 * The herd at length: a million messages of a crowd, wAR, the herder and twenty workers with a modelled
 * engine in one network, twice with the same seed. Bars: five minutes, bounded memory, one hash.
 */
import { startSigningThread } from '../../actors/signing/signing-thread.js';
import { startCrowd } from './crowd.js';
import type { Bench, BenchContext, Row } from './row.js';

const MESSAGES = 1_000_000;
const STEP = 100_000;
const SEED = 1;
/** Messages that the network keeps. */
const KEPT = 20_000;

interface Outcome {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly hash: string;
}

async function runOnce(note: BenchContext['note']): Promise<Outcome> {
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const start = performance.now();
  const signing = await startSigningThread(SEED);
  const crowd = await startCrowd({ seed: SEED, breathe, signing, history: { messages: KEPT } });
  let peakBytes = 0;
  for (let target = STEP; target <= MESSAGES; target += STEP) {
    await crowd.runTo(target);
    const { rss } = process.memoryUsage();
    peakBytes = Math.max(peakBytes, rss);
    const seconds = (performance.now() - start) / 1000;
    note(`${crowd.messages} messages, ${seconds.toFixed(1)} s, ${Math.round(rss / 1e6)} MB`);
  }
  const seconds = (performance.now() - start) / 1000;
  const hash = await crowd.hash();
  await crowd.close();
  await signing.close();
  return { seconds, peakBytes, hash };
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const first = await runOnce(note);
  const { seconds, peakBytes, hash } = first;
  yield { name: 'million.time', value: seconds, unit: 's', bar: 'below 300' };
  yield { name: 'million.rate', value: MESSAGES / seconds, unit: 'messages/s' };
  yield { name: 'million.memory', value: peakBytes / 1e6, unit: 'MB', bar: 'bounded' };
  const again = await runOnce(note);
  if (again.hash !== hash) throw new Error(`the hashes are ${hash} and ${again.hash}`);
  yield { name: 'million.again', value: again.seconds, unit: 's', bar: `the same hash` };
}

export const million: Bench = {
  name: 'million',
  about: 'a million messages of a crowd, a herder and 20 workers with a modelled engine',
  onlyByName: true,
  run,
};
