/**
 * JSON into Lua values, by the host: what most texts are is read at one go and built in the process's
 * memory. What is out of the ordinary (a hole in a list, half of a character, a number of more digits
 * than are exact, anything malformed) is left to the module in Lua, which also has the errors.
 */
import { LUA_TSTRING, type LuaExports } from './exports.js';
import type { LuaInstance } from './instance.js';
import { pushIfRoom } from './values.js';

/** Deepest nesting that is read here. */
const DEPTH_MAX = 64;
/** Slots of the Lua stack that a level of nesting takes: the table, a key and a value. */
const SLOTS = 3;
/** Room that an object in a list is made with: what lists hold is mostly tags, a name and a value. */
const PAIR = 2;
/** Room that the object is made with that a text of some length is: the envelope of a message. */
const ENVELOPE = 32;
const ENVELOPE_BYTES = 512;
/** Bytes that a copy has room for beyond its text, and the most that are kept for the next one. */
const ROOM = 4096;
const ROOM_MAX = 1024 * 1024;
/** Gas beyond that for bytes: of a call, of a number with a fraction, of a character by its number. */
const CALL_GAS = 20;
const FRACTION_GAS = 30;
const UNICODE_GAS = 25;
/** Digits of a whole number that is exact as a JavaScript number, whatever they are. */
const DIGITS_MAX = 15;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Answered instead of a place: the text is none of ours. */
const ODD = -1;

const [QUOTE, BACKSLASH, COMMA, COLON, SPACE, ZERO] = [34, 92, 44, 58, 32, 48];
const [LETTER_N, LETTER_U] = [110, 117];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** What follows a backslash, and what it stands for. */
const ESCAPES = new Map([
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
  [47, 47], // /
  [98, 8], // b
  [102, 12], // f
  [LETTER_N, 10],
  [114, 13], // r
  [116, 9], // t
]);

/** A text that is being read. */
interface Reading {
  readonly instance: LuaInstance;
  readonly lua: LuaExports;
  state: number;
  /** A copy of the text; what is behind it is of an earlier one. */
  bytes: Buffer;
  length: number;
  /** Gas beyond that for bytes. */
  extra: number;
  /** While it is read: what is collected meanwhile may run Lua that reads another text. */
  isBusy: boolean;
  /** Address of the text in the process's memory, where it stays for the time being. */
  base: number;
}

/**
 * @returns a function that decodes the text at the bottom of the stack: it pushes the value and says
 *   true, or leaves the stack as it was and says false
 */
export function createJsonDecoder(instance: LuaInstance): (state: number) => boolean {
  const { lua } = instance;
  const none = Buffer.alloc(0);
  const place = { state: 0, bytes: none, length: 0, extra: 0, base: 0 };
  const reading: Reading = { instance, lua, ...place, isBusy: false };
  return (state) => {
    if (reading.isBusy || lua.lua_type(state, 1) !== LUA_TSTRING) return false;
    if (lua.lua_checkstack(state, SLOTS * (DEPTH_MAX + 1)) === 0) return false;
    const top = lua.lua_gettop(state);
    const length = Number(lua.lua_rawlen(state, 1));
    lua.gas.value -= BigInt(length + CALL_GAS);
    if (lua.gas.value < 0n) return false; // the next call ends it
    reading.isBusy = true;
    try {
      take(reading, state, length);
      const size = length < ENVELOPE_BYTES ? 0 : ENVELOPE;
      const end = readValue(reading, skipSpace(reading, 0), 0, size);
      if (end !== ODD && skipSpace(reading, end) === length) return true;
    } finally {
      reading.isBusy = false;
      if (reading.bytes.length > ROOM_MAX) reading.bytes = none;
      lua.gas.value -= BigInt(reading.extra);
    }
    lua.lua_settop(state, top);
    return false;
  };
}

function take(reading: Reading, state: number, length: number): void {
  const { lua, instance } = reading;
  const base = lua.lua_tolstring(state, 1, 0);
  if (reading.bytes.length < length) reading.bytes = Buffer.alloc(length + ROOM);
  instance.buffer.copy(reading.bytes, 0, base, base + length);
  reading.state = state;
  reading.base = base;
  reading.length = length;
  reading.extra = 0;
}

// Each of these pushes what begins at a place, and answers the place after it. ------------------

/** @param size room for so many entries, if it is an object */
function readValue(reading: Reading, at: number, depth: number, size: number): number {
  const first = byteAt(reading, at);
  if (first === QUOTE) return readString(reading, at);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) return readWord(reading, at);
  if (depth >= DEPTH_MAX) return ODD;
  if (first === OPEN_LIST) return readList(reading, at, depth + 1);
  return readObject(reading, at, depth + 1, size);
}

