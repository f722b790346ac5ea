/**
 * Seeing lines: turns the instructions that a watched interpreter is about to run into the lines of
 * the program, one call to the hook for each line that is entered. What counts as entering is what
 * Lua's own line hook takes for it: the first instruction of a function, an instruction of another
 * line than the one before in the same call, and a jump back (so each turn of a loop counts).
 *
 * Through `machine.lend` the hook finds the Lua state as Lua's own hooks do, so that lua_getinfo,
 * lua_getlocal and the like answer for the line that is about to run. Everything here is read from
 * memory, and nothing is left changed.
 */
import type { LuaInstance } from './instance.js';
import { CALL_INFO, LUA_CLOSURE, LUA_PROTO, LUA_STATE, OPCODES_WITH_TOP } from './layout.js';
import {
  ABSOLUTE_LINE,
  INSTRUCTION_BYTES,
  isVarargPrologue,
  lineAt,
  locateString,
  type Prototype,
  readPrototype,
  shapeOf,
} from './prototypes.js';
import { WATCH_END } from './watched.js';

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
 * @param shape of a function in text that was evaluated (chunk `aos`), which is not told from other
 *   such text by its name; see prototypes.ts
 */
export type LineHook = (state: number, source: string, line: number, shape?: string) => void;

/** The name that kernels of AO give to any text that they evaluate. */
const EVALUATED = 'aos';

/**
 * Called before an instruction that another call or line may begin with.
 *
 * @param state as a pointer, like `call`, its CallInfo
 * @param pc address of the instruction
 * @param next address of that after the last one that ran
 * @returns as far as that, what follows it in the same call need not be told
 */
export type InstructionHook = (state: number, call: number, pc: number, next: number) => number;

export interface LineWatcher {
  readonly onInstruction: InstructionHook;
  /** Whether a throw of the hook ended the evaluation. */
  readonly stopped: boolean;
  /** Makes the state ready for Lua's functions inside the hook; after a throw of it, it is. */
  lend(): void;
  /** Forgets what ran before; to be called before each evaluation. */
  reset(): void;
}

/** One call of a Lua function and where it is; used again for later calls in its place. */
interface Frame extends Prototype {
  proto: number;
  code: number;
  lineInfo: number;
  source: ChunkName;
  shape: string | undefined;
  /** Address of the instruction that ran last. */
  pc: number;
  line: number;
}

export function createLineWatcher(instance: LuaInstance, hook: LineHook): LineWatcher {
  const frames = new Map<number, Frame>();
  const names = createChunkNames(instance);
  const loan = createLoan(instance);
  let current: Frame | undefined;
  let currentCall = 0;
  let isInHook = false;
  let stopped = false;

  const frameAt = (call: number, pc: number): Frame => {
    const known = frames.get(call);
    const proto = protoOf(instance, call);
    if (known?.proto === proto && pc !== known.code) return known;
    const { code, lineInfo } = readPrototype(instance, proto);
    const source = names(instance.view.getUint32(proto + LUA_PROTO.source, true), known?.source);
    const isNamed = source.text !== EVALUATED;
    const shape = isNamed ? undefined : shapeOf(instance, { proto, code, lineInfo });
    if (known === undefined) {
      const frame = { proto, code, lineInfo, source, shape, pc: 0, line: -1 };
      frames.set(call, frame);
      return frame;
    }
    known.proto = proto;
    known.code = code;
    known.lineInfo = lineInfo;
    known.source = source;
    known.shape = shape;
    known.pc = 0;
    known.line = -1;
    return known;
  };
  const tell = (state: number, call: number, frame: Frame) => {
    isInHook = true;
    loan.offer(state, call, frame.pc);
    try {
      hook(state, frame.source.text, frame.line, frame.shape);
    } catch (error) {
      stopped = true;
      loan.take(); // for who looks into what is left
      throw error;
    }
    loan.end();
    isInHook = false;
  };
  const onInstruction: InstructionHook = (state, call, pc, next) => {
    if (isInHook) {
      current = undefined; // the next one tells of the hook's own Lua
      return 0;
    }
    if (current !== undefined) current.pc = next - INSTRUCTION_BYTES;
    const isNext = call === currentCall && pc === next;
    const frame = isNext && current ? current : frameAt(call, pc);
    const before = frame.pc;
    const line = isNext && current ? nextLine(instance, frame, pc) : lineAt(instance, frame, pc);
    current = frame;
    currentCall = call;
    frame.pc = pc;
    if (line === frame.line && pc > before) return lineEnd(instance, frame);
    if (before === 0 && isVarargPrologue(instance, pc)) return pc + INSTRUCTION_BYTES;
    frame.line = line;
    tell(state, call, frame);
    return lineEnd(instance, frame);
  };
  return {
    onInstruction,
    get stopped() {
      return stopped;
    },
    lend: loan.take,
    reset() {
      isInHook = false;
      stopped = false;
      loan.forget();
      frames.clear();
      current = undefined;
      const end = instance.lua[WATCH_END];
      if (end) end.value = 0;
    },
  };
}

