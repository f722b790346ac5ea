/**
 * Programs that try to get out of the Lua machine, or to take its host with them: known escapes, and
 * generated programs. Whatever they do happens in their own process: an error leaves its state as it
 * was, the bounds hold, the same program does the same in another network, and the processes beside
 * it do not notice.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActorNetwork, ProcessHandle } from '../../actors/network.js';
import { startNetwork } from '../actors/kernel-module.js';
import { ESCAPES } from './lua-escapes.js';
import { EXHAUSTION } from './lua-exhaustion.js';
import { program } from './lua-programs.js';

/** One in a hundred of the requests of a run. */
const PROGRAMS = Math.ceil(Number(process.env.CORRAL_FUZZ ?? 10_000) / 100);
const SEED = Number(process.env.CORRAL_FUZZ_SEED ?? 1);
const INSTRUCTIONS = 3_000_000;
const MEMORY_BYTES = 16 * 1024 * 1024;
/** Copies are paid for once they are made: the last one may be as large as memory. */
const GAS_MAX = INSTRUCTIONS + MEMORY_BYTES / 64;

interface Cell {
  network: ActorNetwork;
  spawn: (code?: string) => Promise<ProcessHandle>;
}

const open = (): Promise<Cell> =>
  startNetwork({
    limits: {
      instructions: INSTRUCTIONS,
      memoryBytes: MEMORY_BYTES,
      crankDepth: 5,
      liveMachines: 8,
    },
  });

let cells: [Cell, Cell];
let guards: [ProcessHandle, ProcessHandle];
let untouched: string;
beforeAll(async () => {
  cells = [await open(), await open()];
  guards = [await cells[0].spawn('Kept = { 1, 2, 3 }'), await cells[1].spawn('Kept = { 1, 2, 3 }')];
  untouched = await cells[0].network.stateHash(guards[0].id);
});
afterAll(async () => {
  for (const { network } of cells) await network.close();
});

/** What a program does to its process. */
async function attempt({ network }: Cell, victim: ProcessHandle, code: string) {
  const before = await network.stateHash(victim.id);
  const { result } = await victim.eval(code);
  const after = await network.stateHash(victim.id);
  return { result, before, after };
}

/** The same in both networks, and everything that must hold. */
async function tryBoth(victims: readonly [ProcessHandle, ProcessHandle], code: string) {
  const first = await attempt(cells[0], victims[0], code);
  const second = await attempt(cells[1], victims[1], code);
  expect(second).toEqual(first);
  const { result, before, after } = first;
  expect(result).toBeDefined();
  expect(result?.gas).toBeLessThanOrEqual(GAS_MAX);
  if (result?.error) expect(after).toBe(before);
  expect(JSON.stringify(result)).not.toContain('ESCAPED');
  expect(() => JSON.stringify(result)).not.toThrow();
  return first;
}

async function checkGuards(): Promise<void> {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(await cells[0].network.stateHash(guards[0].id)).toBe(untouched);
  expect(await cells[1].network.stateHash(guards[1].id)).toBe(untouched);
}

/** Both networks still bring processes to life. */
async function checkNewcomers(): Promise<void> {
  for (const { spawn } of cells) {
    const { result } = await (await spawn()).eval('1 + 1');
    expect(result?.output).toMatchObject({ data: '2' });
  }
}

describe('a known escape or excess leads nowhere', () => {
  test.each([...ESCAPES, ...EXHAUSTION])('%s', async (_, code) => {
    const victims = [await cells[0].spawn(), await cells[1].spawn()] as const;
    await tryBoth(victims, code);
    // Whatever it did to itself, it is asked again, and the host bears the answer.
    await tryBoth(victims, `return 'again'`);
    await checkGuards();
  });

  test('and the next processes live', checkNewcomers);
});

test(`${PROGRAMS} generated programs stay in their process`, async () => {
  let victims = [await cells[0].spawn(), await cells[1].spawn()] as const;
  let count = 0;
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(program, async (code) => {
      if (++count % 50 === 0) victims = [await cells[0].spawn(), await cells[1].spawn()];
      const { result } = await tryBoth(victims, code);
      const end = result?.error?.code ?? 'answered';
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }),
    { numRuns: PROGRAMS, seed: SEED },
  );
  if (process.env.CORRAL_FUZZ) console.log('programs', Object.fromEntries(ends));
  expect(ends.get('answered') ?? 0).toBeGreaterThan(PROGRAMS / 20);
  expect(ends.has('MACHINE_CRASHED')).toBe(false);
  await checkGuards();
  await checkNewcomers();
}, 3_600_000);
