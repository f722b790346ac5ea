/**
 * Compiled functions (Lua's Proto) as they lie in the interpreter's memory: their code, and the line
 * of each instruction. Offsets are in layout.ts.
 * Source: Lua 5.4, lobject.h and luaG_getfuncline of ldebug.c.
 */
import type { LuaInstance } from './instance.js';
import { LUA_PROTO, OPCODE_VARARGPREP } from './layout.js';

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

/** Lines that a function, and those in it, have instructions for. */
export function* linesOf(instance: LuaInstance, proto: number): Generator<number> {
  const { view } = instance;
  const prototype = readPrototype(instance, proto);
  const count = view.getUint32(proto + LUA_PROTO.codeCount, true);
  for (let i = 0; i < count; i += 1) {
    const pc = prototype.code + i * INSTRUCTION_BYTES;
    if (!isVarargPrologue(instance, pc)) yield lineAt(instance, prototype, pc);
  }
  const inner = view.getUint32(proto + LUA_PROTO.protos, true);
  for (let i = 0; i < view.getUint32(proto + LUA_PROTO.protoCount, true); i += 1) {
    yield* linesOf(instance, view.getUint32(inner + i * 4, true));
  }
}
