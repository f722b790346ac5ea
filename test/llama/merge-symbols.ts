/**
 * SentencePiece's merging: neighbouring symbols are joined, the pair whose union has the highest score
 * first (the leftmost among equals), until no union is in the vocabulary. A heap keeps it at
 * O(n log n) for long texts.
 * Source: llama.cpp llama-vocab.cpp, llm_tokenizer_spm_session.
 */
import type { Vocabulary } from '../../llama/vocabulary.js';

interface Piece {
  text: string;
  previous: number;
  next: number;
}

interface Pair {
  readonly left: number;
  readonly right: number;
  readonly score: number;
  readonly text: string;
}

/** Appends the ids of `text` to `ids`. */
export function mergeSymbols(vocabulary: Vocabulary, text: string, ids: number[]): void {
  const symbols: Piece[] = Array.from(text, (char, i) => ({
    text: char,
    previous: i - 1,
    next: i + 1,
  }));
  const last = symbols.at(-1);
  if (last === undefined) return;
  last.next = -1;
  const heap: Pair[] = [];
  for (let right = 1; right < symbols.length; right++) {
    pushPair(vocabulary, symbols, heap, right - 1, right);
  }
  for (let pair = popBest(heap); pair !== undefined; pair = popBest(heap)) {
    const left = symbols[pair.left];
    const right = symbols[pair.right];
    // A symbol that has been merged since is empty or longer: the pair is out of date.
    if (left === undefined || right === undefined) continue;
    if (left.text === '' || right.text === '' || left.text + right.text !== pair.text) continue;
    left.text = pair.text;
    right.text = '';
    left.next = right.next;
    const after = symbols[right.next];
    if (after !== undefined) after.previous = pair.left;
    pushPair(vocabulary, symbols, heap, left.previous, pair.left);
    pushPair(vocabulary, symbols, heap, pair.left, left.next);
  }
  for (let at = 0; at >= 0; at = symbols[at]?.next ?? -1) {
    appendSymbol(vocabulary, symbols[at]?.text ?? '', ids);
  }
}

function appendSymbol(vocabulary: Vocabulary, text: string, ids: number[]): void {
  const id = vocabulary.idOf.get(text);
  if (id !== undefined) {
    ids.push(id);
    return;
  }
  // Only a single character can be missing: every longer symbol came from a pair in the vocabulary.
  for (const byte of new TextEncoder().encode(text)) {
    ids.push(vocabulary.byteIds[byte] ?? vocabulary.unknownId);
  }
}

function pushPair(
  vocabulary: Vocabulary,
  symbols: readonly Piece[],
  heap: Pair[],
  left: number,
  right: number,
): void {
  const first = symbols[left];
  const second = symbols[right];
  if (first === undefined || second === undefined) return;
  const text = first.text + second.text;
  const id = vocabulary.idOf.get(text);
  if (id === undefined) return;
  const pair = { left, right, text, score: vocabulary.scores[id] ?? 0 };
  let at = heap.push(pair) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBetter(pair, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = pair;
}

function popBest(heap: Pair[]): Pair | undefined {
  const best = heap[0];
  const moved = heap.pop();
  if (moved === undefined || best === undefined || heap.length === 0) return best;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && isBetter(right, left)) child += 1;
    const winner = heap[child] ?? left;
    if (!isBetter(winner, moved)) break;
    heap[at] = winner;
    at = child;
  }
  heap[at] = moved;
  return best;
}

function isBetter(a: Pair, b: Pair): boolean {
  return a.score > b.score || (a.score === b.score && a.left < b.left);
}
