/**
 * llama.cpp as the engine's peer, through node-llama-cpp. It is not a dependency: `npm run peers`
 * installs it apart.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { missingPeer, peerFolder } from '../peers.js';
import { PEER_GREEDY, PEER_LOGIT_STEPS, PEER_PROMPT } from './peer-cases.js';

/** What llama.cpp answered for one case. */
export interface PeerAnswer {
  readonly greedy: readonly number[];
  /** Logits of the whole vocabulary at PEER_LOGIT_STEPS. */
  readonly logits: readonly (readonly number[])[];
}

interface LoadedModel {
  tokenize(text: string, specialTokens: boolean): number[];
  createContext(options: object): Promise<{ getSequence(): Sequence; dispose(): Promise<void> }>;
  dispose(): Promise<void>;
}

interface Sequence {
  controlledEvaluate(
    input: unknown[],
  ): Promise<({ next: { logits?: Map<number, number> } } | undefined)[]>;
  evaluateWithoutGeneratingNewTokens(ids: readonly number[]): Promise<void>;
  evaluate(ids: readonly number[], options: object): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}

export interface Peer {
  readonly version: string;
  /** Opens GGUF bytes, hands the model to `use`, and closes it. */
  withModel<T>(bytes: Uint8Array, use: (model: LoadedModel) => Promise<T>): Promise<T>;
}

/** The peer, or the reason why there is none. */
export async function findPeer(folder = peerFolder('llama-cpp')): Promise<Peer | string> {
  if (folder === undefined) return missingPeer('llama-cpp');
  const require = createRequire(join(folder, 'package.json'));
  const entry = pathToFileURL(join(folder, 'node_modules/node-llama-cpp/dist/index.js')).href;
  const { getLlama } = await import(entry);
  const { version } = require('./node_modules/node-llama-cpp/package.json');
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: 'error',
    maxThreads: 1,
  });
  return {
    version: `node-llama-cpp ${version}`,
    async withModel(bytes, use) {
      const scratch = mkdtempSync(join(tmpdir(), 'corral-peer-'));
      try {
        const modelPath = join(scratch, 'model.gguf');
        writeFileSync(modelPath, bytes);
        const model: LoadedModel = await llama.loadModel({ modelPath });
        try {
          return await use(model);
        } finally {
          await model.dispose();
        }
      } finally {
        rmSync(scratch, { recursive: true });
      }
    },
  };
}

/** Greedy ids and logits of a case's model. */
export async function askPeer(peer: Peer, bytes: Uint8Array): Promise<PeerAnswer> {
  return peer.withModel(bytes, async (model) => {
    const context = await model.createContext({
      contextSize: 128,
      threads: 1,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
      flashAttention: false,
    });
    const sequence = context.getSequence();
    const greedy: number[] = [];
    const logits: number[][] = [];
    let input: number[] = [...PEER_PROMPT];
    while (greedy.length < PEER_GREEDY) {
      const last = [input.at(-1), { generateNext: { logits: true } }];
      const outputs = await sequence.controlledEvaluate([...input.slice(0, -1), last]);
      const next = [...(outputs.at(-1)?.next.logits ?? [])];
      const best = next[0]?.[0];
      if (best === undefined) throw new Error('llama.cpp gave no logits');
      if (PEER_LOGIT_STEPS.includes(greedy.length)) {
        logits.push(next.sort((a, b) => a[0] - b[0]).map(([, logit]) => Math.fround(logit)));
      }
      greedy.push(best);
      input = [best];
    }
    await context.dispose();
    return { greedy, logits };
  });
}

/** llama.cpp's ids of some texts, without recognising control tokens. */
export async function tokenizeWithPeer(
  peer: Peer,
  bytes: Uint8Array,
  texts: readonly string[],
): Promise<number[][]> {
  return peer.withModel(bytes, async (model) =>
    texts.map((text) => [...model.tokenize(text, false)]),
  );
}

/** What llama.cpp continues a prompt of ids with: its likeliest tokens, up to and with `endId`. */
export async function continueWithPeer(
  peer: Peer,
  bytes: Uint8Array,
  prompts: readonly (readonly number[])[],
  { count, endId }: { count: number; endId: number },
): Promise<number[][]> {
  return peer.withModel(bytes, async (model) => {
    const context = await model.createContext({ contextSize: 256, threads: 1 });
    const sequence = context.getSequence();
    const answers: number[][] = [];
    for (const prompt of prompts) {
      await sequence.clearHistory();
      const ids: number[] = [];
      for await (const id of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
        ids.push(id);
        if (id === endId || ids.length >= count) break;
      }
      answers.push(ids);
    }
    await context.dispose();
    return answers;
  });
}
