/**
 * The instructions of the machine: name, number, and what each reads and writes. Numbers are those of
 * WebAssembly, with 0x200 added behind the 0xfd prefix; 0x100 and up are the machine's own, which
 * take the place of WebAssembly's structured control and of its constants.
 * Source: WebAssembly core specification 2.0, section 5.4.
 */

/**
 * What an instruction reads and writes:
 * unary dst, a · binary dst, a, b · ternary dst, a, b, c · const dst · load dst, a (address) ·
 * store a (address), b · jump nothing · jumpIf a · call, return, trap nothing.
 */
export type Shape =
  | 'unary'
  | 'binary'
  | 'ternary'
  | 'const'
  | 'load'
  | 'store'
  | 'jump'
  | 'jumpIf'
  | 'call'
  | 'return'
  | 'trap';

export interface Opcode {
  readonly op: number;
  readonly name: string;
  readonly shape: Shape;
  readonly bytes: number; // touched in memory by a load or store
  readonly lanes: number; // of an instruction with a lane number, otherwise 0
}

export const SIMD = 0x200;

/** The machine's own instructions, and those of WebAssembly that lowering handles by hand. */
export const OP = {
  unreachable: 0x00,
  select: 0x1b,
  move: 0x100,
  jump: 0x101,
  jumpIf: 0x102,
  jumpIfZero: 0x103,
  jumpIfEqual: 0x104,
  call: 0x105,
  return: 0x106,
  const: 0x107,
} as const;

/** 0x28.. in order, with the bytes that each touches. */
const MEMORY = `i32.load 4, i64.load 8, f32.load 4, f64.load 8,
  i32.load8_s 1, i32.load8_u 1, i32.load16_s 2, i32.load16_u 2, i64.load8_s 1, i64.load8_u 1,
  i64.load16_s 2, i64.load16_u 2, i64.load32_s 4, i64.load32_u 4,
  i32.store 4, i64.store 8, f32.store 4, f64.store 8, i32.store8 1, i32.store16 2,
  i64.store8 1, i64.store16 2, i64.store32 4`;

const COMPARE_INT = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const COMPARE_FLOAT = 'eq ne lt gt le ge';
const COUNT_BITS = 'clz ctz popcnt';
const ARITHMETIC_INT = 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const ROUND = 'abs neg ceil floor trunc nearest sqrt';
const ARITHMETIC_FLOAT = 'add sub mul div min max copysign';

