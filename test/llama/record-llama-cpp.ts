/**
 * Records what llama.cpp answers to the cases of peer-cases.ts, in test/vectors/llama-cpp.json, so that
 * the engine is held against it where llama.cpp is not installed. Run it after changing a case:
 *   npm run peers -- llama-cpp && npx tsx test/llama/record-llama-cpp.ts
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  askPeer,
  findPeer,
  type Peer,
  type PeerAnswer,
  tokenizeWithPeer,
} from './llama-cpp-peer.js';
import { PEER_CASES, PEER_TEXTS, PEER_VOCABULARY } from './peer-cases.js';
import { randomModel } from './random-model.js';

interface RecordedCase extends PeerAnswer {
  readonly name: string;
  /** SHA-256 of the model file, so that a changed case is not compared with an old answer. */
  readonly model: string;
}

export interface Recording {
  readonly source: string;
  readonly cases: readonly RecordedCase[];
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

export const VECTORS_URL = new URL('../vectors/llama-cpp.json', import.meta.url);

export function hashModel(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Asks llama.cpp all questions. */
export async function record(peer: Peer): Promise<Recording> {
  const cases: RecordedCase[] = [];
  for (const { name, shape } of PEER_CASES) {
    const bytes = randomModel(shape);
    cases.push({ name, model: hashModel(bytes), ...(await askPeer(peer, bytes)) });
  }
  const ids = await tokenizeWithPeer(peer, randomModel(PEER_VOCABULARY), PEER_TEXTS);
  const texts = PEER_TEXTS.map((text, i) => ({ text, ids: ids[i] ?? [] }));
  return { source: peer.version, cases, texts };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const peer = await findPeer();
  if (typeof peer === 'string') throw new Error(peer);
  const recording = await record(peer);
  const json = JSON.stringify(recording, null, 1).replace(/,\n\s+(?=-?[\d.])/g, ',');
  writeFileSync(VECTORS_URL, `${json}\n`);
  process.exit(0); // llama.cpp's threads would keep the process alive
}