function protoOf({ view }: LuaInstance, call: number): number {
  const slot = view.getUint32(call + CALL_INFO.func, true);
  const closure = view.getUint32(slot, true);
  return view.getUint32(closure + LUA_CLOSURE.proto, true);
}

/** Line of the instruction after the one whose line is known. */
function nextLine(instance: LuaInstance, frame: Frame, pc: number): number {
  const index = (pc - frame.code) / INSTRUCTION_BYTES;
  const difference = instance.view.getInt8(frame.lineInfo + index);
  const isKnown = difference !== ABSOLUTE_LINE && frame.line >= 0;
  return isKnown ? frame.line + difference : lineAt(instance, frame, pc);
}

/** Address of the first instruction after this one that is of another line. */
function lineEnd({ view }: LuaInstance, { proto, code, lineInfo, pc }: Frame): number {
  const count = view.getUint32(proto + LUA_PROTO.codeCount, true);
  let index = (pc - code) / INSTRUCTION_BYTES + 1;
  while (index < count && view.getInt8(lineInfo + index) === 0) index += 1;
  return code + index * INSTRUCTION_BYTES;
}

/**
 * Lets the state look to Lua's functions as it does to a hook of Lua's own: the call knows where it
 * is, and the stack is used up to its top. Done when it is first asked for, and undone at the end.
 */
function createLoan(instance: LuaInstance) {
  let [state, call, pc] = [0, 0, 0];
  let before: { readonly savedPc: number; readonly top: number } | undefined;
  return {
    offer(ofState: number, ofCall: number, ofPc: number) {
      state = ofState;
      call = ofCall;
      pc = ofPc;
    },
    take() {
      if (state === 0 || before) return;
      const { view } = instance;
      const savedPc = view.getUint32(call + CALL_INFO.savedPc, true);
      const top = view.getUint32(state + LUA_STATE.top, true);
      before = { savedPc, top };
      view.setUint32(call + CALL_INFO.savedPc, pc + INSTRUCTION_BYTES, true);
      if (usesTop(instance, pc)) return;
      view.setUint32(state + LUA_STATE.top, view.getUint32(call + CALL_INFO.top, true), true);
    },
    end() {
      if (before) {
        instance.view.setUint32(call + CALL_INFO.savedPc, before.savedPc, true);
        instance.view.setUint32(state + LUA_STATE.top, before.top, true);
      }
      state = 0;
      before = undefined;
    },
    forget() {
      state = 0;
      before = undefined;
    },
  };
}

/** Whether an instruction takes what the one before left up to the stack's top. */
function usesTop({ view }: LuaInstance, pc: number): boolean {
  const instruction = view.getUint32(pc, true);
  const b = (instruction >>> 16) & 0xff;
  return b === 0 && OPCODES_WITH_TOP.has(instruction & 0x7f);
}

/** Name of a chunk: a string in the interpreter's memory. */
interface ChunkName {
  readonly pointer: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Reads the names of chunks; one that was there before may have another in its place by now. */
function createChunkNames(instance: LuaInstance) {
  const known = new Map<number, ChunkName>();
  return (pointer: number, likely?: ChunkName): ChunkName => {
    const { buffer } = instance;
    const { start, length } = locateString(instance, pointer);
    const found = likely?.pointer === pointer ? likely : known.get(pointer);
    if (found?.bytes.length === length && isEqual(buffer, start, found.bytes)) return found;
    const bytes = Uint8Array.from(buffer.subarray(start, start + length));
    const name = { pointer, bytes, text: Buffer.from(bytes).toString('utf8') };
    known.set(pointer, name);
    return name;
  };
}

function isEqual(buffer: Uint8Array, start: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    if (buffer[start + i] !== bytes[i]) return false;
  }
  return true;
}
