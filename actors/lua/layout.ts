/**
 * Where things are in the interpreter's linear memory, read from wasmoon 1.16.0's glue.wasm:
 * static data, then a stack that grows down, then the heap. Between two evaluations the stack is
 * empty, so a process's state is the static data and the heap up to the break (sbrk).
 */

export const GLUE_SHA256 = '95f3f19ddb740125883bc41d5ec670cd0828e7b58c8bdad385323cbff497b55c';

/** First byte after the static data, and the lowest address of the stack. */
export const DATA_END = 35_136;
/** Initial stack pointer, and the first byte of the heap. */
export const STACK_TOP = 1_083_712;
export const HEAP_START = 1_083_712;
/** Address of the C library's own record of the break (i32). */
export const BREAK_ADDRESS = 31_452;
/** Entries of the function table before ours are added. */
export const TABLE_SIZE = 198;

/**
 * The loop of luaV_execute that fetches and runs one instruction a turn: which body of the code
 * section, which loop in it, and the locals that hold what a turn begins with.
 */
export const INTERPRETER_LOOP = {
  body: 548,
  ordinal: 3,
  locals: { state: 0, callInfo: 7, pc: 1 },
} as const;
/** Index of the type (i32, i32, i32, i32) -> i32. */
export const WATCH_TYPE = 1;

/** Fields of Lua's own structures: lua_State, CallInfo, LClosure, Proto, TString, Table and Node. */
export const LUA_STATE = { top: 12, callInfo: 20 } as const;
export const CALL_INFO = { func: 0, top: 4, savedPc: 16 } as const;
export const LUA_CLOSURE = { proto: 12 } as const;
export const LUA_PROTO = {
  constantCount: 16,
  codeCount: 20,
  protoCount: 28,
  absoluteLineCount: 36,
  lineDefined: 40,
  lastLineDefined: 44,
  constants: 48,
  code: 52,
  protos: 56,
  lineInfo: 64,
  absoluteLines: 68,
  source: 76,
} as const;
/** A constant: eight bytes of value (none of nil and booleans, a pointer of strings), then its type. */
export const LUA_VALUE = {
  type: 8,
  bytes: 16,
  numbers: [0x03, 0x13] as readonly number[],
  strings: [0x44, 0x54] as readonly number[],
} as const;
export const LUA_STRING = {
  type: 4,
  shortType: 0x04,
  shortLength: 7,
  longLength: 12,
  contents: 16,
} as const;

/** Types of values as they lie in memory. */
export const VALUE_TYPES = {
  FALSE: 0x01,
  TRUE: 0x11,
  INTEGER: 0x03,
  FLOAT: 0x13,
  SHORT_STRING: 0x44,
  LONG_STRING: 0x54,
  TABLE: 0x45,
} as const;
/** A Table: values of the keys 1, 2 .. in a row, as many as the limit says or hints, and nodes. */
export const LUA_TABLE = {
  flags: 6,
  limitIsHint: 0x80,
  nodesLog2: 7,
  limit: 8,
  items: 12,
  nodes: 16,
  metatable: 24,
} as const;
/** A node begins with its value. */
export const LUA_NODE = { keyType: 9, key: 16, bytes: 24 } as const;

/** Numbers of Lua instructions. Those with a top take all values up to it when their B is 0. */
export const OPCODE_VARARGPREP = 81;
const [CALL, TAILCALL, RETURN, SETLIST] = [68, 69, 70, 78];
export const OPCODES_WITH_TOP: ReadonlySet<number> = new Set([CALL, TAILCALL, RETURN, SETLIST]);

export const WASM_PAGE = 65_536;
/**
 * Memory that every instance starts with, in bytes: no limit can be lower. The build says 16 MiB;
 * with 2 MiB an instance is made in a quarter of the time.
 */
export const MEMORY_MIN = 32 * WASM_PAGE;
/** The build's own maximum, in bytes. */
export const MEMORY_MAX = 32_768 * WASM_PAGE;
