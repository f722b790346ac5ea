/**
 * Gives the interpreter a fuel gauge, by rewriting its bytes before they are compiled: a mutable
 * global `gas`, and at the head of every loop and function `gas -= 1; if gas < 0 then trap`. A trap
 * cannot be caught by pcall, __gc, __close or any other Lua code, and loops that Lua's own count hook
 * never sees (pattern matching, garbage collection, string.rep of nothing) are counted as well.
 * Calls are paid for because recursion is a loop too, and because C that calls much and loops little
 * (table.concat, table.sort) would be cheap otherwise. Copying memory costs one unit per 64 bytes.
 * Modules that users bring (actors/wasm) are metered too; for them the lowest C stack pointer is
 * noted, which bounds what a message wrote. The memory's first size is set for Lua alone.
 */
import { MEMORY_MAX, MEMORY_MIN, WASM_PAGE } from './layout.js';
import {
  type Cursor,
  malformed,
  OPCODE_GLOBAL_SET,
  OPCODE_LOOP,
  PREFIX,
  PREFIXED_MEMORY_COPY,
  PREFIXED_MEMORY_FILL,
  readU32,
  skipInstruction,
  skipLocals,
  writeSigned,
  writeU32,
} from './wasm-bytes.js';

const SECTION_MEMORY = 5;
const SECTION_GLOBAL = 6;
const SECTION_EXPORT = 7;
const SECTION_CODE = 10;
const HEADER_BYTES = 8;

/** `(global (mut i64) (i64.const 0))` and `(global (mut i32) (i32.const 0))`. */
const GLOBAL_I64 = [0x7e, 0x01, 0x42, 0x00, 0x0b];
const GLOBAL_I32 = [0x7f, 0x01, 0x41, 0x00, 0x0b];
/** One memory, which has a maximum. */
const ONE_MEMORY = [0x01, 0x01];
const KIND_GLOBAL = 0x03;

type Bytes = Uint8Array | readonly number[];

/** What the meter must know of a module that a user brings; its memory is left as it is. */
export interface GuestModule {
  /** Addresses are 64 bits wide. */
  readonly isWide: boolean;
  readonly importedGlobals: number;
  /** Gas that there is while the module is set up, when nobody can give it any. */
  readonly startGas: number;
  /** Index of the global that is the C stack pointer. */
  readonly stackPointer: number | undefined;
  /** What the module's own format charges; such a build pays in both currencies. */
  readonly prices?: Prices | undefined;
}

/** A price list of AO: what runs from one branch to the next is paid for before it begins. */
export interface Prices {
  /** @param opcode as skipInstruction gives it */
  readonly of: (opcode: number) => number;
  readonly isBranch: (opcode: number) => boolean;
  /** Of paying itself. */
  readonly payment: number;
}

/** Where the meter keeps its numbers: indices of globals. */
interface Meter {
  readonly gas: number;
  /** Holds the size of a bulk copy for a moment, as wide as an address. */
  readonly size: number;
  /** Lowest stack pointer; as wide as an address. */
  readonly low: number;
  /** What was paid by the price list, and how much may be. */
  readonly used: number;
  readonly most: number;
  readonly guest: GuestModule | undefined;
}

/** Names of the exported globals of a guest: the Lua engine's is called `gas`. */
export const GUEST_GAS = 'corral:gas';
export const GUEST_LOW = 'corral:low';
export const GUEST_USED = 'corral:used';
export const GUEST_MOST = 'corral:most';

/**
 * Rewrites a module.
 *
 * @returns the bytes of the metered module, which exports `gas`: (mut i64), 0 at first; that of a
 *   guest exports GUEST_GAS, GUEST_LOW, GUEST_USED and GUEST_MOST
 */
export function meterModule(bytes: Uint8Array, guest?: GuestModule): Uint8Array<ArrayBuffer> {
  const cursor: Cursor = { bytes, at: HEADER_BYTES };
  const output: Bytes[] = [bytes.subarray(0, HEADER_BYTES)];
  let meter: Meter | undefined;
  while (cursor.at < bytes.length) {
    const id = readU32(cursor);
    const size = readU32(cursor);
    const body: Cursor = { bytes: bytes.subarray(cursor.at, cursor.at + size), at: 0 };
    cursor.at += size;
    let section: Bytes[] = [body.bytes];
    if (id === SECTION_MEMORY && !guest) {
      section = [ONE_MEMORY, writeU32(MEMORY_MIN / WASM_PAGE), writeU32(MEMORY_MAX / WASM_PAGE)];
    } else if (id === SECTION_GLOBAL) {
      const own = readU32(body);
      meter = placeMeter(own, guest);
      section = [writeU32(own + 5), rest(body), ...meterGlobals(guest)];
    } else if (id === SECTION_EXPORT && meter) {
      section = [writeU32(readU32(body) + (guest ? 4 : 1)), rest(body), ...meterExports(meter)];
    } else if (id === SECTION_CODE && meter) {
      section = meterCode(body, meter);
    }
    output.push([id], writeU32(lengthOf(section)), ...section);
  }
  if (!meter) throw malformed(cursor, 'has no global section');
  return concat(output);
}

function placeMeter(own: number, guest: GuestModule | undefined): Meter {
  const gas = (guest?.importedGlobals ?? 0) + own;
  return { gas, size: gas + 1, low: gas + 2, used: gas + 3, most: gas + 4, guest };
}

function meterGlobals(guest: GuestModule | undefined): Bytes[] {
  const address = guest?.isWide ? GLOBAL_I64 : GLOBAL_I32;
  if (!guest) return [GLOBAL_I64, address, address, GLOBAL_I64, GLOBAL_I64];
  const most = globalOf(Number.MAX_SAFE_INTEGER);
  return [globalOf(guest.startGas), address, address, GLOBAL_I64, most];
}

