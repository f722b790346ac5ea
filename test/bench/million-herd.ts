/** A crowd in a Node process of its own: it is told what to play, and tells how it goes. */
import { startSigningThread } from '../../actors/signing/signing-thread.js';
import { startCrowd } from './crowd.js';

export interface HerdTask {
  readonly seed: number;
  readonly messages: number;
  /** Messages that the network keeps. */
  readonly kept: number;
  /** Whether nobody else wants the other core: then a thread signs for the network. */
  readonly isAlone: boolean;
}

export interface HerdStep {
  /** Messages so far. */
  readonly done: number;
  /** Memory of the process, in bytes. */
  readonly rss: number;
}

export interface HerdAnswer {
  /** From the first message after the herd was set up to the last. */
  readonly seconds: number;
  readonly hash: string;
}

const STEP = 25_000;

async function play({ seed, messages, kept, isAlone }: HerdTask): Promise<HerdAnswer> {
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const signing = isAlone ? await startSigningThread(seed) : undefined;
  const signed = signing ? { signing } : {};
  const crowd = await startCrowd({ seed, breathe, history: { messages: kept }, ...signed });
  const start = performance.now();
  for (let target = STEP; target <= messages; target += STEP) {
    await crowd.runTo(target);
    tell({ done: crowd.messages, rss: process.memoryUsage().rss });
  }
  const seconds = (performance.now() - start) / 1000;
  const hash = await crowd.hash();
  await crowd.close();
  await signing?.close();
  return { seconds, hash };
}

function tell(said: HerdStep | HerdAnswer): void {
  process.send?.(said);
}

tell(await play(JSON.parse(process.argv[2] ?? '') as HerdTask));
process.disconnect?.();
