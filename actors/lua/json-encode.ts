/**
 * Lua values into JSON, by the host: a table is read where it lies in the process's memory, without
 * one call of the interpreter. It writes what the encoder in Lua writes, in the same order; what that
 * one refuses, and what is out of the ordinary (functions, metatables, long fractions, deep nesting),
 * is left to it.
 * Source: Lua 5.4, lobject.h (Table, Node, TValue, TString) and luaH_next of ltable.c.
 */
import type { LuaInstance } from './instance.js';
import { LUA_NODE, LUA_TABLE, LUA_VALUE, VALUE_TYPES } from './layout.js';
import { locateString } from './prototypes.js';

/** Deepest nesting that is written here: deeper, the encoder in Lua looks for cycles. */
const DEPTH_MAX = 32;
/** From here on a number is written with an exponent. */
const PLAIN_MAX = 1e14;
const PLAIN_MIN = 1e-4;
/** Bytes of room that are kept from one text to the next. */
const ROOM_MAX = 1024 * 1024;
/** Gas beyond that for bytes: of a call, and of a number with a fraction. */
const CALL_GAS = 20;
const FLOAT_GAS = 100;
/** Digits that a number is written with. */
const DIGITS_MAX = 14;

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];
const SPACE = 32;
const { FALSE, TRUE, INTEGER, FLOAT, SHORT_STRING, LONG_STRING, TABLE } = VALUE_TYPES;

const ESCAPES = new Map([
  [QUOTE, '\\"'],
  [BACKSLASH, '\\\\'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
]);

/** Ends the writing of what is left to Lua; a value of its own because it is no error of anybody. */
const ODD = Symbol('odd');

/** A text that is being written. */
interface Writing {
  readonly instance: LuaInstance;
  /** Its bytes so far, and room for more. */
  bytes: Buffer;
  size: number;
  /** Gas for what was looked at and written. */
  spent: number;
  /** Most gas that it may take. */
  max: number;
}

export interface JsonEncoder {
  /**
   * Writes the table at an address.
   * @param max most gas that it may take: what is dearer is left to Lua
   * @returns the text, to be copied before the next call; undefined if it is left to Lua
   */
  encode(table: number, max: number): Uint8Array | undefined;
  /** Gas that the last text took, also if it was given up. */
  readonly spent: number;
}

export function createJsonEncoder(instance: LuaInstance): JsonEncoder {
  const none = Buffer.alloc(0);
  const writing: Writing = { instance, bytes: none, size: 0, spent: 0, max: 0 };
  return {
    encode(table, max) {
      writing.size = 0;
      writing.spent = 0;
      writing.max = max;
      try {
        spend(writing, CALL_GAS);
        writeTable(writing, table, 1);
        return writing.bytes.subarray(0, writing.size);
      } catch (error) {
        if (error !== ODD) throw error;
        return undefined;
      } finally {
        if (writing.bytes.length > ROOM_MAX) writing.bytes = none;
      }
    },
    get spent() {
      return writing.spent;
    },
  };
}

function writeTable(writing: Writing, table: number, depth: number): void {
  const { instance } = writing;
  const metatable = instance.view.getUint32(table + LUA_TABLE.metatable, true);
  if (depth > DEPTH_MAX || metatable !== 0) throw ODD;
  const parts = readTable(instance, table);
  const slots = (parts.itemsEnd - parts.items) / LUA_VALUE.bytes;
  spend(writing, slots + (parts.nodesEnd - parts.nodes) / LUA_NODE.bytes);
  const end = findEnd(instance, parts);
  if (end > parts.items) writeList(writing, parts.items, end, depth);
  else writeObject(writing, parts, depth);
}

function writeList(writing: Writing, items: number, end: number, depth: number): void {
  for (let item = items; item < end; item += LUA_VALUE.bytes) {
    writeMark(writing, item === items ? OPEN_LIST : COMMA);
    writeValue(writing, item, depth);
  }
  writeMark(writing, CLOSE_LIST);
}

function writeObject(writing: Writing, { nodes, nodesEnd }: TableParts, depth: number): void {
  const { view, buffer } = writing.instance;
  let mark = OPEN_OBJECT;
  for (let node = nodes; node < nodesEnd; node += LUA_NODE.bytes) {
    if (isNil(buffer, node)) continue;
    const type = buffer[node + LUA_NODE.keyType];
    if (type !== SHORT_STRING && type !== LONG_STRING) throw ODD;
    writeMark(writing, mark);
    writeString(writing, view.getUint32(node + LUA_NODE.key, true));
    writeMark(writing, COLON);
    writeValue(writing, node, depth);
    mark = COMMA;
  }
  if (mark === OPEN_OBJECT) writeAscii(writing, '[]');
  else writeMark(writing, CLOSE_OBJECT);
}

function writeValue(writing: Writing, at: number, depth: number): void {
  const { view, buffer } = writing.instance;
  const type = buffer[at + LUA_VALUE.type];
  if (type === SHORT_STRING || type === LONG_STRING) writeString(writing, view.getUint32(at, true));
  else if (type === TABLE) writeTable(writing, view.getUint32(at, true), depth + 1);
  else if (type === INTEGER) writeAscii(writing, integerText(view, at));
  else if (type === FLOAT) writeFloat(writing, at);
  else if (type === TRUE || type === FALSE) writeAscii(writing, type === TRUE ? 'true' : 'false');
  else throw ODD;
}

function writeString(writing: Writing, pointer: number): void {
  const { buffer } = writing.instance;
  const { start, length } = locateString(writing.instance, pointer);
  const end = start + length;
  spend(writing, length);
  reserve(writing, length + 1);
  writing.bytes[writing.size++] = QUOTE;
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at] as number;
    if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) writing.bytes[writing.size++] = byte;
    else {
      writeAscii(writing, ESCAPES.get(byte) ?? `\\u${byte.toString(16).padStart(4, '0')}`);
      reserve(writing, end - at);
    }
  }
  writeMark(writing, QUOTE);
}