/** 0x45.. in order: prefix, shape, names. */
const NUMERIC: readonly (readonly [string, Shape, string])[] = [
  ['i32', 'unary', 'eqz'],
  ['i32', 'binary', COMPARE_INT],
  ['i64', 'unary', 'eqz'],
  ['i64', 'binary', COMPARE_INT],
  ['f32', 'binary', COMPARE_FLOAT],
  ['f64', 'binary', COMPARE_FLOAT],
  ['i32', 'unary', COUNT_BITS],
  ['i32', 'binary', ARITHMETIC_INT],
  ['i64', 'unary', COUNT_BITS],
  ['i64', 'binary', ARITHMETIC_INT],
  ['f32', 'unary', ROUND],
  ['f32', 'binary', ARITHMETIC_FLOAT],
  ['f64', 'unary', ROUND],
  ['f64', 'binary', ARITHMETIC_FLOAT],
  ['i32', 'unary', 'wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'],
  ['i64', 'unary', 'extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'],
  ['f32', 'unary', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64'],
  ['f64', 'unary', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32'],
  ['i32', 'unary', 'reinterpret_f32'],
  ['i64', 'unary', 'reinterpret_f64'],
  ['f32', 'unary', 'reinterpret_i32'],
  ['f64', 'unary', 'reinterpret_i64'],
];

/** Behind 0xfd: number and name; loads, stores and lane instructions with their bytes or lanes. */
const SIMD_LOADS = `0 v128.load 16, 1 v128.load8x8_s 8, 2 v128.load8x8_u 8, 3 v128.load16x4_s 8,
  4 v128.load16x4_u 8, 5 v128.load32x2_s 8, 6 v128.load32x2_u 8, 7 v128.load8_splat 1,
  8 v128.load16_splat 2, 9 v128.load32_splat 4, 10 v128.load64_splat 8, 92 v128.load32_zero 4,
  93 v128.load64_zero 8`;
const SIMD_EXTRACT = `21 i8x16.extract_lane_s 16, 22 i8x16.extract_lane_u 16,
  24 i16x8.extract_lane_s 8, 25 i16x8.extract_lane_u 8, 27 i32x4.extract_lane 4,
  31 f32x4.extract_lane 4`;
const SIMD_REPLACE = '28 i32x4.replace_lane 4, 32 f32x4.replace_lane 4';
const SIMD_UNARY = `15 i8x16.splat, 16 i16x8.splat, 17 i32x4.splat, 18 i64x2.splat,
  19 f32x4.splat, 20 f64x2.splat, 77 v128.not, 83 v128.any_true, 103 f32x4.ceil, 104 f32x4.floor,
  105 f32x4.trunc, 106 f32x4.nearest, 135 i16x8.extend_low_i8x16_s, 136 i16x8.extend_high_i8x16_s,
  137 i16x8.extend_low_i8x16_u, 138 i16x8.extend_high_i8x16_u, 160 i32x4.abs, 161 i32x4.neg,
  163 i32x4.all_true, 167 i32x4.extend_low_i16x8_s, 168 i32x4.extend_high_i16x8_s,
  169 i32x4.extend_low_i16x8_u, 170 i32x4.extend_high_i16x8_u, 224 f32x4.abs, 225 f32x4.neg,
  227 f32x4.sqrt, 248 i32x4.trunc_sat_f32x4_s, 250 f32x4.convert_i32x4_s,
  251 f32x4.convert_i32x4_u`;
const SIMD_BINARY = `13 i8x16.shuffle, 55 i32x4.eq, 56 i32x4.ne, 57 i32x4.lt_s, 59 i32x4.gt_s,
  61 i32x4.le_s, 63 i32x4.ge_s, 65 f32x4.eq, 66 f32x4.ne, 67 f32x4.lt, 68 f32x4.gt, 69 f32x4.le,
  70 f32x4.ge, 78 v128.and, 79 v128.andnot, 80 v128.or, 81 v128.xor, 139 i16x8.shl,
  140 i16x8.shr_s, 141 i16x8.shr_u, 142 i16x8.add, 145 i16x8.sub, 149 i16x8.mul, 171 i32x4.shl,
  172 i32x4.shr_s, 173 i32x4.shr_u, 174 i32x4.add, 177 i32x4.sub, 181 i32x4.mul, 182 i32x4.min_s,
  184 i32x4.max_s, 186 i32x4.dot_i16x8_s, 228 f32x4.add, 229 f32x4.sub, 230 f32x4.mul,
  231 f32x4.div, 232 f32x4.min, 233 f32x4.max`;

/** Every instruction of the machine by its number. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  [
    ...own(),
    ...memory(),
    ...numeric(),
    ...simd('load', SIMD_LOADS),
    ...simd('store', '11 v128.store 16'),
    ...simd('unary', SIMD_EXTRACT),
    ...simd('binary', SIMD_REPLACE),
    ...simd('unary', SIMD_UNARY),
    ...simd('binary', SIMD_BINARY),
    ...simd('ternary', '82 v128.bitselect'),
  ].map((opcode) => [opcode.op, opcode]),
);

/** What an instruction is called, also when the machine has none of that number. */
export function opcodeName(op: number): string {
  return OPCODES.get(op)?.name ?? `opcode 0x${op.toString(16)}`;
}

/** How many slots an instruction reads: a, then b, then c. */
export function slotReads(shape: Shape): number {
  if (shape === 'ternary') return 3;
  if (shape === 'binary' || shape === 'store') return 2;
  return shape === 'unary' || shape === 'load' || shape === 'jumpIf' ? 1 : 0;
}

/** Whether an instruction writes the slot dst. */
export function writesSlot(shape: Shape): boolean {
  return ['unary', 'binary', 'ternary', 'const', 'load'].includes(shape);
}

function own(): Opcode[] {
  const shapes: Record<keyof typeof OP, Shape> = {
    unreachable: 'trap',
    select: 'ternary',
    move: 'unary',
    jump: 'jump',
    jumpIf: 'jumpIf',
    jumpIfZero: 'jumpIf',
    jumpIfEqual: 'jumpIf',
    call: 'call',
    return: 'return',
    const: 'const',
  };
  return Object.entries(OP).map(([name, op]) => ({
    op,
    name,
    shape: shapes[name as keyof typeof OP],
    bytes: 0,
    lanes: 0,
  }));
}

function memory(): Opcode[] {
  return MEMORY.split(',').map((line, index) => {
    const [name = '', bytes] = line.trim().split(' ');
    const shape = name.includes('load') ? 'load' : 'store';
    return { op: 0x28 + index, name, shape, bytes: Number(bytes), lanes: 0 };
  });
}

function numeric(): Opcode[] {
  const flat = NUMERIC.flatMap(([prefix, shape, names]) =>
    names.split(' ').map((name) => ({ name: `${prefix}.${name}`, shape })),
  );
  return flat.map((entry, index) => ({ ...entry, op: 0x45 + index, bytes: 0, lanes: 0 }));
}

function simd(shape: Shape, table: string): Opcode[] {
  return table.split(',').map((line) => {
    const [number, name = '', size = '0'] = line.trim().split(' ');
    const touches = shape === 'load' || shape === 'store';
    return {
      op: SIMD + Number(number),
      name,
      shape,
      bytes: touches ? Number(size) : 0,
      lanes: touches ? 0 : Number(size),
    };
  });
}
