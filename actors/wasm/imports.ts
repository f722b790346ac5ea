/**
 * What a module may ask of its host, bound by the names of its imports. There is no clock, no
 * randomness, no file and no shell of the machine behind them. An import that nobody knows is bound
 * to an error that says so when it is called: a module may carry what it never uses.
 */
import type { Binary, FunctionImport } from './binary.js';
import type { Binder, HostFunction } from './call-helpers.js';
import { GuestStop } from './errors.js';
import { LETTERS } from './formats.js';
import { address, type Guest, type GuestMemory } from './guest.js';
import { PATH_CALLS } from './path-calls.js';
import { NO_FILE_CALLS, STREAM_CALLS } from './stream-calls.js';
import { bindMktime, bindStrftime, bindTimeToTm, bindTzset } from './time.js';

type AnyFunction = (...args: unknown[]) => unknown;

const WASM_PAGE = 65_536;
const GROWTH_MAX = 96 * 1024 * 1024;
const EPERM_SYSTEM = -52;
const FILE_CALLS = { ...PATH_CALLS, ...STREAM_CALLS };

/** Thrown for C's longjmp. A number, by which emscripten's code tells it from everything else. */
const LONGJMP = Number.POSITIVE_INFINITY;

/** Imports of one instance, which comes to life only with them: `guest` is complete after that. */
export function createImports(
  binary: Binary,
  guest: Guest,
  memory: GuestMemory,
): WebAssembly.Imports {
  const imports: Record<string, Record<string, AnyFunction>> = {};
  for (const entry of binary.imports) {
    const isLetter = guest.format.isMinified && entry.module === 'a';
    const name = isLetter ? (LETTERS[entry.name] ?? entry.name) : entry.name;
    const module = imports[entry.module] ?? {};
    module[entry.name] = bind({ ...entry, name }, guest, memory);
    imports[entry.module] = module;
  }
  return imports;
}

function bind(entry: FunctionImport, guest: Guest, memory: GuestMemory): AnyFunction {
  const { name, type } = entry;
  if (name.startsWith('invoke_')) return bindInvoke(name.slice('invoke_'.length), guest);
  const files = guest.format.hasFiles ? FILE_CALLS : NO_FILE_CALLS;
  const binder = CALLS[name] ?? files[name] ?? (isFileCall(name) ? () => () => 0 : undefined);
  const run = binder ? binder(guest, memory, type) : unknownImport(entry);
  const isWideResult = type.results[0] === 'i64';
  if (!isWideResult && !type.params.includes('i64')) return run as AnyFunction;
  return (...args) => {
    const result = run(...args.map(Number));
    return isWideResult ? BigInt(Math.trunc(result)) : result;
  };
}

const isFileCall = (name: string) => name.startsWith('__syscall_');

function unknownImport({ module, name }: FunctionImport): HostFunction {
  return () => {
    throw new GuestStop(`the module called ${module}.${name}, which is not to be had here`);
  };
}

/**
 * Calls a function of the table so that a longjmp out of it returns here; this is how Lua's pcall
 * and coroutines catch. Every other exception goes on to the top.
 */
function bindInvoke(signature: string, guest: Guest): AnyFunction {
  const prepare = () => ({
    dynamic: guest.exports[`dynCall_${signature}`] as AnyFunction | undefined,
    save: guest.call('stackSave') ?? guest.call('emscripten_stack_get_current'),
    restore: guest.call('stackRestore') ?? guest.call('_emscripten_stack_restore'),
  });
  let prepared: ReturnType<typeof prepare> | undefined;
  return (index, ...args) => {
    prepared ??= prepare();
    const { dynamic, save, restore } = prepared;
    const stack = save?.() ?? 0;
    try {
      if (dynamic) return dynamic(Number(index), ...args);
      const target = guest.table?.get(Number(index)) as AnyFunction | undefined;
      if (!target) throw new GuestStop(`the module called function ${index}, which it has not`);
      return target(...args);
    } catch (error) {
      restore?.(stack);
      if (error !== LONGJMP) throw error;
      guest.call('setThrew')?.(1, 0);
      return undefined;
    }
  };
}

/** Grows memory with some room to spare; asked for too much, it gives nothing. */
const resizeHeap: Binder = (guest) => (given) => {
  const wanted = address(given ?? 0);
  const { memory, format } = guest;
  const size = memory.buffer.byteLength;
  const most = Math.min(format.heapMax, guest.memoryLimit);
  if (wanted > most) {
    guest.memoryRefused = true;
    return 0;
  }
  for (let cut = 1; cut <= 4; cut *= 2) {
    const generous = Math.min(size * (1 + 0.2 / cut), wanted + GROWTH_MAX);
    const next = Math.min(most, alignUp(Math.max(wanted, generous)));
    if (growMemory(guest, Math.ceil((next - size) / WASM_PAGE))) return 1;
  }
  guest.memoryRefused = true;
  return 0;
};

const alignUp = (bytes: number) => Math.ceil(bytes / WASM_PAGE) * WASM_PAGE;

function growMemory({ memory }: Guest, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false; // the module's own maximum
    throw error;
  }
}

const stop =
  (what: string): Binder =>
  () =>
  () => {
    throw new GuestStop(what);
  };

