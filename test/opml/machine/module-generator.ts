/**
 * Random WebAssembly modules that are valid and end: locals of all types, nested blocks, loops with
 * fuel, branches with and without values, tables, calls, memory, SIMD. Floats that V8 may leave with
 * any bits when they are not a number are made canonical in the module itself, so memories compare
 * bit for bit. Everything comes from the seed.
 */
import type { Opcode } from '../../../opml/machine/opcodes.js';
import { COMPUTING, createRandom, randomOperand, TEST_BOUNDS, typesOf } from './opcode-cases.js';
import {
  encodeModule,
  type FunctionSource,
  i32Const,
  leb,
  localGet,
  localSet,
  opcodeBytes,
  signedLeb,
  store,
  TYPE,
  type ValueType,
} from './wasm-encoder.js';

const TYPES: readonly ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];
const FUEL = 12;
const EMPTY = 0x40;
const ARITHMETIC_FLOAT =
  /^(f32|f64|f32x4)\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote|promote)/;
const TRAPPING = /div_|rem_|^i(32|64)\.trunc_f/;

/** What a branch to a label carries; a branch to a loop costs fuel. */
type Label = ValueType | 'loop' | undefined;

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const SIGNATURES = new Map(COMPUTING.map((opcode) => [opcode, typesOf(opcode)]));

/** The instructions that give a value of each type, and the stores. */
const MAKERS = new Map(
  TYPES.map((type) => [
    type,
    COMPUTING.filter(
      (opcode) => opcode.shape !== 'store' && SIGNATURES.get(opcode)?.result === type,
    ),
  ]),
);
const STORES = COMPUTING.filter(({ shape }) => shape === 'store');

/** A module whose `step` computes something and writes all of it to memory. */
export function generateModule(seed: number): Uint8Array {
  const random = createRandom(seed);
  const below = (count: number) => random() % count;
  const type = () => TYPES[below(TYPES.length)] as ValueType;
  const signatures: Signature[] = [{ params: [], results: [] }];
  for (let count = below(5) >> 1; count > 0; count -= 1) {
    signatures.push({
      params: Array.from({ length: below(4) }, type),
      results: below(4) > 0 ? [type()] : [],
    });
  }
  const functions = signatures.map((_, index) => generateFunction(signatures, index, random));
  const globals = TYPES.map((each) => [TYPE[each], 0, ...constant(each, random), 0x0b]);
  return encodeModule({ functions, globals });
}

function constant(type: ValueType, random: () => number): number[] {
  const bytes = randomOperand(type, random);
  const view = new DataView(bytes.buffer);
  if (type === 'i32') return [0x41, ...signedLeb(view.getInt32(0, true))];
  if (type === 'i64') return [0x42, ...signedLeb(view.getBigInt64(0, true))];
  if (type === 'f32') return [0x43, ...bytes.subarray(0, 4)];
  if (type === 'f64') return [0x44, ...bytes.subarray(0, 8)];
  return [...opcodeBytes(0x20c), ...bytes];
}

/** One function; it calls only those behind it, so nothing calls itself. */
function generateFunction(
  signatures: readonly Signature[],
  self: number,
  random: () => number,
): FunctionSource {
  const { params, results } = signatures[self] as Signature;
  const extra = Array.from({ length: random() % 4 }, () => TYPES[random() % 5] as ValueType);
  // Behind them one local of each type for results that may be no number, and the fuel.
  const locals: ValueType[] = [...extra, ...TYPES, 'i32'];
  const types = [...params, ...locals];
  const writer = createWriter(signatures, self, types, random);
  const start = [...i32Const(FUEL), ...localSet(types.length - 1)];
  const body = [...start, ...writer.statements(2), ...writer.saveLocals()];
  for (const result of results) body.push(...writer.value(result, 2));
  return { params, results, locals, body };
}

