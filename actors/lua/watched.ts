/**
 * The interpreter with a window: the same bytes, and one call to the host before each instruction of
 * Lua. Lua's own hooks would do it too, but they leave marks in a process's memory, grow its stack
 * and are paid for; a window changes no byte of a state and no unit of gas, so what is watched is
 * the very run that was not. Machines that nobody watches run the interpreter without it.
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

const SECTION_CODE = 10;
const HEADER_BYTES = 8;

/**
 * @param watch index of the host's function in the function table: (lua_State*, CallInfo*, pc)
 * @returns the module's bytes, not metered yet
 */
export function addWindow(bytes: Uint8Array, watch: number): Uint8Array {
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const id = readU32(cursor);
    const size = readU32(cursor);
    if (id !== SECTION_CODE) {
      cursor.at += size;
      continue;
    }
    const section = openInterpreter(bytes.subarray(cursor.at, cursor.at + size), watch);
    const rest = bytes.subarray(cursor.at + size);
    const head = [id, ...writeU32(section.length)];
    return Buffer.concat([bytes.subarray(0, start), Buffer.from(head), section, rest]);
  }
  throw malformed(cursor, 'has no code');
}

function openInterpreter(section: Uint8Array, watch: number): Buffer {
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
  const call = callWatch(watch);
  return Buffer.concat([
    section.subarray(0, start),
    Buffer.from(writeU32(size + call.length)),
    body.subarray(0, place),
    call,
    body.subarray(place),
    section.subarray(cursor.at + size),
  ]);
}

/** @returns where the loop's own code begins that fetches and runs one instruction a turn */
function findLoop(body: Uint8Array): number {
  const cursor: Cursor = { bytes: body, at: 0 };
  skipLocals(cursor);
  for (let loops = 0; loops < INTERPRETER_LOOP.ordinal; ) {
    if (skipInstruction(cursor) === OPCODE_LOOP) loops += 1;
  }
  return cursor.at;
}

/** `watch(state, callInfo, pc)`, by way of the function table. */
function callWatch(watch: number): Buffer {
  const { state, callInfo, pc } = INTERPRETER_LOOP.locals;
  const get = (local: number) => [0x20, ...writeU32(local)];
  const index = [0x41, ...writeSigned(watch)];
  return Buffer.from([
    ...get(state),
    ...get(callInfo),
    ...get(pc),
    ...index,
    0x11,
    ...writeU32(WATCH_TYPE),
    0,
  ]);
}
