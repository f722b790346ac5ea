/**
 * The interpreter with a window: the same bytes, and a call to the host before an instruction of Lua
 * that may be of another line than the one before. Lua's own hooks would tell as well, but they leave
 * marks in a process's memory, grow its stack and are paid for; a window changes no byte of a state
 * and no unit of gas, so what is watched is the very run that was not. Machines that nobody watches
 * run the interpreter without it.
 */
import { INTERPRETER_LOOP, WATCH_TYPE } from './layout.js';
import {
  type Cursor,
  malformed,
  OPCODE_LOOP,
  readU32,
  skipInstruction,
  skipLocals,
  writeSigned,
  writeU32,
} from './wasm-bytes.js';

const SECTION_GLOBAL = 6;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;
const HEADER_BYTES = 8;

/** Name under which the window's `end` is exported: at 0, the next instruction is told whatever it is. */
export const WATCH_END = 'corral:watch-end';

/** `(global (mut i32) (i32.const 0))` */
const GLOBAL_I32 = [0x7f, 0x01, 0x41, 0x00, 0x0b];
const KIND_GLOBAL = 0x03;

/** The window's own globals. */
interface Window {
  /** CallInfo of the instruction before. */
  readonly call: number;
  /** Address of the instruction after it. */
  readonly next: number;
  /** Up to this address, what follows it is of no interest. */
  readonly end: number;
  /** Index of the host's function in the function table. */
  readonly watch: number;
}

/**
 * @param watch index of the host's function in the function table: it is given the lua_State*, the
 *   CallInfo*, the instruction's address and that after the last one, and answers `end`
 * @returns the module's bytes, not metered yet
 */
export function addWindow(bytes: Uint8Array, watch: number): Uint8Array {
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  const output: Uint8Array[] = [bytes.subarray(0, HEADER_BYTES)];
  let window: Window | undefined;
  while (cursor.at < bytes.length) {
    const id = readU32(cursor);
    const size = readU32(cursor);
    let section = bytes.subarray(cursor.at, cursor.at + size);
    cursor.at += size;
    if (id === SECTION_GLOBAL) {
      const first = readU32({ bytes: section, at: 0 });
      window = { call: first, next: first + 1, end: first + 2, watch };
      section = append(section, 3, [...GLOBAL_I32, ...GLOBAL_I32, ...GLOBAL_I32]);
    } else if (id === SECTION_EXPORT && window) {
      const name = Buffer.from(WATCH_END);
      section = append(section, 1, [name.length, ...name, KIND_GLOBAL, ...writeU32(window.end)]);
    } else if (id === SECTION_CODE && window) {
      section = openInterpreter(section, window);
    }
    output.push(Buffer.from([id, ...writeU32(section.length)]), section);
  }
  return Buffer.concat(output);
}

/** Appends items to a section that is a list of them. */
function append(section: Uint8Array, items: number, code: readonly number[]): Buffer {
  const cursor: Cursor = { bytes: section, at: 0 };
  const count = writeU32(readU32(cursor) + items);
  return Buffer.concat([Buffer.from(count), section.subarray(cursor.at), Buffer.from(code)]);
}

function openInterpreter(section: Uint8Array, window: Window): Buffer {
  const cursor: Cursor = { bytes: section, at: 0 };
  readU32(cursor);
  for (let i = 0; i < INTERPRETER_LOOP.body; i += 1) {
    const bytes = readU32(cursor);
    cursor.at += bytes;
  }
  const start = cursor.at;
  const size = readU32(cursor);
  const body = section.subarray(cursor.at, cursor.at + size);
  const place = findLoop(body);
  const code = Buffer.from(look(window));
  return Buffer.concat([
    section.subarray(0, start),
    Buffer.from(writeU32(size + code.length)),
    body.subarray(0, place),
    code,
    body.subarray(place),
    section.subarray(cursor.at + size),
  ]);
}

/** @returns where the loop's own code begins that fetches and runs one instruction a turn */
function findLoop(body: Uint8Array): number {
  const cursor: Cursor = { bytes: body, at: 0 };
  skipLocals(cursor);
  for (let loops = 0; loops < INTERPRETER_LOOP.ordinal; ) {
    if (cursor.at >= body.length) throw malformed(cursor, 'has no loop that runs instructions');
    if (skipInstruction(cursor) === OPCODE_LOOP) loops += 1;
  }
  return cursor.at;
}

/**
 * `if (callInfo != call || pc != next || pc >= end) { end = watch(...); call = callInfo }`
 * `next = pc + 4`
 */
function look({ call, next, end, watch }: Window): number[] {
  const [LOCAL_GET, GLOBAL_GET, GLOBAL_SET, CONST] = [0x20, 0x23, 0x24, 0x41];
  const [NOT_EQUAL, NOT_BELOW, ADD, OR] = [0x47, 0x4f, 0x6a, 0x72];
  const [IF, VOID, END, CALL_INDIRECT] = [0x04, 0x40, 0x0b, 0x11];
  const { locals } = INTERPRETER_LOOP;
  const local = (index: number) => [LOCAL_GET, ...writeU32(index)];
  const get = (index: number) => [GLOBAL_GET, ...writeU32(index)];
  const set = (index: number) => [GLOBAL_SET, ...writeU32(index)];
  const [state, callInfo, pc] = [local(locals.state), local(locals.callInfo), local(locals.pc)];
  const isOtherCall = [...callInfo, ...get(call), NOT_EQUAL];
  const isJump = [...pc, ...get(next), NOT_EQUAL];
  const isPastEnd = [...pc, ...get(end), NOT_BELOW];
  const index = [CONST, ...writeSigned(watch)];
  const ask = [...state, ...callInfo, ...pc, ...get(next), ...index];
  return [
    ...isOtherCall,
    ...isJump,
    OR,
    ...isPastEnd,
    ...[OR, IF, VOID],
    ...[...ask, CALL_INDIRECT, ...writeU32(WATCH_TYPE), 0, ...set(end)],
    ...[...callInfo, ...set(call)],
    END,
    ...[...pc, CONST, 4, ADD, ...set(next)],
  ];
}