function createWriter(
  signatures: readonly Signature[],
  self: number,
  types: readonly ValueType[],
  random: () => number,
) {
  const below = (count: number) => random() % count;
  const fuel = types.length - 1;
  const firstSpare = types.length - 1 - TYPES.length;
  const spareOf = (type: ValueType) => firstSpare + TYPES.indexOf(type);
  const [result] = (signatures[self] as Signature).results;
  const labelled: Label[] = [result];

  const within = (label: Label, write: () => number[]): number[] => {
    labelled.push(label);
    const code = write();
    labelled.pop();
    return code;
  };
  const localOf = (type: ValueType): number | undefined => {
    const found = [...types.keys()].filter((index) => types[index] === type && index < firstSpare);
    return found.length === 0 ? undefined : found[below(found.length)];
  };
  /** Mostly an address in `work`; seldom any. */
  const address = (depth: number): number[] => {
    if (below(60) === 0) return value('i32', depth);
    const masked = [...value('i32', depth), ...i32Const(0x3ff), 0x71];
    return [...masked, ...i32Const(TEST_BOUNDS.work), 0x6a];
  };
  const compute = (opcode: Opcode, depth: number): number[] => {
    const { operands, result: made } = SIGNATURES.get(opcode) as ReturnType<typeof typesOf>;
    const touches = opcode.bytes > 0;
    const code = operands.flatMap((type, index) =>
      touches && index === 0 ? address(depth) : value(type, depth),
    );
    code.push(...opcodeBytes(opcode.op));
    if (touches) code.push(0, ...leb(below(16)));
    if (opcode.lanes > 0) code.push(below(opcode.lanes));
    if (opcode.name === 'i8x16.shuffle') for (let i = 0; i < 16; i += 1) code.push(below(32));
    const canonical = ARITHMETIC_FLOAT.test(opcode.name);
    return canonical
      ? [...code, ...canonicalize(made as ValueType, spareOf(made as ValueType))]
      : code;
  };
  const value = (type: ValueType, depth: number): number[] => {
    const local = localOf(type);
    if (depth <= 0) {
      if (local !== undefined && below(3) > 0) return localGet(local);
      return below(8) === 0 ? [0x23, TYPES.indexOf(type)] : constant(type, random);
    }
    switch (below(12)) {
      case 0:
        return local === undefined ? constant(type, random) : localGet(local);
      case 1:
        return local === undefined
          ? value(type, depth - 1)
          : [...value(type, depth - 1), 0x22, ...leb(local)];
      case 2:
        return [
          ...value(type, depth - 1),
          ...value(type, depth - 1),
          ...value('i32', depth - 1),
          ...select(type),
        ];
      case 3:
        return [
          0x02,
          TYPE[type],
          ...within(type, () => [...statements(1), ...value(type, depth - 1)]),
          0x0b,
        ];
      case 4: {
        const condition = value('i32', depth - 1);
        const yes = within(type, () => [...statements(1), ...value(type, depth - 1)]);
        const no = within(type, () => value(type, depth - 1));
        return [...condition, 0x04, TYPE[type], ...yes, 0x05, ...no, 0x0b];
      }
      case 5: {
        const callee = signatures.findIndex(
          (each, index) => index > self && each.results[0] === type,
        );
        return callee < 0 ? value(type, depth - 1) : call(callee, depth - 1);
      }
      case 6:
        return [
          0x02,
          TYPE[type],
          ...within(type, () => [...value(type, depth - 1), ...leave(depth - 1, type)]),
          0x0b,
        ];
      default:
        return compute(makerOf(type), depth - 1);
    }
  };
  const makerOf = (type: ValueType): Opcode => {
    const makers = MAKERS.get(type) as readonly Opcode[];
    const picked = makers[below(makers.length)] as Opcode;
    return TRAPPING.test(picked.name) && below(4) > 0 ? makerOf(type) : picked;
  };
  const call = (callee: number, depth: number): number[] => {
    const { params } = signatures[callee] as Signature;
    return [...params.flatMap((type) => value(type, Math.min(1, depth))), 0x10, callee];
  };
  /** The labels, counted from the innermost, that take what a branch carries. */
  const labelsFor = (carried: Label): number[] =>
    [...labelled].reverse().flatMap((label, depth) => (label === carried ? [depth] : []));
  /** Leaves for some label with what is on the stack: perhaps, for sure, or as a table says. */
  const leave = (depth: number, carried: Label): number[] => {
    const targets = labelsFor(carried);
    const target = () => targets[below(targets.length)] as number;
    if (targets.length === 0) return [];
    if (below(3) > 0) return [...value('i32', depth), 0x0d, target()];
    if (below(2) > 0) return [0x0c, target(), ...dead()];
    const masked = [...value('i32', depth), ...i32Const(3), 0x71];
    return [...masked, 0x0e, 2, target(), target(), target(), ...dead()];
  };
  /** What follows a branch that is always taken. */
  const dead = (): number[] => (below(2) > 0 ? [] : [0x02, EMPTY, ...i32Const(1), 0x1a, 0x0b]);
  /** Out of the function, or straight into a trap. */
  const stop = (): number[] => {
    if (below(2) === 0) return [0x00];
    return [...(result === undefined ? [] : value(result, 1)), 0x0f, ...dead()];
  };

  const statement = (depth: number): number[] => {
    switch (below(depth > 0 ? 11 : 4)) {
      case 0: {
        if (firstSpare === 0) return [0x01];
        const local = below(firstSpare);
        return [...value(types[local] as ValueType, 1 + below(2)), ...localSet(local)];
      }
      case 1:
        return compute(STORES[below(STORES.length)] as Opcode, 1);
      case 2:
        return [...value(TYPES[below(5)] as ValueType, 1), 0x1a];
      case 3:
        return goOn();
      case 4:
        return [0x02, EMPTY, ...within(undefined, () => statements(depth - 1)), 0x0b];
      case 5:
        return [0x03, EMPTY, ...within('loop', () => [...statements(depth - 1), ...goOn()]), 0x0b];
      case 6: {
        const condition = [...value('i32', 1), 0x04, EMPTY];
        return [...condition, ...within(undefined, () => statements(depth - 1)), 0x0b];
      }
      case 7: {
        const condition = [...value('i32', 1), 0x04, EMPTY];
        return [...condition, ...within(undefined, () => leave(1, undefined)), 0x0b];
      }
      case 8:
        return table();
      case 9:
        return callForEffect();
      default:
        return below(3) > 0
          ? [0x01]
          : [...value('i32', 1), 0x04, EMPTY, ...within(undefined, stop), 0x0b];
    }
  };
  const callForEffect = (): number[] => {
    const callee = self + 1 + below(3);
    const signature = signatures[callee];
    if (signature === undefined) return [0x01];
    return [...call(callee, 1), ...signature.results.map(() => 0x1a)];
  };
  /** Back to some loop around, while there is fuel; the fuel is the function's. */
  const goOn = (): number[] => {
    const loops = labelsFor('loop');
    if (loops.length === 0) return [0x01];
    const spend = [...localGet(fuel), ...i32Const(1), 0x6b, 0x22, ...leb(fuel)];
    return [...spend, ...i32Const(0), 0x4a, 0x0d, loops[below(loops.length)] as number];
  };
  /** Three blocks, a table that leaves one of them, something in between. */
  const table = (): number[] => {
    let middle: number[] = [];
    const inner = within(undefined, () =>
      within(undefined, () => {
        middle = statements(0);
        return within(undefined, () => [...value('i32', 1), ...i32Const(3), 0x71]);
      }),
    );
    inner.push(0x0e, 2, 0, 1, 2);
    return [0x02, EMPTY, 0x02, EMPTY, 0x02, EMPTY, ...inner, 0x0b, ...middle, 0x0b, 0x0b];
  };
  const statements = (depth: number): number[] => {
    const count = 1 + below(depth + 1);
    return Array.from({ length: count }, () => statement(depth)).flat();
  };
  const saveLocals = (): number[] =>
    [...types.keys()]
      .slice(0, firstSpare)
      .flatMap((index) => [
        ...i32Const(TEST_BOUNDS.work + 0x800 + (self * 64 + index) * 16),
        ...localGet(index),
        ...store(types[index] as ValueType),
      ]);
  return { statements, value, saveLocals };
}

function select(type: ValueType): number[] {
  return type === 'v128' ? [0x1c, 1, TYPE[type]] : [0x1b];
}

/** Replaces a value that is not a number by the canonical one. */
function canonicalize(type: ValueType, spare: number): number[] {
  const keep = [0x22, ...leb(spare)];
  const twice = [...localGet(spare), ...localGet(spare)];
  if (type === 'f32') return [...keep, 0x43, 0, 0, 0xc0, 0x7f, ...twice, 0x5b, 0x1b];
  if (type === 'f64') return [...keep, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, ...twice, 0x61, 0x1b];
  const lanes = [0, 1, 2, 3].flatMap(() => [0, 0, 0xc0, 0x7f]);
  const [constant, equal, bitselect] = [0x20c, 0x241, 0x252].map(opcodeBytes) as [
    number[],
    number[],
    number[],
  ];
  return [...keep, ...constant, ...lanes, ...twice, ...equal, ...bitselect];
}
