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

export const WASM_PAGE = 65_536;
/**
 * Memory that every instance starts with, in bytes: no limit can be lower. The build says 16 MiB;
 * with 2 MiB an instance is made in a quarter of the time.
 */
export const MEMORY_MIN = 32 * WASM_PAGE;
/** The build's own maximum, in bytes. */
export const MEMORY_MAX = 32_768 * WASM_PAGE;
