/** The memory of a process as another compute unit gives it. It is believed: a replay tells if it lies. */
import type { AdoptedState } from '../../actors/compute/elsewhere.js';
import { decodeCheckpoint } from '../../actors/lua/checkpoint.js';
import { KitError } from '../errors.js';
import { createEndpoint } from './endpoint.js';

/** A machine's whole memory, at most. */
const STATE_BYTES_MAX = 1024 * 1024 * 1024;
const WASM_PAGE = 65_536;

/** @throws {ADOPT_STATE, ADOPT_AWAY, ADOPT_REFUSED} */
export async function readState(cu: string, process: string): Promise<AdoptedState> {
  const path = `/state/${process}`;
  const { bytes, headers } = await createEndpoint(cu).get(path, STATE_BYTES_MAX);
  const number = (name: string) => {
    const text = headers.get(name) ?? '';
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw badState(cu, process, `its header ${name} is "${text}"`);
  };
  const nonce = number('Last-Ordinate');
  const moment = {
    timestampMs: number('Last-Timestamp'),
    blockHeight: number('Last-Block-Height'),
  };
  const isOurs = bytes.toString('latin1', 0, 3) === 'CRL';
  const isWhole = !isOurs && bytes.length > 0 && bytes.length % WASM_PAGE === 0; // as AO's give it
  if (isWhole) return { nonce, ...moment, memory: { kind: 'whole', memory: bytes } };
  try {
    return { nonce, ...moment, memory: { kind: 'lua', checkpoint: decodeCheckpoint(bytes) } };
  } catch (cause) {
    throw badState(cu, process, (cause as Error).message, cause);
  }
}

/** The log that goes with a memory must reach as far. @throws {ADOPT_STATE} */
export function checkState(
  cu: string,
  process: string,
  { nonce }: AdoptedState,
  length: number,
): void {
  if (nonce < length) return;
  throw badState(cu, process, `it is of nonce ${nonce}, and the log ends at ${length - 1}`);
}

function badState(url: string, process: string, why: string, cause?: unknown): KitError {
  return new KitError('ADOPT_STATE', `the state of ${process} at ${url} cannot be used: ${why}`, {
    hint: "Leave out state: 'checkpoint': then its log is evaluated here.",
    details: { url, process },
    cause,
  });
}
