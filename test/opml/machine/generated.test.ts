/** Random modules: V8 and the fast interpreter end alike, and the judge agrees on sampled steps. */
import { describe, expect, it } from 'vitest';
import { createInterpreter } from '../../../opml/machine/interpreter.js';
import { STATUS, statusName } from '../../../opml/machine/state.js';
import { generateModule } from './module-generator.js';
import { TEST_BOUNDS } from './opcode-cases.js';
import {
  isSameEnding,
  lowerModule,
  nativeStep,
  openMachine,
  proveStep,
  testMemory,
} from './three-tiers.js';

const MODULES = 10_000;
const PARTS = 10;
const JUDGED_EVERY = 100; // modules
const STEPS_MAX = 1_000_000;

const shared = new WebAssembly.Memory({ initial: 1 });
const memory = testMemory();

/** Runs one module on both; returns what differs, if anything does. */
function compareEndings(seed: number): string | undefined {
  const wasm = generateModule(seed);
  const native = nativeStep(wasm, shared);
  native.memory.fill(0);
  memory.fill(0);
  const nativeEnding = native.step();
  const machine = createInterpreter(lowerModule(wasm), { memory, bounds: TEST_BOUNDS });
  machine.run(STEPS_MAX);
  const ours = statusName(machine.status);
  // V8 knows no read-only memory: from there on the two differ.
  if (machine.status === STATUS.readOnlyMemory) return undefined;
  if (!isSameEnding(nativeEnding, ours)) return `seed ${seed}: ${nativeEnding}, not ${ours}`;
  const same = Buffer.compare(memory, native.memory) === 0;
  return same ? undefined : `seed ${seed}: other memory`;
}

describe.each(Array.from({ length: PARTS }, (_, part) => part))('part %i', (part) => {
  const each = MODULES / PARTS;
  it('ends as in V8, with the same memory', () => {
    const seeds = Array.from({ length: each }, (_, index) => part * each + index);
    expect(seeds.map(compareEndings).filter((difference) => difference !== undefined)).toEqual([]);
  });

  it('is judged as it runs', () => {
    for (let seed = part * each; seed < (part + 1) * each; seed += JUDGED_EVERY) {
      const tested = openMachine(lowerModule(generateModule(seed)), testMemory());
      for (let stride = 1 + (seed % 7); tested.machine.status === STATUS.running; ) {
        proveStep(tested);
        tested.machine.run(stride);
      }
    }
  });
});
