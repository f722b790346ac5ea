/**
 * Compiled functions (Lua's Proto) as they lie in the interpreter's memory: their code, and the line
 * of each instruction. Offsets are in layout.ts.
 * Source: Lua 5.4, lobject.h and luaG_getfuncline of ldebug.c.
 */
import type { LuaInstance } from './instance.js';
import { LUA_PROTO, LUA_STRING, LUA_VALUE, OPCODE_VARARGPREP } from './layout.js';

export const INSTRUCTION_BYTES = 4;

/** Pointers into a Proto that is alive. */
export interface Prototype {
  readonly proto: number;
  readonly code: number;
  /** Per instruction a signed byte: by how much its line differs from that of the one before. */
  readonly lineInfo: number;
}

/** In lineInfo: the line is written down in full, in abslineinfo. */
export const ABSOLUTE_LINE = -128;
/** Instructions between two entries of abslineinfo, at most. */
const ABSOLUTE_EVERY = 128;

export function readPrototype({ view }: LuaInstance, proto: number): Prototype {
  return {
    proto,
    code: view.getUint32(proto + LUA_PROTO.code, true),
    lineInfo: view.getUint32(proto + LUA_PROTO.lineInfo, true),
  };
}

/** Line of an instruction: from the nearest line in full, difference by difference. */
export function lineAt({ view }: LuaInstance, prototype: Prototype, pc: number): number {
  const { proto, code, lineInfo } = prototype;
  const wanted = (pc - code) / INSTRUCTION_BYTES;
  const count = view.getUint32(proto + LUA_PROTO.absoluteLineCount, true);
  const absolute = view.getUint32(proto + LUA_PROTO.absoluteLines, true);
  let at = -1;
  let line = view.getUint32(proto + LUA_PROTO.lineDefined, true);
  let entry = Math.min(Math.floor(wanted / ABSOLUTE_EVERY) - 1, count - 1);
  while (entry + 1 < count && view.getUint32(absolute + (entry + 1) * 8, true) <= wanted) {
    entry += 1;
  }
  if (entry >= 0) {
    at = view.getUint32(absolute + entry * 8, true);
    line = view.getUint32(absolute + entry * 8 + 4, true);
  }
  for (at += 1; at <= wanted; at += 1) line += view.getInt8(lineInfo + at);
  return line;
}

/** Whether this is what a function with `...` begins with: it belongs to no line. */
export function isVarargPrologue({ view }: LuaInstance, pc: number): boolean {
  return (view.getUint8(pc) & 0x7f) === OPCODE_VARARGPREP;
}

/** Lines that a function has instructions for; functions in it have their own. */
export function* linesOf(instance: LuaInstance, prototype: Prototype): Generator<number> {
  const count = instance.view.getUint32(prototype.proto + LUA_PROTO.codeCount, true);
  for (let i = 0; i < count; i += 1) {
    const pc = prototype.code + i * INSTRUCTION_BYTES;
    if (!isVarargPrologue(instance, pc)) yield lineAt(instance, prototype, pc);
  }
}

/** A function and all that are in it. */
export function* withInner(instance: LuaInstance, proto: number): Generator<Prototype> {
  const { view } = instance;
  yield readPrototype(instance, proto);
  const inner = view.getUint32(proto + LUA_PROTO.protos, true);
  for (let i = 0; i < view.getUint32(proto + LUA_PROTO.protoCount, true); i += 1) {
    yield* withInner(instance, view.getUint32(inner + i * 4, true));
  }
}

/**
 * What a function is known by when its chunk has no name of its own: where it stands, and a hash of
 * its code and constants. The same text compiled again has the same shape, and hardly any other has.
 */
export function shapeOf(instance: LuaInstance, prototype: Prototype): string {
  const { view } = instance;
  const { proto, code, lineInfo } = prototype;
  const count = view.getUint32(proto + LUA_PROTO.codeCount, true);
  let hash = hashBytes(instance, FNV_OFFSET, code, count * INSTRUCTION_BYTES);
  hash = hashBytes(instance, hash, lineInfo, count);
  const constants = view.getUint32(proto + LUA_PROTO.constants, true);
  for (let i = 0; i < view.getUint32(proto + LUA_PROTO.constantCount, true); i += 1) {
    hash = hashConstant(instance, hash, constants + i * LUA_VALUE.bytes);
  }
  const first = view.getUint32(proto + LUA_PROTO.lineDefined, true);
  const last = view.getUint32(proto + LUA_PROTO.lastLineDefined, true);
  return `${first}-${last}-${(hash >>> 0).toString(36)}`;
}

function hashConstant(instance: LuaInstance, before: number, at: number): number {
  const { view } = instance;
  const type = view.getUint8(at + LUA_VALUE.type);
  const hash = Math.imul(before ^ type, FNV_PRIME);
  if (LUA_VALUE.numbers.includes(type)) return hashBytes(instance, hash, at, LUA_VALUE.type);
  if (!LUA_VALUE.strings.includes(type)) return hash;
  const { start, length } = locateString(instance, view.getUint32(at, true));
  return hashBytes(instance, hash, start, Math.min(length, HASHED_TEXT_MAX));
}

function hashBytes({ buffer }: LuaInstance, before: number, start: number, length: number): number {
  let hash = before;
  for (let at = start; at < start + length; at += 1) {
    hash = Math.imul(hash ^ (buffer[at] ?? 0), FNV_PRIME);
  }
  return hash;
}

/** Where the bytes of a string are. */
export function locateString({ view }: LuaInstance, pointer: number) {
  const isShort = view.getUint8(pointer + LUA_STRING.type) === LUA_STRING.shortType;
  const length = isShort
    ? view.getUint8(pointer + LUA_STRING.shortLength)
    : view.getUint32(pointer + LUA_STRING.longLength, true);
  return { start: pointer + LUA_STRING.contents, length };
}

/** Bytes of a text that its function is known by. */
const HASHED_TEXT_MAX = 64;

/** Of the hash of Fowler, Noll and Vo (FNV-1a), 32 bits. */
const [FNV_OFFSET, FNV_PRIME] = [0x811c9dc5, 0x01000193];