const copyMemory: Binder =
  (_guest, memory) =>
  (to = 0, from = 0, size = 0) => {
    const source = address(from);
    memory.bytes.copyWithin(address(to), source, source + address(size));
    return 0;
  };

/** Each reading of the clock is one millisecond after the one before. */
const readClock: Binder = (guest) => () => (guest.format.hasFiles ? guest.clock++ : 0);

const ENVIRONMENT = [
  'USER=web_user',
  'LOGNAME=web_user',
  'PATH=/',
  'PWD=/',
  'HOME=/home/web_user',
  'LANG=C.UTF-8',
  '_=./this.program',
];

const environment = (guest: Guest) => (guest.format.hasEnvironment ? ENVIRONMENT : []);

const CALLS: Readonly<Record<string, Binder>> = {
  abort: stop('the module called abort()'),
  _abort_js: stop('the module called abort()'),
  exit: () => (status) => {
    throw new GuestStop(`the module called exit(${status})`);
  },
  proc_exit: () => (status) => {
    throw new GuestStop(`the module called exit(${status})`);
  },
  __assert_fail: (_guest, memory) => (condition, file, line) => {
    const [what, where] = [condition, file].map((at) => memory.text(address(at ?? 0)));
    throw new GuestStop(`assertion failed: ${what} at ${where}:${line}`);
  },
  __cxa_throw: stop('a C++ exception was thrown, and the module was built without catching'),
  _emscripten_throw_longjmp: () => () => {
    throw LONGJMP;
  },
  emscripten_resize_heap: resizeHeap,
  emscripten_get_heap_max: (guest) => () => guest.format.heapMax,
  emscripten_memcpy_big: copyMemory,
  emscripten_memcpy_js: copyMemory,
  _emscripten_memcpy_js: copyMemory,
  emscripten_date_now: readClock,
  _emscripten_date_now: () => () => 0, // in the two oldest formats it is always 1970
  emscripten_get_now: (guest, memory, type) => {
    const read = readClock(guest, memory, type);
    // The second format takes the answer for a pair of numbers, and gets none.
    if (guest.format.main !== 'named') return read;
    return () => read() * Number.NaN;
  },
  _emscripten_get_now_is_monotonic: () => () => 1,
  _tzset_js: bindTzset,
  _gmtime_js: (_guest, memory, type) => bindTimeToTm(memory, type, false),
  _localtime_js: (_guest, memory, type) => bindTimeToTm(memory, type, true),
  _mktime_js: bindMktime,
  strftime: (_guest, memory) => bindStrftime(memory),
  strftime_l: (_guest, memory) => bindStrftime(memory),
  system: (guest) => (command) => {
    if (command !== 0) return EPERM_SYSTEM;
    return guest.format.hasShell ? 1 : 0;
  },
  _emscripten_system: (guest) => (command) => {
    if (command !== 0) return EPERM_SYSTEM;
    return guest.format.hasShell ? 1 : 0;
  },
  environ_sizes_get:
    (guest, memory) =>
    (count = 0, size = 0) => {
      const strings = environment(guest);
      memory.storePointer(address(count), strings.length);
      const bytes = strings.reduce((sum, text) => sum + text.length + 1, 0);
      memory.storePointer(address(size), bytes);
      return 0;
    },
  environ_get:
    (guest, memory) =>
    (table = 0, buffer = 0) => {
      let at = address(buffer);
      environment(guest).forEach((text, index) => {
        memory.storePointer(address(table) + index * memory.pointerBytes, at);
        at += memory.storeText(at, text) + 1;
      });
      return 0;
    },
  getTempRet0: (guest) => () => guest.secondResult,
  setTempRet0:
    (guest) =>
    (value = 0) => {
      guest.secondResult = value;
      return 0;
    },
  emscripten_err: () => () => 0,
  usegas:
    (guest) =>
    (amount = 0) => {
      guest.gasUsed += amount;
      if (guest.gasUsed > guest.gasLimit) throw new GuestStop('out of gas!');
      return 0;
    },
  metering_gasUsed: (guest) => () => guest.gasUsed,
  __asyncjs__weavedrive_open: (guest, memory) => (path) =>
    guest.sleep.pause(openRemote(guest, memory.text(address(path ?? 0)))),
  __asyncjs__weavedrive_read:
    (guest, memory) =>
    (fd = 0, target = 0, size = 0) =>
      guest.sleep.pause(() => {
        const at = address(target);
        return guest.files.read(
          guest.files.stream(fd),
          memory.bytes.subarray(at, at + address(size)),
        );
      }),
  __asyncjs__weavedrive_close:
    (guest) =>
    (fd = 0) =>
      guest.sleep.pause(() => {
        guest.files.close(fd);
        return 0;
      }),
};

/** Opens a path of WeaveDrive: what is not a file yet is read from the gateway and becomes one. */
function openRemote(guest: Guest, path: string): () => number {
  return () => {
    const { drive, files, messageMs } = guest;
    const folder = path.split('/')[1] ?? '';
    if (!drive || !['data', 'tx', 'block'].includes(folder)) return 0;
    files.makePath(`/${folder}`);
    if (!files.exists(path)) files.addRemote(path, path, drive.read(path, messageMs));
    return files.open(path, 0, 0);
  };
}
