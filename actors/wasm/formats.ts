/**
 * The formats of WebAssembly modules on AO, and what a module of each finds: a table of facts, from
 * watching such modules under @permaweb/ao-loader 0.0.49. All were built by emscripten, at different
 * times and with different settings, and all have the same interface: `handle(message, env)`.
 */
import type { Binary } from './binary.js';

export interface WasmFormat {
  /** Value of the tag `Module-Format`. */
  readonly name: string;
  /** Imports and exports have one letter instead of a name. */
  readonly isMinified: boolean;
  /** Addresses are 64 bits wide. */
  readonly isWide: boolean;
  /** Most bytes that the heap may ask for, whatever the module's memory allows. */
  readonly heapMax: number;
  /** False: every call on a file fails; there is no clock either. */
  readonly hasFiles: boolean;
  /** Marks at the end of the stack and at address 0, by which C code notices an overflow. */
  readonly hasCookie: boolean;
  /** How `main` is called at boot. */
  readonly main: 'never' | 'bare' | 'named';
  /** The C library is given the seven variables of emscripten's environment. */
  readonly hasEnvironment: boolean;
  /** Space on the stack for a text of n characters: as much as it needs, or 4 n + 1. */
  readonly textSpace: 'exact' | 'fourfold';
  /** The terminal tells its size. */
  readonly hasWindowSize: boolean;
  /** `system(NULL)`: is there a shell? */
  readonly hasShell: boolean;
  /** There is an empty directory `/data`. */
  readonly hasData: boolean;
  /** Type of the number that a metered build pays gas with; see gas.ts. */
  readonly gas?: 'i32' | 'i64';
}

const MEBIBYTE = 1024 * 1024;

const FIRST: WasmFormat = {
  name: 'wasm32-unknown-emscripten',
  isMinified: true,
  isWide: false,
  heapMax: 500 * MEBIBYTE,
  hasFiles: false,
  hasCookie: false,
  main: 'bare',
  hasEnvironment: true,
  textSpace: 'fourfold',
  hasWindowSize: false,
  hasShell: false,
  hasData: false,
};
const SECOND: WasmFormat = {
  ...FIRST,
  name: 'wasm32-unknown-emscripten2',
  isMinified: false,
  hasFiles: true,
  hasCookie: true,
  main: 'named',
};
const THIRD: WasmFormat = {
  ...SECOND,
  name: 'wasm32-unknown-emscripten3',
  heapMax: 65_535 * 65_536,
  main: 'bare',
  textSpace: 'exact',
  hasWindowSize: true,
};
const FOURTH: WasmFormat = {
  ...THIRD,
  name: 'wasm32-unknown-emscripten4',
  main: 'never',
  hasEnvironment: false,
  hasShell: true,
  hasData: true,
};
const WIDE: WasmFormat = {
  ...FOURTH,
  name: 'wasm64-unknown-emscripten-draft_2024_02_15',
  isWide: true,
  heapMax: 16 * 1024 * MEBIBYTE,
};

/** Every format that AO's compute unit names, in the order of their age. */
export const WASM_FORMATS: readonly WasmFormat[] = [
  FIRST,
  SECOND,
  THIRD,
  FOURTH,
  WIDE,
  { ...FOURTH, name: 'wasm32-unknown-emscripten-metering', gas: 'i32' },
  { ...WIDE, name: 'wasm64-unknown-emscripten-draft_2024_10_16-metering', gas: 'i64' },
];

/** @returns undefined for the name of no format that runs here */
export function findFormat(name: string | undefined): WasmFormat | undefined {
  return WASM_FORMATS.find((format) => format.name === name);
}

/**
 * The format of a binary by its imports. A metered format has no mark of its own in the binary, so
 * it must be given by name.
 */
export function detectFormat(binary: Binary): WasmFormat {
  const names = new Set(binary.imports.map(({ name }) => name));
  if (binary.isWide) return WIDE;
  if (binary.imports.some(({ module }) => module === 'a')) return FIRST;
  if (names.has('_abort_js') || names.has('__asyncjs__weavedrive_open')) return FOURTH;
  return names.has('emscripten_memcpy_big') || names.has('getTempRet0') ? SECOND : THIRD;
}

/** Names of the imports of the first format, whose binaries have letters in their place. */
export const LETTERS: Readonly<Record<string, string>> = {
  a: '_emscripten_date_now',
  b: 'setTempRet0',
  c: 'fd_close',
  d: '__syscall_fcntl64',
  e: '__syscall_unlinkat',
  f: 'fd_write',
  g: '__syscall_openat',
  h: 'getTempRet0',
  i: '_mktime_js',
  j: '_tzset_js',
  k: 'emscripten_memcpy_big',
  l: 'exit',
  m: 'system',
  n: 'strftime',
  o: 'fd_seek',
  p: '_emscripten_throw_longjmp',
  q: 'emscripten_resize_heap',
  r: '__syscall_lstat64',
  s: '__syscall_renameat',
  t: '__syscall_rmdir',
  u: 'environ_get',
  v: 'environ_sizes_get',
  w: '__syscall_dup3',
  x: 'invoke_vii',
  y: 'fd_read',
  z: '__syscall_ioctl',
  A: '_emscripten_get_now_is_monotonic',
  B: '_gmtime_js',
  C: '_localtime_js',
  D: 'abort',
};

/** The same for its exports. */
export const EXPORT_LETTERS: Readonly<Record<string, string>> = {
  __wasm_call_ctors: 'F',
  handle: 'G',
  main: 'H',
  malloc: 'J',
  __errno_location: 'K',
  setThrew: 'L',
  stackSave: 'M',
  stackRestore: 'N',
  stackAlloc: 'O',
};
