/**
 * The herd at length: a million messages of crowds, each with wAR, a herder and twenty workers with a
 * modelled engine, twice with the same seeds. Two networks take a half each, in a Node process
 * of their own. Bars: five minutes, bounded memory, one hash. How fast one network goes by itself stands
 * beside it.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { HerdAnswer, HerdStep, HerdTask } from './million-herd.js';
import type { Bench, BenchContext, Row } from './row.js';

const MESSAGES = 1_000_000;
const SEEDS = [1, 2];
/** Messages that a network keeps. */
const KEPT = 20_000;
const ALONE = 50_000;

interface Outcome {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly hash: string;
}

async function runOnce(note: BenchContext['note']): Promise<Outcome> {
  const start = performance.now();
  const messages = MESSAGES / SEEDS.length;
  const peaks = new Map<number, number>(); // by seed, bytes
  const herds = SEEDS.map((seed) =>
    runHerd({ seed, messages, kept: KEPT }, ({ done, rss }) => {
      peaks.set(seed, Math.max(rss, peaks.get(seed) ?? 0));
      const seconds = (performance.now() - start) / 1000;
      note(`seed ${seed}: ${done} messages, ${seconds.toFixed(1)} s, ${Math.round(rss / 1e6)} MB`);
    }),
  );
  const answers = await Promise.all(herds);
  const peakBytes = [...peaks.values()].reduce((sum, it) => sum + it, 0);
  const seconds = (performance.now() - start) / 1000;
  const hash = createHash('sha256').update(answers.map((it) => it.hash).join(' '));
  return { seconds, peakBytes, hash: hash.digest('base64url') };
}

/** Has a crowd played by a Node process of its own. */
function runHerd(task: HerdTask, progress: (step: HerdStep) => void): Promise<HerdAnswer> {
  const child = fork(fileURLToPath(new URL('million-herd.ts', import.meta.url)), [
    JSON.stringify(task),
  ]);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the process of a herd ended with ${code}`)));
    child.on('message', (said: HerdStep | HerdAnswer) => {
      if ('hash' in said) resolve(said);
      else progress(said);
    });
  });
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const { seconds, peakBytes, hash } = await runOnce(note);
  yield { name: 'million.time', value: seconds, unit: 's', bar: 'below 300' };
  yield { name: 'million.rate', value: MESSAGES / seconds, unit: 'messages/s' };
  yield { name: 'million.memory', value: peakBytes / 1e6, unit: 'MB', bar: 'bounded' };
  const again = await runOnce(note);
  if (again.hash !== hash) throw new Error(`the hashes are ${hash} and ${again.hash}`);
  yield { name: 'million.again', value: again.seconds, unit: 's', bar: `the same hash` };
  const task = { seed: 1, messages: ALONE, kept: KEPT };
  const alone = await runHerd(task, ({ done }) => note(`alone: ${done} messages`));
  yield { name: 'million.one-network', value: ALONE / alone.seconds, unit: 'messages/s' };
}

export const million: Bench = {
  name: 'million',
  about:
    'a million messages of two crowds, each with a herder and 20 workers with a modelled engine',
  onlyByName: true,
  run,
};
