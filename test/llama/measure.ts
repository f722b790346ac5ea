/**
 * Speed of the engine and of llama.cpp on the same model, one thread each, in turns. Time is processor
 * time, which is what a clock shows on an idle machine and does not grow when others are busy; what is
 * compared is the median of the rounds.
 */
import { openProgram } from '../../llama/program.js';
import { evaluateIds, generateTokens } from './ids.js';
import type { Peer } from './llama-cpp-peer.js';

interface Speed {
  /** Prompt tokens evaluated in a second of processor time. */
  readonly prefill: number;
  /** Tokens generated in a second of processor time, from an empty context as llama-bench does. */
  readonly decode: number;
}

export interface SpeedComparison {
  readonly engine: Speed;
  /** Missing when there is no peer to compare with. */
  readonly peer: Speed | undefined;
}

const PROMPT_LENGTH = 256;
const ANSWER_LENGTH = 64;
const CONTEXT = 1024;

type MeasureRound = (round: number) => Promise<Speed>;

/** Measures `rounds` rounds (after one to warm up) on the model of these GGUF bytes. */
export async function compareSpeed(
  bytes: Uint8Array,
  peer: Peer | undefined,
  rounds = 5,
): Promise<SpeedComparison> {
  const engine = engineRounds(bytes);
  if (peer === undefined) return { engine: await takeRounds([engine], rounds).then(first), peer };
  return peer.withModel(bytes, async (model) => {
    const context = await model.createContext({ contextSize: CONTEXT, threads: 1 });
    const sequence = context.getSequence();
    const other: MeasureRound = async (round) => {
      await sequence.clearHistory();
      const prompt = promptOf(round);
      const start = readSeconds();
      await sequence.evaluateWithoutGeneratingNewTokens(prompt);
      const prefill = PROMPT_LENGTH / (readSeconds() - start);
      await sequence.clearHistory();
      const decodeStart = readSeconds();
      let count = 0;
      const options = { temperature: 0, yieldEogToken: true };
      for await (const _ of sequence.evaluate(prompt.slice(0, 1), options)) {
        count += 1;
        if (count >= ANSWER_LENGTH) break;
      }
      return { prefill, decode: count / (readSeconds() - decodeStart) };
    };
    const [ours, theirs] = await takeRounds([engine, other], rounds);
    await context.dispose();
    if (ours === undefined) throw new Error('no round was measured');
    return { engine: ours, peer: theirs };
  });
}

function engineRounds(bytes: Uint8Array): MeasureRound {
  const program = openProgram(bytes, { contextLength: CONTEXT });
  return async (round) => {
    const prompt = promptOf(round);
    const start = readSeconds();
    evaluateIds(program, prompt);
    const prefill = PROMPT_LENGTH / (readSeconds() - start);
    const decodeStart = readSeconds();
    const count = generateTokens(program, promptOf(round + 1).slice(0, 1), ANSWER_LENGTH);
    return { prefill, decode: count / (readSeconds() - decodeStart) };
  };
}

async function takeRounds(measures: readonly MeasureRound[], rounds: number): Promise<Speed[]> {
  const taken: Speed[][] = measures.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, measure] of measures.entries()) {
      const speed = await measure(round);
      if (round > 0) taken[i]?.push(speed);
    }
  }
  return taken.map((speeds) => ({
    prefill: median(speeds.map((speed) => speed.prefill)),
    decode: median(speeds.map((speed) => speed.decode)),
  }));
}

function first(speeds: readonly Speed[]): Speed {
  const [speed] = speeds;
  if (speed === undefined) throw new Error('no round was measured');
  return speed;
}

/** Different in every round, so that no cache knows it. */
function promptOf(round: number): number[] {
  return Array.from({ length: PROMPT_LENGTH }, (_, i) => 300 + (((i + round) * 7919) % 31000));
}

/** Processor time of this whole process, in seconds. */
function readSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
