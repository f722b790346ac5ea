/**
 * Runs one module three times: by V8, by the fast interpreter and, step by step, by the judge.
 */

import type { Bounds } from '../../../llama/regions.js';
import type { Code } from '../../../opml/machine/code.js';
import { createInterpreter, type Interpreter } from '../../../opml/machine/interpreter.js';
import { lowerModule } from '../../../opml/machine/lower.js';
import { type Hash, RegionTree } from '../../../opml/machine/merkle.js';
import type { StepDetail } from '../../../opml/machine/proof-step.js';
import {
  type ProgramConstants,
  programRoot,
  regionRange,
  STATUS,
} from '../../../opml/machine/state.js';
import { type VerifiedStep, verifyStep } from '../../../opml/machine/verify.js';
import { buildWitness } from '../../../opml/machine/witness.js';
import { TEST_BOUNDS } from './opcode-cases.js';

const PAGE = 65536;

/** A module ready to be run by V8, on a memory of one page that may be shared. */
export function nativeStep(
  wasm: Uint8Array,
  memory = new WebAssembly.Memory({ initial: 1 }),
): { memory: Uint8Array; step: () => string } {
  const module = new WebAssembly.Module(wasm);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const run = exports.step as () => void;
  return {
    memory: new Uint8Array(memory.buffer),
    step: () => {
      try {
        run();
        return 'halted';
      } catch (error) {
        return trapName((error as Error).message);
      }
    },
  };
}

/** Whether V8's name of an ending is ours: it has one message for both traps of a conversion. */
export function isSameEnding(native: string, ours: string): boolean {
  const conversion = ours === 'invalidConversion' || ours === 'integerOverflow';
  return native === ours || (native === 'conversion' && conversion);
}

/** The machine's name for V8's message. */
function trapName(message: string): string {
  if (/unreachable/.test(message)) return 'unreachable';
  if (/out of bounds/.test(message)) return 'memoryOutOfBounds';
  if (/divide by zero|remainder by zero/.test(message)) return 'divisionByZero';
  if (/divide result unrepresentable/.test(message)) return 'integerOverflow';
  if (/float unrepresentable/.test(message)) return 'conversion';
  if (/call stack/.test(message)) return 'stackOverflow';
  throw new Error(`unknown trap: ${message}`);
}

export interface Tested {
  readonly machine: Interpreter;
  readonly program: ProgramConstants;
  readonly inputRoot: Hash;
}

export function constantsOf(code: Code, memory: Uint8Array, bounds: Bounds): ProgramConstants {
  const root = (region: 'vocabulary' | 'weights') => {
    const { from, to } = regionRange(bounds, region);
    return new RegionTree(memory.subarray(from, to)).root;
  };
  return {
    codeRoot: code.codeRoot(),
    codeLength: code.count,
    entryPc: code.entryPc,
    vocabularyRoot: root('vocabulary'),
    weightsRoot: root('weights'),
    bounds,
  };
}

export function openMachine(code: Code, memory: Uint8Array, bounds: Bounds = TEST_BOUNDS): Tested {
  const { from, to } = regionRange(bounds, 'input');
  return {
    machine: createInterpreter(code, { memory, bounds }),
    program: constantsOf(code, memory, bounds),
    inputRoot: new RegionTree(memory.subarray(from, to)).root,
  };
}

export interface ProvenStep extends VerifiedStep {
  readonly state: Hash;
  readonly witness: Uint8Array;
  readonly detail: StepDetail;
}

/** Takes one step with both interpreters and compares the hashes of what they come to. */
export function proveStep({ machine, program, inputRoot }: Tested): ProvenStep {
  const root = programRoot(program);
  const state = machine.hash(root, inputRoot);
  const witness = buildWitness(machine);
  const { detail, ...verified } = verifyStep(program, inputRoot, state, witness);
  if (detail === undefined) throw new Error('the machine has stopped');
  machine.run(1);
  const next = machine.hash(root, inputRoot);
  if (Buffer.compare(next, verified.next) !== 0) {
    throw new Error(`step ${detail.counter} (${detail.name}): fast != proof`);
  }
  return { ...verified, detail, state, witness };
}

/** Runs to the end, proving every step. */
export function proveAll(tested: Tested, stepsMax = 10_000): ProvenStep[] {
  const steps: ProvenStep[] = [];
  while (tested.machine.status === STATUS.running && steps.length < stepsMax) {
    steps.push(proveStep(tested));
  }
  return steps;
}

export function testMemory(): Uint8Array {
  return new Uint8Array(PAGE);
}

export { lowerModule };
