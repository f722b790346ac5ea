/**
 * SentencePiece's merging: neighbouring symbols are joined, the pair whose union has the highest score
 * first (the leftmost among equals), until no union is in the vocabulary. A heap keeps it at
 * O(n log n) for long texts. A symbol is named by the offset of its first byte.
 * Source: llama.cpp llama-vocab.cpp, llm_tokenizer_spm_session.
 */
import { tokenOf } from './memory';
import { findToken } from './vocabulary';

/** Where no symbol follows or precedes. */
const NONE: u32 = 0xffffffff;

/** The text to split and the room to do it in. */
@unmanaged
export class Merger {
  text: usize; // spaces as spaces
  bytes: u32;
  symbols: usize; // (bytes) Symbol
  heap: usize; // (2 * bytes) Pair
  pairs: u32; // in the heap
}

@unmanaged
export class MergedSymbol {
  bytes: u32; // 0: it was joined to the one before
  previous: u32;
  next: u32;
}

@unmanaged
class Pair {
  left: u32;
  right: u32;
  bytes: u32; // of the union, to know a pair that is out of date
  score: f32;
}

/** Splits the text into symbols: walk them from 0 by `nextSymbol` until it ends. */
export function mergeSymbols(m: Merger): void {
  splitCharacters(m);
  m.pairs = 0;
  let left: u32 = 0;
  for (let right = symbolAt(m, 0).next; right != NONE; right = symbolAt(m, left).next) {
    pushPair(m, left, right);
    left = right;
  }
  while (m.pairs > 0) {
    const best = pairAt(m, 0);
    const at = best.left;
    const right = symbolAt(m, best.right);
    const bytes = best.bytes;
    popPair(m);
    const symbol = symbolAt(m, at);
    // A symbol that has been merged since is empty or longer: the pair is out of date.
    if (!symbol.bytes || !right.bytes || symbol.bytes + right.bytes != bytes) continue;
    symbol.bytes = bytes;
    right.bytes = 0;
    symbol.next = right.next;
    if (right.next != NONE) symbolAt(m, right.next).previous = at;
    if (symbol.previous != NONE) pushPair(m, symbol.previous, at);
    if (symbol.next != NONE) pushPair(m, at, symbol.next);
  }
}

export function symbolAt(m: Merger, offset: u32): MergedSymbol {
  return changetype<MergedSymbol>(m.symbols + usize(offset) * offsetof<MergedSymbol>());
}

function splitCharacters(m: Merger): void {
  let previous: u32 = NONE;
  for (let at: u32 = 0; at < m.bytes; ) {
    const symbol = symbolAt(m, at);
    const next = min(at + characterBytes(load<u8>(m.text + at)), m.bytes);
    symbol.bytes = next - at;
    symbol.previous = previous;
    symbol.next = next < m.bytes ? next : NONE;
    previous = at;
    at = next;
  }
}

/** Bytes of the UTF-8 character that begins so. */
function characterBytes(lead: u32): u32 {
  return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function pairAt(m: Merger, at: u32): Pair {
  return changetype<Pair>(m.heap + usize(at) * offsetof<Pair>());
}

function pushPair(m: Merger, left: u32, right: u32): void {
  const bytes = symbolAt(m, left).bytes + symbolAt(m, right).bytes;
  const id = findToken(m.text + left, bytes);
  if (id < 0) return;
  const score = tokenOf(id).score;
  let at = m.pairs;
  m.pairs += 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = pairAt(m, parent);
    if (!isBetter(score, left, above)) break;
    copyPair(above, pairAt(m, at));
    at = parent;
  }
  const pair = pairAt(m, at);
  pair.left = left;
  pair.right = right;
  pair.bytes = bytes;
  pair.score = score;
}

/** Drops the best pair: the last one sinks from its place. */
function popPair(m: Merger): void {
  const count = m.pairs - 1;
  m.pairs = count;
  const moved = pairAt(m, count);
  let at: u32 = 0;
  for (let child: u32 = 1; child < count; child = 2 * at + 1) {
    const right = pairAt(m, child + 1);
    const isRight = child + 1 < count && isBetter(right.score, right.left, pairAt(m, child));
    const winner = isRight ? right : pairAt(m, child);
    if (!isBetter(winner.score, winner.left, moved)) break;
    copyPair(winner, pairAt(m, at));
    at = isRight ? child + 1 : child;
  }
  copyPair(moved, pairAt(m, at));
}

function isBetter(score: f32, left: u32, than: Pair): bool {
  return score > than.score || (score == than.score && left < than.left);
}

function copyPair(from: Pair, to: Pair): void {
  v128.store(changetype<usize>(to), v128.load(changetype<usize>(from)));
}
