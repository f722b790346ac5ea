/**
 * One instance of a module, booted: its memory, its meter, and what its host keeps for it. An
 * instance belongs to one machine at a time.
 */
import { GUEST_GAS, GUEST_LOW, GUEST_MOST, GUEST_USED } from '../lua/meter.js';
import type { WasmEngine } from './engine.js';
import { GuestStop, WasmError } from './errors.js';
import { createFiles } from './files.js';
import type { WasmFormat } from './formats.js';
import {
  createCaller,
  createGuestMemory,
  type Drive,
  type Guest,
  type GuestExports,
  type GuestMemory,
} from './guest.js';
import { createImports } from './imports.js';
import { type AddressGlobal, createLayout, HOST_GAS, type Layout } from './memory.js';
import { createSleep, type Sleeper } from './sleep.js';

export interface Instance {
  readonly guest: Guest;
  readonly memory: GuestMemory;
  /** Whole linear memory. */
  readonly buffer: Buffer;
  readonly layout: Layout;
  readonly gas: WebAssembly.Global<'i64'>;
  readonly sleeper: Sleeper;
  /** Stack pointer when nothing runs. */
  readonly stackBase: number;
  setLow(address: number): void;
  setDrive(drive: Drive | undefined): void;
}

/** Gas for what a module does before its first message: some seconds. */
export const BOOT_GAS = 2_000_000_000;
/** First value of the loader's clock. */
const CLOCK_START = 10_000;
const COOKIE = [34_821_223, 2_310_721_022];
const COOKIE_ZERO = 1_668_509_029;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function createInstance(engine: WasmEngine): Instance {
  const { binary } = engine;
  let exports: GuestExports = {};
  const linear = () => exports[binary.memory ?? ''] as WebAssembly.Memory;
  const memory = createGuestMemory(linear, binary.isWide);
  const guest = createGuest(engine, () => exports, memory);
  exports = instantiate(engine.module, createImports(binary, guest, memory));
  const gas = exports[GUEST_GAS] as WebAssembly.Global<'i64'>;
  guest.gasLimit = Number.POSITIVE_INFINITY;
  gas.value = BigInt(BOOT_GAS);
  const { layout, stackBase } = tryBoot(guest, memory, gas);
  gas.value = HOST_GAS;
  const low = exports[GUEST_LOW] as AddressGlobal;
  return {
    guest,
    memory,
    get buffer() {
      return Buffer.from(linear().buffer);
    },
    layout,
    gas,
    sleeper: guest.sleep as Sleeper,
    stackBase,
    setLow: (address) => {
      low.value = binary.isWide ? BigInt(address) : address;
    },
    setDrive: (drive) => {
      (guest as Writable<Guest>).drive = drive;
    },
  };
}

function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): GuestExports {
  try {
    return new WebAssembly.Instance(module, imports).exports as GuestExports;
  } catch (cause) {
    throw unusable(cause);
  }
}

function tryBoot(guest: Guest, memory: GuestMemory, gas: WebAssembly.Global<'i64'>) {
  try {
    boot(guest, memory);
    const save = guest.call('stackSave') ?? guest.call('emscripten_stack_get_current');
    const layout = createLayout(guest, guest.exports[GUEST_LOW] as AddressGlobal, gas);
    return { layout, stackBase: save?.() ?? 0 };
  } catch (cause) {
    throw unusable(cause);
  }
}

/** A module that does not come to life, for whatever reason of its own. */
function unusable(cause: unknown): unknown {
  const reasons = [
    WebAssembly.LinkError,
    WebAssembly.RuntimeError,
    RangeError,
    GuestStop,
    TypeError,
  ];
  if (!reasons.some((reason) => cause instanceof reason)) return cause;
  return new WasmError('WASM_INVALID', `the module does not boot: ${(cause as Error).message}`, {
    hint: 'It must import what AO gives it, and come to an end before its first message.',
    cause,
  });
}

function createGuest(
  { format, binary }: WasmEngine,
  exports: () => GuestExports,
  memory: GuestMemory,
): Guest {
  const tick = () => guest.clock++;
  const remote = (path: string) => guest.drive?.read(path);
  const call = createCaller(exports, binary, format.isMinified);
  const guest: Guest = {
    format,
    get memory() {
      return exports()[binary.memory ?? ''] as WebAssembly.Memory;
    },
    get table() {
      return exports()[binary.table ?? ''] as WebAssembly.Table | undefined;
    },
    get exports() {
      return exports();
    },
    call,
    files: createFiles({ tick, remote }),
    clock: CLOCK_START,
    knowsZone: false,
    secondResult: 0,
    gasUsed: 0,
    gasLimit: Number.POSITIVE_INFINITY,
    memoryLimit: Number.POSITIVE_INFINITY,
    memoryRefused: false,
    drive: undefined,
    messageMs: Number.POSITIVE_INFINITY,
    sleep: createSleep(call, memory),
  };
  if (format.gas) Object.defineProperties(guest, Object.getOwnPropertyDescriptors(ownGas(exports)));
  return guest;
}

/** The account of a build that pays inside: two of its globals. */
function ownGas(exports: () => GuestExports) {
  const global = (name: string) => exports()[name] as WebAssembly.Global<'i64'>;
  return {
    get gasUsed() {
      return Number(global(GUEST_USED).value);
    },
    set gasUsed(value: number) {
      global(GUEST_USED).value = BigInt(value);
    },
    get gasLimit() {
      return Number(global(GUEST_MOST).value);
    },
    set gasLimit(value: number) {
      global(GUEST_MOST).value = BigInt(Math.min(value, Number.MAX_SAFE_INTEGER));
    },
  };
}

/** What emscripten's own start-up does, in its order. */
function boot(guest: Guest, memory: GuestMemory): void {
  const { format, call } = guest;
  call('emscripten_stack_init')?.();
  // From here on the lowest stack pointer counts; 0 would be below everything.
  (guest.exports[GUEST_LOW] as AddressGlobal).value = highest(format);
  if (format.hasCookie) writeCookie(memory, call('emscripten_stack_get_end')?.() ?? 0);
  if (format.hasFiles) guest.files.openStandardStreams();
  call('__wasm_call_ctors')?.();
  if (format.main !== 'never') callMain(guest, memory);
  if (format.hasData) guest.files.makePath('/data');
  guest.gasUsed = 0;
}

/** As a global takes it: all bits set, which is the highest address without signs. */
function highest({ isWide }: WasmFormat): number | bigint {
  return isWide ? -1n : -1;
}

function writeCookie({ view }: GuestMemory, stackEnd: number): void {
  const at = stackEnd === 0 ? 4 : stackEnd;
  COOKIE.forEach((word, i) => {
    view.setUint32(at + i * 4, word, true);
  });
  view.setUint32(0, COOKIE_ZERO, true);
}

/** The oldest builds have a `main` that does nothing; one of them gets its name. */
function callMain(guest: Guest, memory: GuestMemory): void {
  const alloc = guest.call('stackAlloc');
  let [count, names] = [0, 0];
  if (guest.format.main === 'named' && alloc) {
    const name = './this.program';
    count = 1;
    names = alloc((count + 1) * 4);
    const text = alloc(name.length + 1);
    memory.storeText(text, name);
    memory.storePointer(names, text);
    memory.storePointer(names + 4, 0);
  }
  guest.call('main')?.(count, names);
  if (guest.format.hasFiles) guest.call('fflush')?.(0);
}
