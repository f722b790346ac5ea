/**
 * Splits the prompt into ids, as llama.cpp does: user-defined tokens are cut out first, the longest
 * ones first, and what is between them is merged by score; characters that the vocabulary lacks
 * become bytes. Control tokens are not recognised, so that a prompt cannot forge them. Ids that are
 * there already are continued: then neither a begin token nor a space is put first.
 * `scratch` is Scratch below. Source: llama.cpp llama-vocab.cpp, llm_tokenizer_spm and
 * tokenizer_st_partition.
 */
import {
  answer,
  idAt,
  input,
  Node,
  PROMPT,
  program,
  RUNNING,
  STOP_CONTEXT,
  STOP_LENGTH,
  STOP_PROMPT,
  tokenOf,
} from '../memory';
import { Merger, mergeSymbols, symbolAt } from '../merge';
import { finish } from '../text';
import { findToken, isSame } from '../vocabulary';

const MAX_BYTES: usize = 0x10000;
const MERGER: usize = 0;
/** For each byte of the prompt: 0 or the mark that it is in, its id + 1 at its first byte. */
const CLAIMS: usize = 64;
const TEXT: usize = CLAIMS + 4 * MAX_BYTES;
const SYMBOLS: usize = TEXT + MAX_BYTES;
const HEAP: usize = SYMBOLS + 12 * MAX_BYTES;
const INSIDE: u32 = 0xffffffff;
const SPACE: u8 = 0x20;

export function tokenize(node: Node): bool {
  const a = answer();
  const p = program();
  const isContinued = a.promptTokens > 0;
  a.status = RUNNING;
  a.random = input().seed;
  if (!isContinued && p.beginId >= 0) append(p.beginId);
  claimMarks(node.scratch + CLAIMS);
  splitParts(node.scratch, !isContinued);
  if (!isContinued && p.endId >= 0) append(p.endId);
  if (a.promptTokens == 0) finish(STOP_PROMPT);
  // The answer needs room as well.
  else if (a.promptTokens >= u32(p.contextLength)) finish(STOP_CONTEXT);
  else if (input().maxTokens == 0) finish(STOP_LENGTH);
  return true;
}

/** Puts an id behind the others; what does not fit is dropped, and the prompt is refused later. */
function append(id: i32): void {
  const a = answer();
  if (a.promptTokens >= u32(program().contextLength)) return;
  store<i32>(idAt(a.promptTokens), id);
  a.promptTokens += 1;
}

/** Finds the marks in the prompt; a byte belongs to the first mark that asks for it. */
function claimMarks(claims: usize): void {
  const bytes = input().promptBytes;
  for (let at: usize = 0; at < bytes; at++) store<u32>(claims + 4 * at, 0);
  for (let i = 0; i < program().markCount; i++) {
    const id = load<i32>(program().marks + usize(i) * 4);
    const length = tokenOf(id).textBytes;
    for (let at: u32 = 0; at + length <= bytes; ) {
      if (isMark(id, claims, at)) {
        store<i32>(claims + 4 * at, id + 1);
        for (let k: u32 = 1; k < length; k++) store<u32>(claims + 4 * (at + k), INSIDE);
        at += length;
      } else {
        at += 1;
      }
    }
  }
}

function isMark(id: i32, claims: usize, at: u32): bool {
  const token = tokenOf(id);
  if (load<u8>(PROMPT + at) != load<u8>(token.text)) return false;
  for (let k: u32 = 0; k < token.textBytes; k++) if (load<u32>(claims + 4 * (at + k))) return false;
  return isSame(PROMPT + at, token.text, token.textBytes);
}

/** Appends the marks, and the ids of what is between them. */
function splitParts(scratch: usize, isFirst: bool): void {
  const bytes = input().promptBytes;
  const claims = scratch + CLAIMS;
  let isStart = isFirst;
  for (let at: u32 = 0; at < bytes; ) {
    const claim = load<i32>(claims + 4 * at);
    if (claim) {
      append(claim - 1);
      at += tokenOf(claim - 1).textBytes;
      isStart = true;
    } else {
      const from = at;
      while (at < bytes && !load<u32>(claims + 4 * at)) at += 1;
      splitPart(scratch, from, at, isStart && program().addsSpace);
      isStart = false;
    }
  }
}

function splitPart(scratch: usize, from: u32, to: u32, addsSpace: bool): void {
  const m = changetype<Merger>(scratch + MERGER);
  m.text = scratch + TEXT;
  m.symbols = scratch + SYMBOLS;
  m.heap = scratch + HEAP;
  m.bytes = 0;
  if (addsSpace) putByte(m, SPACE);
  while (from < to) {
    const isEscape = from + 3 <= to && isEscapedSpace(PROMPT + from);
    putByte(m, isEscape ? SPACE : load<u8>(PROMPT + from));
    from += isEscape ? 3 : 1;
  }
  mergeSymbols(m);
  for (let at: u32 = 0; at < m.bytes; at += symbolAt(m, at).bytes) {
    appendSymbol(m.text + at, symbolAt(m, at).bytes);
  }
}

/** SentencePiece writes a space as U+2581, and a text may do so itself. */
function isEscapedSpace(at: usize): bool {
  return load<u8>(at) == 0xe2 && load<u8>(at, 1) == 0x96 && load<u8>(at, 2) == 0x81;
}

function putByte(m: Merger, byte: u8): void {
  store<u8>(m.text + m.bytes, byte);
  m.bytes += 1;
}

function appendSymbol(text: usize, bytes: u32): void {
  const id = findToken(text, bytes);
  if (id >= 0) {
    append(id);
  } else if (load<u8>(text) == SPACE) {
    appendByte(0xe2);
    appendByte(0x96);
    appendByte(0x81);
  } else {
    // Only a single character can be missing: longer symbols came from pairs in the vocabulary.
    for (let i: u32 = 0; i < bytes; i++) appendByte(load<u8>(text + i));
  }
}

function appendByte(byte: u32): void {
  append(load<i32>(program().byteIds + usize(byte) * 4));
}
