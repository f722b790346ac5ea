/**
 * What a WebAssembly binary says of itself before anything of it runs: the imports it needs with
 * their types, the exports it has, its memory, and the global that is its C stack pointer. Node's
 * own reflection leaves the types out, and only they tell a 64-bit pointer from a 32-bit one.
 * Source: WebAssembly core specification 2.0, section 5.5; memory64 proposal.
 */
import { type Cursor, readU32, skipInstruction, skipLeb } from '../lua/wasm-bytes.js';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'other';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface FunctionImport {
  readonly module: string;
  readonly name: string;
  readonly type: FunctionType;
}

export interface Binary {
  readonly imports: readonly FunctionImport[];
  /** Type of each exported function by its name. */
  readonly functions: ReadonlyMap<string, FunctionType>;
  /** Addresses are 64 bits wide. */
  readonly isWide: boolean;
  /** Size of the memory at first, in pages of 64 KiB. */
  readonly memoryPages: number;
  /** Names of the exported memory and table; undefined if there is none. */
  readonly memory: string | undefined;
  readonly table: string | undefined;
  readonly importedGlobals: number;
  /** Index of the global that holds the C stack pointer. */
  readonly stackPointer: number | undefined;
}

const VALUE_TYPES: Readonly<Record<number, ValueType>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
};
const HEADER_BYTES = 8;
const KIND_FUNCTION = 0;
const KIND_TABLE = 1;
const KIND_MEMORY = 2;
const KIND_GLOBAL = 3;
/** Exports that set the C stack pointer to their argument; the second is the name of format 1. */
const STACK_SETTERS = ['_emscripten_stack_restore', 'stackRestore', 'N'];
const OPCODE_GLOBAL_SET = 0x24;

/** Reads a binary. Throws what wasm-bytes.ts throws when it is malformed. */
export function describeBinary(bytes: Uint8Array): Binary {
  const sections = readSections(bytes);
  const at = (id: number) => sections.get(id) ?? { bytes: new Uint8Array([0]), at: 0 };
  const types = readList(at(1), readType);
  const allImports = readList(at(2), readImport);
  const imports = allImports.filter(({ kind }) => kind === KIND_FUNCTION);
  const own = readList(at(3), readU32);
  const exports = readList(at(7), readExport);
  const typeOf = (index: number) =>
    types[
      index < imports.length ? (imports[index]?.type ?? 0) : (own[index - imports.length] ?? 0)
    ];
  const functions = new Map<string, FunctionType>();
  for (const { name, kind, index } of exports) {
    const type = typeOf(index);
    if (kind === KIND_FUNCTION && type) functions.set(name, type);
  }
  const setter = exports.find(({ name, kind }) => kind === 0 && STACK_SETTERS.includes(name));
  return {
    imports: imports.map(({ module, name, type }) => ({
      module,
      name,
      type: types[type] ?? { params: [], results: [] },
    })),
    functions,
    importedGlobals: allImports.filter(({ kind }) => kind === KIND_GLOBAL).length,
    ...readMemory(at(5)),
    memory: exports.find(({ kind }) => kind === KIND_MEMORY)?.name,
    table: exports.find(({ kind }) => kind === KIND_TABLE)?.name,
    stackPointer: setter && readStackPointer(at(10), setter.index - imports.length),
  };
}

function readSections(bytes: Uint8Array): ReadonlyMap<number, Cursor> {
  const sections = new Map<number, Cursor>();
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  while (cursor.at < bytes.length) {
    const id = readU32(cursor);
    const size = readU32(cursor);
    if (id !== 0) sections.set(id, { bytes: bytes.subarray(cursor.at, cursor.at + size), at: 0 });
    cursor.at += size;
  }
  return sections;
}

function readList<Entry>(cursor: Cursor, read: (cursor: Cursor) => Entry): Entry[] {
  const count = readU32(cursor);
  const entries: Entry[] = [];
  for (let i = 0; i < count; i += 1) entries.push(read(cursor));
  return entries;
}

function readType(cursor: Cursor): FunctionType {
  cursor.at += 1; // 0x60
  const valueType = (it: Cursor) => VALUE_TYPES[readU32(it)] ?? 'other';
  return { params: readList(cursor, valueType), results: readList(cursor, valueType) };
}

function readName(cursor: Cursor): string {
  const length = readU32(cursor);
  cursor.at += length;
  return Buffer.from(cursor.bytes.subarray(cursor.at - length, cursor.at)).toString('utf8');
}

function readImport(cursor: Cursor) {
  const module = readName(cursor);
  const name = readName(cursor);
  const kind = readU32(cursor);
  let type = -1;
  if (kind === KIND_FUNCTION) type = readU32(cursor);
  else if (kind === KIND_TABLE) {
    cursor.at += 1;
    skipLimits(cursor);
  } else if (kind === KIND_MEMORY) skipLimits(cursor);
  else cursor.at += 2; // a global: its type, and whether it can change
  return { module, name, kind, type };
}

function skipLimits(cursor: Cursor): void {
  const flags = readU32(cursor);
  skipLeb(cursor);
  if (flags & 1) skipLeb(cursor);
}

function readExport(cursor: Cursor) {
  return { name: readName(cursor), kind: readU32(cursor), index: readU32(cursor) };
}

/** Bit 2 of a memory's flags: addresses are i64. */
function readMemory(cursor: Cursor) {
  if (readU32(cursor) === 0) return { isWide: false, memoryPages: 0 };
  return { isWide: (readU32(cursor) & 4) !== 0, memoryPages: readU32(cursor) };
}

/** `(func (param i32) local.get 0; global.set N)`, perhaps with the work of a meter around it. */
function readStackPointer(code: Cursor, wanted: number): number | undefined {
  const count = readU32(code);
  for (let i = 0; i < count; i += 1) {
    const size = readU32(code);
    const end = code.at + size;
    if (i === wanted) return findGlobalSet({ bytes: code.bytes.subarray(0, end), at: code.at });
    code.at = end;
  }
  return undefined;
}

function findGlobalSet(body: Cursor): number | undefined {
  const locals = readU32(body);
  for (let i = 0; i < locals; i += 1) {
    skipLeb(body);
    body.at += 1;
  }
  while (body.at < body.bytes.length) {
    const start = body.at;
    if (skipInstruction(body) !== OPCODE_GLOBAL_SET) continue;
    return readU32({ bytes: body.bytes, at: start + 1 });
  }
  return undefined;
}
