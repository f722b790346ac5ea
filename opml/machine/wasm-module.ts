/**
 * Reads the sections of a WebAssembly module: types, functions, exports, globals, static data, names.
 * What the machine has no meaning for (tables, mutable globals, host functions, a start function) is
 * refused by name. The bytes were found valid by V8 before, so their types are not checked again.
 * Source: WebAssembly core specification 2.0, sections 5.2 to 5.5.
 */
import { OpmlError } from '../errors.js';
import { type ByteReader, createByteReader, plainBytes } from './byte-reader.js';
import { readConstant, refuse } from './wasm-instruction.js';

export interface FunctionType {
  readonly params: number;
  readonly results: number;
}

export interface WasmFunction {
  readonly name: string;
  readonly type: FunctionType;
  readonly locals: number; // parameters included
  readonly body: Uint8Array; // instructions, up to and with the last `end`
  readonly offset: number; // of the body in the module
}

export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface WasmModule {
  readonly types: readonly FunctionType[];
  readonly functions: readonly WasmFunction[];
  readonly globals: readonly Uint8Array[]; // 16 bytes each
  readonly exports: ReadonlyMap<string, number>; // functions only
  readonly data: readonly DataSegment[];
}

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;
const REFUSED = new Map<number, string>([
  [SECTION.table, 'a table'],
  [SECTION.start, 'a start function'],
  [SECTION.element, 'an element segment'],
]);
const HEADER_BYTES = 8;
const FUNCTION_NAMES = 1;

/** @throws {MODULE_INVALID, MODULE_UNSUPPORTED} */
export function readModule(wasm: Uint8Array): WasmModule {
  validate(wasm);
  const sections = readSections(plainBytes(wasm));
  const section = <T>(id: number, read: (reader: ByteReader) => T): T[] => {
    const reader = sections.get(id);
    return reader === undefined ? [] : readVector(reader, read);
  };
  for (const [id, what] of REFUSED) {
    if (sections.has(id)) refuse(what, { offset: sections.get(id)?.at });
  }
  const types = section(SECTION.type, readType);
  section(SECTION.import, readImport);
  const typeIndices = section(SECTION.function, (reader) => reader.u32());
  const exports = new Map(section(SECTION.export, readExport).flat());
  const names = new Map([...readNames(sections.get(SECTION.custom)), ...swap(exports)]);
  const bodies = section(SECTION.code, readBody);
  const functions = bodies.map((body, index): WasmFunction => {
    const type = types[typeIndices[index] as number] as FunctionType;
    const name = names.get(index) ?? `function ${index}`;
    if (type.results > 1) refuse(`the ${type.results} results of ${name}`, { function: name });
    return { ...body, name, type, locals: type.params + body.locals };
  });
  const globals = section(SECTION.global, readGlobal);
  return { types, functions, globals, exports, data: section(SECTION.data, readData) };
}

function validate(wasm: Uint8Array): void {
  if (!WebAssembly.validate(wasm)) {
    throw new OpmlError('MODULE_INVALID', `These ${wasm.length} bytes are not a valid module.`, {
      bytes: wasm.length,
    });
  }
}

/** The sections by number; of the custom ones, the one with the names. */
function readSections(wasm: Uint8Array): Map<number, ByteReader> {
  const reader = createByteReader(wasm, HEADER_BYTES);
  const sections = new Map<number, ByteReader>();
  while (reader.at < wasm.length) {
    const id = reader.byte();
    const size = reader.u32();
    const body = createByteReader(wasm.subarray(0, reader.at + size), reader.at);
    reader.skip(size);
    if (id === SECTION.custom && readText(body) !== 'name') continue;
    sections.set(id, body);
  }
  return sections;
}

function readVector<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  return Array.from({ length: reader.u32() }, () => read(reader));
}

function readText(reader: ByteReader): string {
  return new TextDecoder().decode(reader.take(reader.u32()));
}

function readType(reader: ByteReader): FunctionType {
  reader.skip(1);
  const params = readVector(reader, (each) => each.byte()).length;
  const results = readVector(reader, (each) => each.byte()).length;
  return { params, results };
}

function readImport(reader: ByteReader): void {
  const offset = reader.at;
  const name = `${readText(reader)}.${readText(reader)}`;
  if (reader.byte() !== 0x02)
    refuse(`the import ${name}: only a memory may be imported`, { offset });
  readLimits(reader);
}

function readLimits(reader: ByteReader): void {
  const hasMaximum = reader.byte() === 1;
  reader.u32();
  if (hasMaximum) reader.u32();
}

function readExport(reader: ByteReader): [string, number][] {
  const name = readText(reader);
  const isFunction = reader.byte() === 0x00;
  const index = reader.u32();
  return isFunction ? [[name, index]] : [];
}

function readGlobal(reader: ByteReader): Uint8Array {
  const offset = reader.at;
  reader.byte();
  if (reader.byte() !== 0) refuse('a mutable global', { offset });
  return readConstant(reader);
}

function readBody(reader: ByteReader): { locals: number; body: Uint8Array; offset: number } {
  const size = reader.u32();
  const end = reader.at + size;
  let locals = 0;
  for (let groups = reader.u32(); groups > 0; groups -= 1) {
    locals += reader.u32();
    reader.skip(1);
  }
  const offset = reader.at;
  return { locals, offset, body: reader.take(end - offset) };
}

function readData(reader: ByteReader): DataSegment {
  const offset = reader.at;
  if (reader.u32() !== 0) refuse('a passive data segment', { offset });
  const address = new DataView(readConstant(reader).buffer).getUint32(0, true);
  return { address, bytes: reader.take(reader.u32()) };
}

/** Names of functions, from the name section if the module has one. */
function readNames(reader: ByteReader | undefined): [number, string][] {
  if (reader === undefined) return [];
  while (reader.at < reader.length) {
    const id = reader.byte();
    const size = reader.u32();
    if (id === FUNCTION_NAMES) return readVector(reader, (each) => [each.u32(), readText(each)]);
    reader.skip(size);
    if (id > FUNCTION_NAMES) break;
  }
  return [];
}

function swap(exports: ReadonlyMap<string, number>): [number, string][] {
  return [...exports].map(([name, index]) => [index, name]);
}
