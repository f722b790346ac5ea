/**
 * What the interpreter may ask of its host: the 27 imports of wasmoon's glue.wasm. There is no file,
 * no environment, no process and no running clock behind them, so a program that found a way to call
 * any C function would still reach nothing. Calls that open or name something answer ENOSYS.
 */
import { formatTm, readTm, writeTm } from './host-time.js';
import type { LuaInstance } from './instance.js';
import { growTo } from './memory.js';

const ENOSYS = 52;
const EBADF = 8;

/** Thrown by `abort` and `exit`: Lua gave up outside of any protected call. */
export class InterpreterAbort extends Error {
  override readonly name = 'InterpreterAbort';
}

/** Thrown for C's longjmp. A number, because invoke_vii must tell it from every other exception. */
const LONGJMP = Number.POSITIVE_INFINITY;

/**
 * Gas for what takes the host as long as so many turns of a loop take the interpreter: an exception
 * that is thrown and caught (error, coroutine.yield), and putting a date into words.
 */
const CATCH_GAS = 500n;
const DATE_GAS = 500n;

/**
 * Imports of one instance.
 *
 * @param instance gives the instance, which exists only after its imports do
 */
export function createImports(instance: () => LuaInstance): WebAssembly.Imports {
  const refuse = () => -ENOSYS;
  const view = () => instance().view;
  const fail = (what: string) => () => {
    throw new InterpreterAbort(what);
  };
  return {
    env: {
      abort: fail('abort'),
      exit: fail('exit'),
      system: () => 0,
      invoke_vii: createInvoke(instance),
      _emscripten_throw_longjmp: () => {
        throw LONGJMP;
      },
      emscripten_resize_heap: (bytes: number) => growHeap(instance(), bytes >>> 0),
      emscripten_date_now: () => instance().nowMs,
      _emscripten_get_now_is_monotonic: () => 0,
      _tzset_js: setUtc(instance),
      _gmtime_js: (seconds: bigint, tm: number) => writeTm(view(), tm, seconds),
      _localtime_js: (seconds: bigint, tm: number) => writeTm(view(), tm, seconds),
      _mktime_js: (tm: number) => readTm(view(), tm),
      strftime: (buffer: number, size: number, format: number, tm: number) =>
        writeStrftime(instance(), buffer, size, format, tm),
      __syscall_openat: refuse,
      __syscall_fcntl64: refuse,
      __syscall_ioctl: refuse,
      __syscall_dup3: refuse,
      __syscall_unlinkat: refuse,
      __syscall_rmdir: refuse,
      __syscall_renameat: refuse,
      __syscall_readlinkat: refuse,
    },
    wasi_snapshot_preview1: {
      fd_read: () => EBADF,
      fd_close: () => EBADF,
      fd_seek: () => EBADF,
      fd_write: discardOutput(view),
      environ_get: () => 0,
      environ_sizes_get: (count: number, size: number) => {
        view().setUint32(count, 0, true);
        view().setUint32(size, 0, true);
        return 0;
      },
    },
  };
}

/**
 * Calls a function of the table so that a longjmp out of it returns here; this is how pcall and
 * coroutines catch. Every other exception (a trap of the meter above all) goes on to the top.
 */
function createInvoke(instance: () => LuaInstance) {
  type TwoArguments = (a: number, b: number) => void;
  const functions = new Map<number, TwoArguments>();
  return (index: number, a: number, b: number) => {
    const { lua } = instance();
    let target = functions.get(index);
    if (target === undefined) {
      target = lua.__indirect_function_table.get(index) as TwoArguments;
      functions.set(index, target);
    }
    const pointer = lua.stackSave();
    try {
      target(a, b);
    } catch (error) {
      if (error !== LONGJMP) throw error;
      lua.gas.value -= CATCH_GAS; // below zero, the next loop or call traps
      lua.stackRestore(pointer);
      lua.setThrew(1, 0);
    }
  };
}

/** Refuses by the size asked for alone, so that the answer depends on nothing but the program. */
function growHeap(instance: LuaInstance, bytes: number): number {
  if (bytes > instance.memoryLimit) {
    instance.memoryRefused = bytes;
    return 0;
  }
  growTo(instance, bytes);
  return 1;
}

/** One zone, UTC, without daylight saving. */
function setUtc(instance: () => LuaInstance) {
  return (timezone: number, daylight: number, names: number) => {
    const { view, lua } = instance();
    const name = lua.malloc(4);
    instance().buffer.write('UTC\0', name, 'latin1');
    view.setInt32(timezone, 0, true);
    view.setInt32(daylight, 0, true);
    view.setUint32(names, name, true);
    view.setUint32(names + 4, name, true);
  };
}

function writeStrftime(
  instance: LuaInstance,
  target: number,
  size: number,
  format: number,
  tm: number,
): number {
  const { buffer, view, lua } = instance;
  lua.gas.value -= DATE_GAS;
  const pattern = buffer.toString('latin1', format, buffer.indexOf(0, format));
  const text = formatTm(view, tm, pattern);
  if (text.length >= size) return 0;
  buffer.write(`${text}\0`, target, 'latin1');
  return text.length;
}

/** Standard output goes nowhere, as on AO; the count says that it was taken. */
function discardOutput(view: () => DataView) {
  return (_file: number, vectors: number, count: number, written: number): number => {
    let bytes = 0;
    for (let i = 0; i < count; i += 1) bytes += view().getUint32(vectors + i * 8 + 4, true);
    view().setUint32(written, bytes, true);
    return 0;
  };
}
