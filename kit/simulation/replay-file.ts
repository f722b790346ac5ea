/**
 * The file of a failed simulation: JSON that a person can read, with the shortest list of actions that
 * was found, and what it takes to do them again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { KitError } from '../errors.js';
import type { Action } from './action.js';
import type { Failure } from './run.js';

export interface Replay {
  readonly seed: number;
  readonly failure: Failure;
  readonly actions: readonly Action[];
  readonly crank: 'auto' | 'manual';
  readonly settleMs: number;
}

const FORMAT = 'corral-simulation';
const VERSION = 1;

/** Where failures go that were given no file: where nobody commits them. */
const FOLDER = '.corral';

/**
 * @param given without it the file is named by what is in it: two failures never share one, and the
 *   same one has the same file
 * @returns the file @throws {FILE_NOT_WRITABLE}
 */
export function writeReplay(given: string | undefined, replay: Replay): string {
  const text = JSON.stringify({ format: FORMAT, version: VERSION, ...replay }, null, 2);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const file = given ?? `${FOLDER}/simulation-${replay.seed}-${hash}.json`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, `${text}\n`);
    renameSync(`${file}.part`, file); // never half a file
    return file;
  } catch (cause) {
    throw new KitError('FILE_NOT_WRITABLE', `cannot write ${file}: ${(cause as Error).message}`, {
      hint: 'Give another `file`, or false for none.',
      details: { file },
      cause,
    });
  }
}

/** @throws {FILE_NOT_READABLE, REPLAY_INVALID} */
export function readReplay(file: string): Replay {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalid(file, 'it is no JSON', cause);
    throw new KitError('FILE_NOT_READABLE', `cannot read ${file}: ${(cause as Error).message}`, {
      hint: 'Give the path of a file that a failed simulation wrote.',
      details: { file },
      cause,
    });
  }
  const { format, version, ...replay } = (value ?? {}) as Record<string, unknown>;
  if (format !== FORMAT) throw invalid(file, 'its format is another one');
  if (version !== VERSION) throw invalid(file, `its version is ${version}, not ${VERSION}`);
  const { seed, failure, actions, crank, settleMs } = replay as Partial<Replay>;
  const isWhole =
    Number.isSafeInteger(seed) &&
    Number.isSafeInteger(settleMs) &&
    (crank === 'auto' || crank === 'manual') &&
    typeof failure?.checker === 'string' &&
    Array.isArray(actions) &&
    actions.every(({ kind, number }) => typeof kind === 'string' && Number.isSafeInteger(number));
  if (!isWhole) throw invalid(file, 'fields of it are missing');
  return replay as unknown as Replay;
}

function invalid(file: string, why: string, cause?: unknown): KitError {
  return new KitError('REPLAY_INVALID', `${file} is no file of a simulation: ${why}`, {
    hint: 'Give a file that a failed simulation wrote, unchanged.',
    details: { file },
    cause,
  });
}
