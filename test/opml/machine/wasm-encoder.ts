/**
 * Writes small WebAssembly modules for the tests: functions as lists of bytes, one memory of 64 KiB.
 */

export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof TYPE;

export interface FunctionSource {
  readonly params?: readonly ValueType[];
  readonly results?: readonly ValueType[];
  readonly locals?: readonly ValueType[];
  readonly body: readonly number[]; // without the last `end`
}

export interface ModuleSource {
  readonly functions: readonly FunctionSource[];
  readonly exports?: Readonly<Record<string, number>>; // names of functions
  readonly globals?: readonly (readonly number[])[]; // type, mutability, constant, end
  readonly imports?: readonly [number, readonly number[]]; // in place of the memory
  readonly sections?: readonly (readonly [number, readonly number[]])[]; // as they are
}

export function leb(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

export function signedLeb(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** An instruction's opcode, as the machine numbers it, in bytes. */
export function opcodeBytes(op: number): number[] {
  return op >= 0x200 ? [0xfd, ...leb(op - 0x200)] : [op];
}

export const i32Const = (value: number) => [0x41, ...signedLeb(value | 0)];
export const localGet = (index: number) => [0x20, ...leb(index)];
export const localSet = (index: number) => [0x21, ...leb(index)];

const LOADS: Record<ValueType, number> = {
  i32: 0x28,
  i64: 0x29,
  f32: 0x2a,
  f64: 0x2b,
  v128: 0x200,
};
const STORES: Record<ValueType, number> = {
  i32: 0x36,
  i64: 0x37,
  f32: 0x38,
  f64: 0x39,
  v128: 0x20b,
};

/** A load of a whole value from the address on the stack. */
export const load = (type: ValueType, offset = 0) => [
  ...opcodeBytes(LOADS[type]),
  0,
  ...leb(offset),
];
export const store = (type: ValueType, offset = 0) => [
  ...opcodeBytes(STORES[type]),
  0,
  ...leb(offset),
];

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** The bytes of a module; its memory, one page, is imported as env.memory. */
export function encodeModule(source: ModuleSource): Uint8Array {
  const { functions, exports = { step: 0 }, globals = [], sections = [] } = source;
  const memory = [...text('env'), ...text('memory'), 2, 0, 1];
  const imports = source.imports ?? [2, vector([memory])];
  const types = functions.map(({ params = [], results = [] }) => [
    0x60,
    ...vector(params.map((type) => [TYPE[type]])),
    ...vector(results.map((type) => [TYPE[type]])),
  ]);
  const bodies = functions.map(({ locals = [], body }) => {
    const content = [...vector(locals.map((type) => [1, TYPE[type]])), ...body, 0x0b];
    return [...leb(content.length), ...content];
  });
  const names = Object.entries(exports).map(([name, index]) => [...text(name), 0, ...leb(index)]);
  const all: [number, readonly number[]][] = [
    [1, vector(types)],
    [imports[0], imports[1]],
    [3, vector(functions.map((_, index) => leb(index)))],
    ...(globals.length > 0 ? [[6, vector(globals)] as [number, number[]]] : []),
    [7, vector(names)],
    [10, vector(bodies)],
    ...(sections as [number, readonly number[]][]),
  ];
  const order = (id: number) => (id === 12 ? 9.5 : id);
  all.sort(([left], [right]) => order(left) - order(right));
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([...header, ...all.flatMap(([id, content]) => section(id, content))]);
}
