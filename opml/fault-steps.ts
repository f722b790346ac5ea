/**
 * Faults in one instruction: a bit is turned in the result of one step, and the operator goes on by
 * right from there. Where none is named, the step that stores one of the operator's largest results
 * is chosen, and the result's sign: that is likely to reach the next token.
 */
import { viewOf } from './facts.js';
import { checkPlace, type FaultBench, type Place } from './fault-bench.js';
import type { PlantedFault } from './faulty-program.js';
import { immediate } from './machine/code.js';
import type { Fault } from './machine/fault.js';
import type { Interpreter } from './machine/interpreter.js';
import { OPCODES } from './machine/opcodes.js';
import { SLOT_BYTES, STATUS } from './machine/state.js';

/** Bits of a result to try, in this order: the sign and the highest exponent of a 32-bit float. */
export const TELLING_BITS: readonly number[] = [31, 30];
/** Of an operator's results, the largest and then the smallest. */
const RESULTS_TO_TRY = 16;
const MAX_STEPS = 2 ** 40;

export function* stepFaults(
  bench: FaultBench,
  place: Place,
  { step, bit }: { readonly step?: number; readonly bit?: number },
): Generator<PlantedFault> {
  const machine = bench.open(place);
  machine.run(MAX_STEPS);
  const steps = machine.counter;
  if (step !== undefined) checkPlace('step', step, steps);
  for (const fault of step === undefined
    ? storesToTry(bench, place, steps, bit)
    : (bit === undefined ? TELLING_BITS : [bit]).map((turned) => ({ step, bit: turned }))) {
    let returns = false;
    const after = bench.compare(place, () => {
      const faulty = bench.open(place, fault);
      faulty.run(2 * steps);
      returns = faulty.status === STATUS.halted;
    });
    if (returns && after.length > 0) {
      yield { readOnly: [], operator: { ...place, after, instruction: fault } };
    }
  }
}

/** Steps that store the operator's largest results, then its smallest ones. */
function* storesToTry(
  bench: FaultBench,
  place: Place,
  steps: number,
  bit: number | undefined,
): Generator<Fault> {
  const sorted = largestOutputs(bench, place);
  const results = [
    ...sorted.slice(0, RESULTS_TO_TRY),
    ...sorted.reverse().slice(0, RESULTS_TO_TRY),
  ];
  const stores = new Map<number, Store | undefined>();
  for (const turned of bit === undefined ? TELLING_BITS : [bit]) {
    for (const address of new Set(results)) {
      if (!stores.has(address)) stores.set(address, findStore(bench.open(place), address, steps));
      const store = stores.get(address);
      if (store) yield { step: store.step, bit: 8 * (address - store.address) + turned };
    }
  }
}

/** Addresses of the largest numbers that an operator writes, the largest first. */
export function largestOutputs(bench: FaultBench, place: Place): number[] {
  const addresses = bench.outputs(place);
  const view = viewOf(bench.program.memory);
  const values = addresses.map((address) => ({ address, value: view.getFloat32(address, true) }));
  return values
    .filter(({ value }) => Number.isFinite(value) && value !== 0)
    .sort((a, b) => b.value - a.value || a.address - b.address)
    .map(({ address }) => address);
}

interface Store {
  readonly step: number;
  /** Where it stores. */
  readonly address: number;
}

/**
 * The step that gives a word its last value, found by halving: right where a word is written once.
 *
 * @returns undefined if it is no store
 */
function findStore(machine: Interpreter, address: number, steps: number): Store | undefined {
  const view = viewOf(machine.memory);
  const read = () => view.getUint32(address, true);
  let saved = machine.snapshot();
  machine.run(MAX_STEPS);
  const last = read();
  let lo = 0;
  for (let hi = steps; hi - lo > 1; ) {
    const mid = Math.floor((lo + hi) / 2);
    machine.restore(saved);
    machine.run(mid - lo);
    if (read() === last) {
      hi = mid;
    } else {
      lo = mid;
      saved = machine.snapshot();
    }
  }
  machine.restore(saved);
  const { op, a, imm } = machine.code.instruction(machine.pc);
  if (OPCODES.get(op)?.shape !== 'store') return undefined;
  const base = viewOf(machine.slots).getUint32((machine.fp + a) * SLOT_BYTES, true);
  return { step: lo, address: base + immediate(imm, 0) };
}