function readList(reading: Reading, at: number, depth: number): number {
  const { lua, state } = reading;
  lua.lua_createtable(state, 0, 0);
  let next = skipSpace(reading, at + 1);
  if (byteAt(reading, next) === CLOSE_LIST) return next + 1;
  for (let position = 1n; ; position += 1n) {
    if (byteAt(reading, next) === LETTER_N) return ODD; // null
    next = readValue(reading, next, depth, PAIR);
    if (next === ODD) return ODD;
    lua.lua_rawseti(state, -2, position);
    next = skipSpace(reading, next);
    const mark = byteAt(reading, next);
    if (mark === CLOSE_LIST) return next + 1;
    if (mark !== COMMA) return ODD;
    next = skipSpace(reading, next + 1);
  }
}

function readObject(reading: Reading, at: number, depth: number, size: number): number {
  const { lua, state } = reading;
  lua.lua_createtable(state, 0, size);
  let next = skipSpace(reading, at + 1);
  if (byteAt(reading, next) === CLOSE_OBJECT) return next + 1;
  while (true) {
    if (byteAt(reading, next) !== QUOTE) return ODD;
    next = readString(reading, next);
    if (next === ODD) return ODD;
    next = skipSpace(reading, next);
    if (byteAt(reading, next) !== COLON) return ODD;
    next = readValue(reading, skipSpace(reading, next + 1), depth, 0);
    if (next === ODD) return ODD;
    lua.lua_rawset(state, -3);
    next = skipSpace(reading, next);
    const mark = byteAt(reading, next);
    if (mark === CLOSE_OBJECT) return next + 1;
    if (mark !== COMMA) return ODD;
    next = skipSpace(reading, next + 1);
  }
}

function readWord(reading: Reading, at: number): number {
  const { lua, state, bytes, length } = reading;
  let end = at;
  let number = 0;
  let isDigits = bytes[at] !== ZERO;
  for (; end < length && !isEnd(bytes[end] as number); end += 1) {
    const digit = (bytes[end] as number) - ZERO;
    if (digit < 0 || digit > 9) isDigits = false;
    number = number * 10 + digit;
  }
  if (isDigits && end > at && end - at <= DIGITS_MAX) {
    lua.lua_pushinteger(state, BigInt(number));
    return end;
  }
  const word = bytes.toString('latin1', at, end);
  if (word === 'true' || word === 'false') lua.lua_pushboolean(state, word === 'true' ? 1 : 0);
  else if (word === 'null') lua.lua_pushnil(state);
  else if (!NUMBER.test(word)) return ODD;
  else if (/[.eE]/.test(word)) {
    reading.extra += FRACTION_GAS;
    lua.lua_pushnumber(state, Number(word));
  } else if (word.length > DIGITS_MAX) return ODD;
  else lua.lua_pushinteger(state, BigInt(word));
  return end;
}

function readString(reading: Reading, at: number): number {
  const { lua, state, bytes, length, base } = reading;
  const start = at + 1;
  for (let end = start; end < length; end += 1) {
    const byte = bytes[end] as number;
    if (byte === QUOTE) {
      lua.lua_pushlstring(state, base + start, end - start);
      return end + 1;
    }
    if (byte === BACKSLASH) return readEscaped(reading, start, end);
    if (byte < SPACE) return ODD;
  }
  return ODD;
}

/** A string with an escape: what is before the first one is plain. */
function readEscaped(reading: Reading, start: number, first: number): number {
  const { instance, state, bytes } = reading;
  const end = findQuote(reading, first);
  if (end === ODD) return ODD;
  const text = Buffer.allocUnsafe(end - start); // no escape is shorter than what it stands for
  let size = bytes.copy(text, 0, start, first);
  for (let at = first; at < end; ) {
    const byte = bytes[at] as number;
    const letter = bytes[at + 1] as number;
    if (byte < SPACE) return ODD;
    if (byte !== BACKSLASH) {
      text[size++] = byte;
      at += 1;
    } else if (letter === LETTER_U) {
      const character = unicodeOf(bytes.toString('latin1', at + 2, Math.min(at + 6, end)));
      reading.extra += UNICODE_GAS;
      if (character === undefined) return ODD;
      size += text.write(character, size);
      at += 6;
    } else {
      const plain = ESCAPES.get(letter);
      if (plain === undefined) return ODD;
      text[size++] = plain;
      at += 2;
    }
  }
  return pushIfRoom(instance, state, text.subarray(0, size)) ? end + 1 : ODD;
}

/** The character of four digits; undefined if it is half of one. */
function unicodeOf(digits: string): string | undefined {
  if (!/^[\da-fA-F]{4}$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  return code >= 0xd800 && code <= 0xdfff ? undefined : String.fromCharCode(code);
}

/** Where a string ends. */
function findQuote({ bytes, length }: Reading, from: number): number {
  for (let at = from; at < length; at += 1) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at += 1;
  }
  return ODD;
}

function byteAt({ bytes, length }: Reading, at: number): number {
  return at < length ? (bytes[at] as number) : 0;
}

function skipSpace(reading: Reading, from: number): number {
  let at = from;
  while (isSpace(byteAt(reading, at))) at += 1;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 10 || byte === 13 || byte === 9;
}

/** Whether a number or a word ends before a byte. */
function isEnd(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT;
}
