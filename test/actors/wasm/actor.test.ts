/** Processes of a WebAssembly module of our own: rollback, limits, checkpoints, dry-runs. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmActor, type WasmActorOptions } from '../../../actors/wasm/actor.js';
import { createWasmEngine, type WasmEngine } from '../../../actors/wasm/engine.js';
import { WASM_FORMATS } from '../../../actors/wasm/formats.js';
import { compileTally } from './tally.js';

const [, , , FOURTH, WIDE, METERED] = WASM_FORMATS;
const LIMITS = { memoryBytes: 8 * 1024 * 1024, instructions: 1_000_000 };

let binary: Uint8Array;
let engine: WasmEngine;

beforeAll(async () => {
  binary = await compileTally();
  engine = createWasmEngine(binary, format(FOURTH));
});

function format(found: (typeof WASM_FORMATS)[number] | undefined) {
  if (!found) throw new Error('there are seven formats');
  return found;
}

function startActor(options: Partial<WasmActorOptions> = {}) {
  const actor = createWasmActor({ engine, environment: '{}', limits: LIMITS, ...options });
  const tell = (command: string) =>
    actor.evaluate({ json: JSON.stringify({ Data: command }), timestampMs: 0 });
  return { actor, tell };
}

const FAILURES = [
  ['an error in the answer', 'e', 'EVALUATION_FAILED'],
  ['abort', 'a', 'MACHINE_CRASHED'],
  ['a trap', 't', 'MACHINE_CRASHED'],
  ['a loop without an end', 'l', 'INSTRUCTION_LIMIT'],
  ['calls without an end and without a loop', 'b', 'INSTRUCTION_LIMIT'],
] as const;

describe('a message that fails', () => {
  test.each(FAILURES)('leaves no trace: %s', (_what, command, code) => {
    const failing = startActor();
    const other = startActor();
    for (const it of ['+', 's', 'm', '+', '+']) {
      failing.tell(it);
      other.tell(it);
      const { error } = failing.tell(command);
      expect(error?.code).toBe(code);
    }
    expect(failing.tell('+').output).toBe('6');
    other.tell('+');
    expect(Buffer.compare(failing.actor.memory(), other.actor.memory())).toBe(0);
    expect(failing.actor.hash()).toBe(other.actor.hash());
  });

  test('costs what it used until then', () => {
    const { tell } = startActor();
    expect(tell('l').gas).toBe(LIMITS.instructions + 1);
    expect(tell('+').gas).toBeLessThan(200);
  });

  test('is one that is nested too deep for the host', () => {
    const { tell } = startActor({ limits: { ...LIMITS, instructions: 1e9 } });
    expect(tell('d').error?.code).toBe('STACK_LIMIT');
    expect(tell('+').output).toBe('1');
  });

  test('is one that does not fit on the stack of the module', () => {
    const { tell } = startActor();
    expect(tell('x'.repeat(40_000)).error?.code).toBe('STACK_LIMIT');
    expect(tell('+').output).toBe('1');
  });
});

describe('memory', () => {
  test('grows up to the limit, and shrinks back with the message that failed', () => {
    const { actor, tell } = startActor();
    const failed = Array.from({ length: 12 }, () => tell('m')).findIndex(({ error }) => error);
    expect(failed).toBe(7);
    expect(tell('m').error).toMatchObject({ code: 'MEMORY_LIMIT', hint: /Memory-Limit/ });
    expect(actor.memory().length).toBeLessThanOrEqual(LIMITS.memoryBytes);
    expect(tell('+').output).toBe('8');
  });

  test('a module that begins with more than its limit is refused', () => {
    const limits = { ...LIMITS, memoryBytes: 65_536 };
    expect(() => startActor({ limits })).toThrow(/begins with 262144 bytes/);
  });
});

describe('a checkpoint', () => {
  test('goes on where it was taken, to the same states', () => {
    const one = startActor();
    for (const it of ['+', 'm', 's', 'c', 'e']) one.tell(it);
    const checkpoint = one.actor.checkpoint();
    const other = startActor({ checkpoint });
    for (const it of ['c', 'm', '+', 'a', 's']) {
      expect(other.tell(it)).toEqual(one.tell(it));
      expect(other.actor.hash()).toBe(one.actor.hash());
    }
  });

  test('is small, whatever the size of the memory', () => {
    const { actor, tell } = startActor();
    for (const it of ['m', 'm', 'm', 'm']) tell(it);
    expect(actor.memory().length).toBeGreaterThan(4_000_000);
    expect(actor.checkpoint().length).toBeLessThan(2_000);
  });

  test('of another module, or damaged, is refused', () => {
    const metered = createWasmEngine(binary, format(METERED));
    const checkpoint = startActor().actor.checkpoint();
    expect(() => startActor({ engine: metered, checkpoint })).toThrow(/another module/);
    const broken = checkpoint.slice(0, -3);
    expect(() => startActor({ checkpoint: broken })).toThrow(/no checkpoint/);
  });
});

test('a dry-run answers as the message would, and changes nothing', () => {
  const { actor, tell } = startActor();
  tell('+');
  const before = actor.hash();
  for (const command of ['+', 'm', 'c', 'e', 't']) {
    actor.dryRun({ json: JSON.stringify({ Data: command }), timestampMs: 0 });
    expect(actor.hash()).toBe(before);
  }
  const asked = actor.dryRun({ json: '{"Data":"+"}', timestampMs: 0 });
  expect(asked.output).toBe('2');
  expect(tell('+').output).toBe('2');
});

test('the clock counts its own readings, and goes on after a message that failed', () => {
  const { tell } = startActor();
  const first = Number(tell('c').output);
  tell('a');
  expect(Number(tell('c').output)).toBe(first + 1);
});

test('an instance that was given back begins as a new one', () => {
  const first = startActor();
  const fresh = first.actor.hash();
  for (const it of ['+', 's', 'c']) first.tell(it);
  first.actor.dispose();
  const second = startActor();
  expect(second.actor.hash()).toBe(fresh);
  expect(second.tell('+').output).toBe('1');
});

describe('a metered build', () => {
  test('tells its gas, and ends when it has none', () => {
    const metered = createWasmEngine(binary, format(METERED));
    const { tell } = startActor({ engine: metered, limits: { ...LIMITS, gas: 1_000_000 } });
    const { gas } = tell('+');
    expect(gas).toBeGreaterThan(10_000);
    expect(tell('+').gas).toBe(gas);
    expect(tell('l').error?.code).toBe('GAS_LIMIT');
    expect(tell('+').output).toBe('3');
  });
});

describe('what is no module of AO', () => {
  const create = (bytes: Uint8Array, name = FOURTH) => createWasmEngine(bytes, format(name));

  test('is refused with what is wrong', () => {
    expect(() => create(Buffer.from('no wasm'))).toThrow(/does not begin like WebAssembly/);
    expect(() => create(binary.subarray(0, 100))).toThrow(/malformed|does not/);
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(() => create(empty)).toThrow(/does not export `handle`/);
    expect(() => create(binary, WIDE)).toThrow(/32-bit addresses/);
  });

  test('is refused whatever byte of it is wrong', () => {
    for (let at = 8; at < binary.length; at += 7) {
      const changed = Uint8Array.from(binary);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      try {
        const { tell } = startActor({ engine: create(changed) });
        tell('+');
      } catch (error) {
        expect(error).toMatchObject({ name: 'WasmError', hint: expect.any(String) });
      }
    }
  });
});
