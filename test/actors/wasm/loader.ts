/** @permaweb/ao-loader in a process of its own, and Corral's machine, with the same log. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWasmActor } from '../../../actors/wasm/actor.js';
import { createWasmEngine } from '../../../actors/wasm/engine.js';
import { findFormat } from '../../../actors/wasm/formats.js';
import type { Drive } from '../../../actors/wasm/guest.js';
import { ENVIRONMENT, type LogMessage } from './logs.js';

const child = fileURLToPath(new URL('loader-child.cjs', import.meta.url));

export interface LoaderJob {
  /** The .wasm file. */
  readonly module: string;
  readonly format: string;
  readonly messages: readonly LogMessage[];
  readonly options?: Record<string, unknown>;
  /** File of @permaweb/weavedrive, and what it takes. */
  readonly weaveDrive?: string;
  readonly driveOptions?: Record<string, unknown>;
  /** False to leave out the state of the memory. */
  readonly hashes?: boolean;
}

/** What came of one message. */
export interface Outcome {
  /** What it answered, its error, or that the module did not come to an end. */
  readonly answer: unknown;
  readonly messages: unknown;
  readonly spawns: unknown;
  /** Gas of a metered build. */
  readonly gas: number | undefined;
  /** Size and SHA-256 of the memory after it; that of before, if it failed. */
  readonly bytes: number | undefined;
  readonly sha256: string | undefined;
}

const CRASHED = 'the module did not come to an end';

interface Line {
  readonly result?: { Output?: unknown; Error?: unknown; Messages?: unknown; Spawns?: unknown };
  readonly thrown?: string;
  /** Class of an exception that is an Error. */
  readonly name?: string;
  readonly gas?: number;
  readonly bytes?: number;
  readonly sha256?: string;
}

/** Messages that are evaluated one after the other by ao-loader, on the memory of the one before. */
export async function runLoader(peer: string, job: LoaderJob): Promise<Outcome[]> {
  const loader = join(peer, 'node_modules/@permaweb/ao-loader/dist/index.cjs');
  const program = spawn(process.execPath, [child], {
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  program.stdin.end(JSON.stringify({ env: ENVIRONMENT, ...job, loader }));
  let text = '';
  for await (const piece of program.stdout.setEncoding('utf8')) text += piece;
  return text.trim().split('\n').map(readLine);
}

function readLine(text: string): Outcome {
  const { result, thrown, name, gas, bytes, sha256 } = JSON.parse(text) as Line;
  const { Output = '', Error: error, Messages = [], Spawns = [] } = result ?? {};
  const failure = name === undefined ? thrown : CRASHED;
  return {
    answer: failure ?? (error || Output),
    messages: error ? [] : Messages,
    spawns: error ? [] : Spawns,
    gas: gas || undefined,
    bytes,
    sha256,
  };
}

/** The same by Corral. */
export function runCorral(job: LoaderJob, drive?: Drive): Outcome[] {
  const format = findFormat(job.format);
  if (!format) throw new Error(`no format ${job.format}`);
  const gas = Number(job.options?.computeLimit ?? Number.MAX_SAFE_INTEGER);
  const engine = createWasmEngine(readFileSync(job.module), format);
  const isMetered =
    format.gas !== undefined || engine.binary.imports.some(({ name }) => name === 'usegas');
  const actor = createWasmActor({
    engine,
    environment: JSON.stringify(ENVIRONMENT),
    limits: { memoryBytes: 4 * 1024 ** 3, instructions: 20_000_000_000, gas },
    drive,
  });
  let isBegun = false;
  return job.messages.map((message) => {
    const json = JSON.stringify(message);
    const result = actor.evaluate({ json, timestampMs: Number.MAX_SAFE_INTEGER });
    const { error, output, messages, spawns } = result;
    const failure = error?.code === 'EVALUATION_FAILED' ? error.value : CRASHED;
    const isPaid = error === undefined || failure !== CRASHED;
    isBegun ||= error === undefined;
    return {
      answer: error ? failure : output,
      messages,
      spawns,
      gas: isMetered && isPaid ? result.gas : undefined,
      ...(isBegun && job.hashes !== false ? describe(actor.memory()) : NOTHING),
    };
  });
}

const NOTHING = { bytes: undefined, sha256: undefined };

function describe(memory: Uint8Array) {
  const sha256 = createHash('sha256').update(memory).digest('hex');
  return { bytes: memory.length, sha256 };
}
