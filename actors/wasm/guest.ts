/**
 * A module's instance as its host sees it: memory that can be read and written at addresses, and
 * exports that take and give numbers whatever the width of an address is. What the host keeps for a
 * process beside the memory (the loader's clock, the file system) hangs here too.
 */
import type { Binary, FunctionType } from './binary.js';
import type { Files } from './file-nodes.js';
import { EXPORT_LETTERS, type WasmFormat } from './formats.js';

export type GuestExports = Readonly<Record<string, unknown>>;
export type Call = (...args: number[]) => number;

export interface Guest {
  readonly format: WasmFormat;
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table | undefined;
  readonly exports: GuestExports;
  /** An export by its name in C; undefined if the module has none. Arguments are cut to fit. */
  call(name: string): Call | undefined;
  readonly files: Files;
  /** Next value of the clock that counts its own readings, in ms. */
  clock: number;
  /** True once the C library has been told its time zone, where it asks once only. */
  knowsZone: boolean;
  /** Second half of a result that is wider than one number; old builds keep it at the host. */
  secondResult: number;
  /** Gas that a metered build has paid with since the message began, and the most it may. */
  gasUsed: number;
  gasLimit: number;
  /** Most bytes of memory. */
  memoryLimit: number;
  /** Set when the heap was refused more. */
  memoryRefused: boolean;
  readonly drive: Drive | undefined;
  /** When the message that is being evaluated was assigned, in ms. */
  messageMs: number;
  readonly sleep: Sleep;
}

/** What a process may read of the gateway by opening a path. See drive.ts. */
export interface Drive {
  /**
   * The bytes behind a path such as `/data/<id>`.
   * @param untilMs what came to the gateway later is not there yet, so that a replay sees the same
   * @throws {DATA_NOT_FOUND, DATA_NOT_AVAILABLE}
   */
  read(path: string, untilMs?: number): Uint8Array;
}

/** An import that stops the module, lets the host work, and goes on with its answer. */
export interface Sleep {
  pause(work: () => number): number;
}

/** Reading and writing linear memory; views are made anew after it has grown. */
export interface GuestMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pointerBytes: number;
  loadPointer(address: number): number;
  storePointer(address: number, value: number): void;
  /** A C string. */
  text(address: number): string;
  /** Writes a text and the NUL after it; @returns the bytes written without the NUL */
  storeText(address: number, text: string): number;
}

/** An address that came as a signed number. */
export function address(value: number): number {
  return value < 0 ? value + 2 ** 32 : value;
}

/** @param linear gives the memory, which exists only after the imports that use it */
export function createGuestMemory(linear: () => WebAssembly.Memory, isWide: boolean): GuestMemory {
  let bytes = new Uint8Array();
  let view = new DataView(bytes.buffer);
  const refresh = () => {
    if (bytes.length > 0) return; // a buffer that has grown is left with no bytes
    const { buffer } = linear();
    bytes = new Uint8Array(buffer);
    view = new DataView(buffer);
  };
  return {
    pointerBytes: isWide ? 8 : 4,
    get bytes() {
      refresh();
      return bytes;
    },
    get view() {
      refresh();
      return view;
    },
    loadPointer(at) {
      refresh();
      return isWide ? Number(view.getBigUint64(at, true)) : view.getUint32(at, true);
    },
    storePointer(at, value) {
      refresh();
      if (isWide) view.setBigUint64(at, BigInt(value), true);
      else view.setUint32(at, value, true);
    },
    text(at) {
      refresh();
      if (at === 0) return '';
      const end = bytes.indexOf(0, at);
      return decode(bytes, at, end < 0 ? bytes.length : end);
    },
    storeText(at, text) {
      refresh();
      const written = Buffer.from(bytes.buffer).write(text, at, 'utf8');
      bytes[at + written] = 0;
      return written;
    },
  };
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, start, end - start).toString('utf8');
}

/** Makes `Guest.call` for an instance. */
export function createCaller(
  exports: () => GuestExports,
  binary: Binary,
  isMinified: boolean,
): (name: string) => Call | undefined {
  const known = new Map<string, Call | undefined>();
  const make = (name: string): Call | undefined => {
    const exported = isMinified ? EXPORT_LETTERS[name] : name;
    const type = exported === undefined ? undefined : binary.functions.get(exported);
    const target = exported === undefined ? undefined : exports()[exported];
    if (!type || typeof target !== 'function') return undefined;
    return adapt(target as (...args: unknown[]) => unknown, type);
  };
  return (name) => {
    if (!known.has(name)) known.set(name, make(name));
    return known.get(name);
  };
}

function adapt(target: (...args: unknown[]) => unknown, type: FunctionType): Call {
  const { params, results } = type;
  const isUnsigned = results[0] === 'i32';
  return (...args) => {
    const given = params.map((param, i) => (param === 'i64' ? BigInt(args[i] ?? 0) : args[i]));
    const result = target(...given);
    return isUnsigned ? (result as number) >>> 0 : Number(result ?? 0);
  };
}
