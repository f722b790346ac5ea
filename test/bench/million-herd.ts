/** A crowd in a Node process of its own: it is told what to play, and tells how it goes. */
import { startCrowd } from './crowd.js';

export interface HerdTask {
  readonly seed: number;
  readonly messages: number;
  /** Messages that the network keeps. */
  readonly kept: number;
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

async function play({ seed, messages, kept }: HerdTask): Promise<HerdAnswer> {
  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));
  const crowd = await startCrowd({ seed, breathe, history: { messages: kept } });
  const start = performance.now();
  for (let target = STEP; target <= messages; target += STEP) {
    await crowd.runTo(target);
    tell({ done: crowd.messages, rss: process.memoryUsage().rss });
  }
  const seconds = (performance.now() - start) / 1000;
  const hash = await crowd.hash();
  await crowd.close();
  return { seconds, hash };
}

function tell(said: HerdStep | HerdAnswer): void {
  process.send?.(said);
}

tell(await play(JSON.parse(process.argv[2] ?? '') as HerdTask));
process.disconnect?.();