const globalOf = (value: number) => [0x7e, 0x01, 0x42, ...writeSigned(value), 0x0b];

function meterExports({ gas, low, used, most, guest }: Meter): Bytes[] {
  const exported = (name: string, index: number) => {
    const text = new TextEncoder().encode(name);
    return [text.length, ...text, KIND_GLOBAL, ...writeU32(index)];
  };
  if (!guest) return [exported('gas', gas)];
  return [
    exported(GUEST_GAS, gas),
    exported(GUEST_LOW, low),
    exported(GUEST_USED, used),
    exported(GUEST_MOST, most),
  ];
}

function meterCode(section: Cursor, meter: Meter): Bytes[] {
  const count = readU32(section);
  const output: Bytes[] = [writeU32(count)];
  for (let i = 0; i < count; i += 1) {
    const size = readU32(section);
    const body = section.bytes.subarray(section.at, section.at + size);
    section.at += size;
    const metered = meterFunction({ bytes: body, at: 0 }, meter);
    output.push(writeU32(lengthOf(metered)), ...metered);
  }
  return output;
}

/** Code that goes in before what is at a place of a body. */
type Insertion = readonly [at: number, code: readonly number[]];

function meterFunction(body: Cursor, meter: Meter): Bytes[] {
  skipLocals(body);
  const start = body.at;
  const insertions = insertMeter(body, meter);
  if (meter.guest?.prices) {
    insertions.push(...insertPayments({ bytes: body.bytes, at: start }, meter, meter.guest.prices));
    insertions.sort(([a], [b]) => a - b);
  }
  const output: Bytes[] = [];
  let copied = 0;
  for (const [at, code] of insertions) {
    output.push(body.bytes.subarray(copied, at), code);
    copied = at;
  }
  output.push(body.bytes.subarray(copied));
  return output;
}

function insertMeter(body: Cursor, meter: Meter): Insertion[] {
  const pay = payForLoop(meter.gas);
  const payBytes = payForBytes(meter);
  const insertions: Insertion[] = [[body.at, pay]];
  while (body.at < body.bytes.length) {
    const start = body.at;
    const opcode = skipInstruction(body);
    if (opcode === OPCODE_LOOP) insertions.push([body.at, pay]);
    else if (opcode === PREFIX * 256 + PREFIXED_MEMORY_COPY) insertions.push([start, payBytes]);
    else if (opcode === PREFIX * 256 + PREFIXED_MEMORY_FILL) insertions.push([start, payBytes]);
    else if (opcode === OPCODE_GLOBAL_SET && setsStackPointer(body, start, meter)) {
      insertions.push([body.at, noteLow(meter)]);
    }
  }
  return insertions;
}

/** A payment before each run of instructions that ends with a branch and costs anything. */
function insertPayments(body: Cursor, meter: Meter, prices: Prices): Insertion[] {
  const insertions: Insertion[] = [];
  let begun = body.at;
  let cost = 0;
  while (body.at < body.bytes.length) {
    const opcode = skipInstruction(body);
    cost += prices.of(opcode);
    if (!prices.isBranch(opcode)) continue;
    if (cost > 0) insertions.push([begun, payPrice(meter, cost + prices.payment)]);
    begun = body.at;
    cost = 0;
  }
  return insertions;
}

/** `used += cost; if (used > most) unreachable` */
function payPrice({ used, most }: Meter, cost: number): number[] {
  const u = writeU32(used);
  const add = [0x23, ...u, 0x42, ...writeSigned(cost), 0x7c, 0x24, ...u];
  return [...add, 0x23, ...u, 0x23, ...writeU32(most), 0x55, 0x04, 0x40, 0x00, 0x0b];
}

function setsStackPointer({ bytes }: Cursor, start: number, { guest }: Meter): boolean {
  return guest !== undefined && readU32({ bytes, at: start + 1 }) === guest.stackPointer;
}

/** `if (pointer < low) low = pointer`, without signs. */
function noteLow({ low, guest }: Meter): number[] {
  const pointer = [0x23, ...writeU32(guest?.stackPointer ?? 0)];
  const isLower = guest?.isWide ? 0x54 : 0x49;
  return [
    ...pointer,
    0x23,
    ...writeU32(low),
    isLower,
    0x04,
    0x40,
    ...pointer,
    0x24,
    ...writeU32(low),
    0x0b,
  ];
}

/** `gas -= 1; if (gas < 0) unreachable` */
function payForLoop(gas: number): number[] {
  const g = writeU32(gas);
  const subtract = [0x23, ...g, 0x42, 0x01, 0x7d, 0x24, ...g];
  const trapBelowZero = [0x23, ...g, 0x42, 0x00, 0x53, 0x04, 0x40, 0x00, 0x0b];
  return [...subtract, ...trapBelowZero];
}

/** With a size on top of the stack, and leaving it there: `gas -= size >> 6` */
function payForBytes({ gas, size, guest }: Meter): number[] {
  const g = writeU32(gas);
  const s = writeU32(size);
  const shifted = guest?.isWide
    ? [0x23, ...s, 0x42, 0x06, 0x88]
    : [0x23, ...s, 0x41, 0x06, 0x76, 0xad];
  return [0x24, ...s, 0x23, ...s, 0x23, ...g, ...shifted, 0x7d, 0x24, ...g];
}

function rest(cursor: Cursor): Uint8Array {
  return cursor.bytes.subarray(cursor.at);
}

function lengthOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function concat(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    output.set(part, at);
    at += part.length;
  }
  return output;
}