function writeAscii(writing: Writing, text: string): void {
  spend(writing, text.length);
  reserve(writing, text.length);
  for (let i = 0; i < text.length; i += 1) writing.bytes[writing.size++] = text.charCodeAt(i);
}

function writeMark(writing: Writing, byte: number): void {
  spend(writing, 1);
  reserve(writing, 1);
  writing.bytes[writing.size++] = byte;
}

function reserve(writing: Writing, count: number): void {
  const { bytes, size } = writing;
  if (size + count <= bytes.length) return;
  writing.bytes = Buffer.alloc((size + count) * 2);
  bytes.copy(writing.bytes, 0, 0, size);
}

/** Paid before it is done: who has too little never begins. */
function spend(writing: Writing, gas: number): void {
  writing.spent += gas;
  if (writing.spent > writing.max) throw ODD;
}

function integerText(view: DataView, at: number): string {
  const number = view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (Math.abs(number) >= PLAIN_MAX) throw ODD;
  return String(number);
}

/** A number that fourteen digits are enough for is written with as few as it takes, on both sides. */
function writeFloat(writing: Writing, at: number): void {
  spend(writing, FLOAT_GAS);
  const number = writing.instance.view.getFloat64(at, true);
  const magnitude = Math.abs(number);
  const text = String(number);
  const digits = text.replace(/^-?(?:0\.)?0*|\./g, '').length;
  if (!(magnitude >= PLAIN_MIN && magnitude < PLAIN_MAX && digits <= DIGITS_MAX)) throw ODD;
  writeAscii(writing, text);
}

/** Where the two parts of a table lie: items by position, and nodes of a key and a value. */
interface TableParts {
  readonly items: number;
  readonly itemsEnd: number;
  readonly nodes: number;
  readonly nodesEnd: number;
}

function readTable({ view, buffer }: LuaInstance, pointer: number): TableParts {
  const items = view.getUint32(pointer + LUA_TABLE.items, true);
  const nodes = view.getUint32(pointer + LUA_TABLE.nodes, true);
  const nodesLog2 = buffer[pointer + LUA_TABLE.nodesLog2] as number;
  let count = view.getUint32(pointer + LUA_TABLE.limit, true);
  const isHint = ((buffer[pointer + LUA_TABLE.flags] as number) & LUA_TABLE.limitIsHint) !== 0;
  if (isHint && count > 0) count = 2 ** Math.ceil(Math.log2(count));
  return {
    items,
    itemsEnd: items + count * LUA_VALUE.bytes,
    nodes,
    nodesEnd: nodes + 2 ** nodesLog2 * LUA_NODE.bytes,
  };
}

/** Where the values 1 to n end of a list; of a table that is none, where they would begin. */
function findEnd({ buffer }: LuaInstance, parts: TableParts): number {
  const { items, itemsEnd, nodes, nodesEnd } = parts;
  let end = items;
  while (end < itemsEnd && !isNil(buffer, end)) end += LUA_VALUE.bytes;
  for (let at = end; at < itemsEnd; at += LUA_VALUE.bytes) if (!isNil(buffer, at)) throw ODD;
  if (end === items) return end;
  for (let at = nodes; at < nodesEnd; at += LUA_NODE.bytes) if (!isNil(buffer, at)) throw ODD;
  return end;
}

/** Whether there is nothing where a value, or a node, begins. */
function isNil(buffer: Buffer, at: number): boolean {
  return ((buffer[at + LUA_VALUE.type] as number) & 0x0f) === 0;
}
