/**
 * Seeing lines: turns the instructions that a watched interpreter is about to run into the lines of
 * the program, one call to the hook for each line that is entered. What counts as entering is what
 * Lua's own line hook takes for it: the first instruction of a function, an instruction of another
 * line than the one before in the same call, and a jump back (so each turn of a loop counts).
 *
 * The hook finds the Lua state as Lua's hooks do, so lua_getinfo, lua_getlocal and the like answer
 * for the line that is about to run. Everything read here is read from memory and nothing is left
 * changed.
 */
import type { LuaInstance } from './instance.js';
import {
  CALL_INFO,
  LUA_CLOSURE,
  LUA_PROTO,
  LUA_STATE,
  LUA_STRING,
  OPCODES_WITH_TOP,
} from './layout.js';
import {
  ABSOLUTE_LINE,
  INSTRUCTION_BYTES,
  isVarargPrologue,
  lineAt,
  type Prototype,
  readPrototype,
} from './prototypes.js';

/**
 * Called before a line runs. A throw ends the evaluation as a limit does: the machine is dirty.
 *
 * A hook that calls nothing of Lua leaves no mark. One that looks deeper, through `machine.lend`, may
 * leave strings and stale stack slots behind: then a checkpoint must be restored in the end. One that
 * makes the stack grow or runs Lua must end in a throw.
 *
 * @param state the Lua state that runs, main or coroutine
 * @param source name of the chunk as Lua has it: `@file.lua`, `=name`, or the name given to `load`
 * @param line from 1 on
 */
export type LineHook = (state: number, source: string, line: number) => void;

/** Called before every instruction: state and call as pointers, and the instruction's address. */
export type InstructionHook = (state: number, call: number, pc: number) => void;

export interface LineWatcher {
  readonly onInstruction: InstructionHook;
  /** Whether a throw of the hook ended the evaluation. */
  readonly stopped: boolean;
  /** Forgets what ran before; to be called before each evaluation. */
  reset(): void;
}

/** One call of a Lua function and where it is. */
interface Frame extends Prototype {
  readonly source: string;
  /** Address of the instruction that ran last. */
  pc: number;
  line: number;
}

export function createLineWatcher(instance: LuaInstance, hook: LineHook): LineWatcher {
  const frames = new Map<number, Frame>();
  const sources = createSources(instance);
  let current: Frame | undefined;
  let currentCall = 0;
  let isInHook = false;
  let stopped = false;

  const enter = (call: number): Frame => {
    const frame = openFrame(instance, call, sources);
    frames.set(call, frame);
    return frame;
  };
  const frameAt = (call: number, pc: number): Frame => {
    const known = frames.get(call);
    const proto = protoOf(instance, call);
    if (known?.proto !== proto || pc === known.code) return enter(call);
    return known;
  };
  const tell = (state: number, call: number, frame: Frame) => {
    isInHook = true;
    stopped = true;
    lendState(instance, state, call, frame.pc, () => hook(state, frame.source, frame.line));
    stopped = false;
    isInHook = false;
  };
  const onInstruction: InstructionHook = (state, call, pc) => {
    if (isInHook) return;
    const isNext =
      current !== undefined && call === currentCall && pc === current.pc + INSTRUCTION_BYTES;
    const frame = isNext && current ? current : frameAt(call, pc);
    current = frame;
    currentCall = call;
    const before = frame.pc;
    frame.pc = pc;
    const line = isNext ? nextLine(instance, frame) : lineAt(instance, frame, pc);
    if (line === frame.line && pc > before) return;
    if (before === 0 && isVarargPrologue(instance, pc)) return;
    frame.line = line;
    tell(state, call, frame);
  };
  return {
    onInstruction,
    get stopped() {
      return stopped;
    },
    reset() {
      isInHook = false;
      stopped = false;
      frames.clear();
      current = undefined;
      currentCall = 0;
    },
  };
}

function protoOf({ view }: LuaInstance, call: number): number {
  const slot = view.getUint32(call + CALL_INFO.func, true);
  const closure = view.getUint32(slot, true);
  return view.getUint32(closure + LUA_CLOSURE.proto, true);
}

function openFrame(instance: LuaInstance, call: number, sources: Sources): Frame {
  const { proto, code, lineInfo } = readPrototype(instance, protoOf(instance, call));
  const source = sources(instance.view.getUint32(proto + LUA_PROTO.source, true));
  return { proto, code, lineInfo, source, pc: 0, line: -1 }; // a copy by ... is five times as slow
}

/** Line of the instruction after the one whose line is known. */
function nextLine(instance: LuaInstance, frame: Frame): number {
  const index = (frame.pc - frame.code) / INSTRUCTION_BYTES;
  const difference = instance.view.getInt8(frame.lineInfo + index);
  const isKnown = difference !== ABSOLUTE_LINE && frame.line >= 0;
  return isKnown ? frame.line + difference : lineAt(instance, frame, frame.pc);
}

/**
 * Lets the state look to Lua's functions as it does to a hook of Lua's own: the call knows where it
 * is, and the stack is used up to its top. Both are as before afterwards.
 */
function lendState(
  instance: LuaInstance,
  state: number,
  call: number,
  pc: number,
  use: () => void,
): void {
  const { view } = instance;
  const savedPc = view.getUint32(call + CALL_INFO.savedPc, true);
  const top = view.getUint32(state + LUA_STATE.top, true);
  view.setUint32(call + CALL_INFO.savedPc, pc + INSTRUCTION_BYTES, true);
  if (!usesTop(instance, pc)) {
    view.setUint32(state + LUA_STATE.top, view.getUint32(call + CALL_INFO.top, true), true);
  }
  use();
  instance.view.setUint32(call + CALL_INFO.savedPc, savedPc, true);
  instance.view.setUint32(state + LUA_STATE.top, top, true);
}

/** Whether an instruction takes what the one before left up to the stack's top. */
function usesTop({ view }: LuaInstance, pc: number): boolean {
  const instruction = view.getUint32(pc, true);
  const b = (instruction >>> 16) & 0xff;
  return b === 0 && OPCODES_WITH_TOP.has(instruction & 0x7f);
}

/** Text of a string in the interpreter's memory. */
type Sources = (pointer: number) => string;

/** Chunk names by their address, which another name may have later. */
function createSources(instance: LuaInstance): Sources {
  const known = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>();
  return (pointer) => {
    const { view, buffer } = instance;
    const isShort = view.getUint8(pointer + LUA_STRING.type) === LUA_STRING.shortType;
    const length = isShort
      ? view.getUint8(pointer + LUA_STRING.shortLength)
      : view.getUint32(pointer + LUA_STRING.longLength, true);
    const start = pointer + LUA_STRING.contents;
    const found = known.get(pointer);
    if (found?.bytes.length === length && isEqual(buffer, start, found.bytes)) return found.text;
    const bytes = Uint8Array.from(buffer.subarray(start, start + length));
    const text = Buffer.from(bytes).toString('utf8');
    known.set(pointer, { bytes, text });
    return text;
  };
}

function isEqual(buffer: Uint8Array, start: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    if (buffer[start + i] !== bytes[i]) return false;
  }
  return true;
}
