/**
 * The answer's text: bytes of tokens become characters by the rules of the WHATWG decoder (an
 * invalid or unfinished character becomes U+FFFD), up to the first stop text. The region always
 * holds valid UTF-8, and zeros behind it.
 */
import {
  answer,
  DONE,
  FLAG_TRIM,
  input,
  MAX_TEXT_BYTES,
  STOP_TEXT,
  STOPS,
  TEXT,
  tokenOf,
} from './memory';
import { isSame } from './vocabulary';

/** U+FFFD, the first byte lowest. */
const REPLACEMENT: u32 = 0xbdbfef;

/** Ends the answer. */
export function finish(reason: u32): void {
  const a = answer();
  // What is left of a character can never be completed; behind a stop text it is cut off, too.
  if (a.pendingCount > 0 && reason != STOP_TEXT) put(REPLACEMENT, 3);
  a.pendingCount = 0;
  a.pending = 0;
  a.status = DONE;
  a.stopReason = reason;
}

/** Adds a token's text; false: there is no room for all of it. */
export function addToken(id: i32): bool {
  const token = tokenOf(id);
  for (let i: u32 = 0; i < token.textBytes; i++) {
    if (!addByte(load<u8>(token.text + i))) return false;
  }
  return true;
}

function addByte(byte: u32): bool {
  const a = answer();
  if (a.pendingCount > 0) {
    if (isContinuation(byte, a.pending, a.pendingCount)) {
      a.pending |= byte << (8 * a.pendingCount);
      a.pendingCount += 1;
      if (a.pendingCount < bytesOf(a.pending & 0xff)) return true;
      return putPending(a.pending, a.pendingCount);
    }
    if (!putPending(REPLACEMENT, 3)) return false;
  }
  if (byte < 0x80) return put(byte, 1);
  if (byte < 0xc2 || byte > 0xf4) return put(REPLACEMENT, 3);
  a.pending = byte;
  a.pendingCount = 1;
  return true;
}

/** Bytes of the character with this lead. */
function bytesOf(lead: u32): u32 {
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Whether a byte may follow; the second one's range depends on the lead. */
function isContinuation(byte: u32, pending: u32, count: u32): bool {
  let lowest: u32 = 0x80;
  let highest: u32 = 0xbf;
  if (count == 1) {
    if (pending == 0xe0) lowest = 0xa0;
    if (pending == 0xf0) lowest = 0x90;
    if (pending == 0xed) highest = 0x9f;
    if (pending == 0xf4) highest = 0x8f;
  }
  return byte >= lowest && byte <= highest;
}

/** Puts what the unfinished character has become. */
function putPending(character: u32, bytes: u32): bool {
  answer().pendingCount = 0;
  answer().pending = 0;
  return put(character, bytes);
}

/** Puts a whole character, whose first byte is the lowest; false: there is no room. */
function put(character: u32, bytes: u32): bool {
  const a = answer();
  if (a.textBytes == 0 && input().flags & FLAG_TRIM && isWhite(character)) return true;
  if (a.textBytes + bytes > MAX_TEXT_BYTES) return false;
  for (let i: u32 = 0; i < bytes; i++) store<u8>(TEXT + a.textBytes + i, character >> (8 * i));
  a.textBytes += bytes;
  return true;
}

/** A character of [\t-\r ]. */
export function isWhite(character: u32): bool {
  return character == 0x20 || (character >= 0x09 && character <= 0x0d);
}

/** Ends the answer before the first stop text that reaches beyond the first `known` bytes. */
export function cutAtStop(known: u32): void {
  const a = answer();
  let first = a.textBytes;
  let stop = STOPS;
  for (let index: u32 = 1; index <= input().stopCount; index++) {
    const bytes: u32 = load<u16>(stop);
    const at = findText(stop + 2, bytes, known >= bytes ? known - bytes + 1 : 0);
    if (at < first) {
      first = at;
      a.stopIndex = index;
    }
    stop += 2 + bytes;
  }
  if (a.stopIndex == 0) return;
  for (let at = first; at < a.textBytes; at++) store<u8>(TEXT + at, 0);
  a.textBytes = first;
  finish(STOP_TEXT);
}

/** Offset of a text at or after `from`; the text's length when it is not there. */
function findText(text: usize, bytes: u32, from: u32): u32 {
  const end = answer().textBytes;
  for (let at = from; at + bytes <= end; at++) if (isSame(TEXT + at, text, bytes)) return at;
  return end;
}
