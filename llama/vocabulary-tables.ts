/**
 * Places a vocabulary in the program's memory as the tables that the engine reads: each token's text
 * and score, a hash table of texts, the tokens that are cut out of prompts, and the special ids.
 * engine/memory.ts says what the fields are.
 */
import { addressOf, floatBits, type Place, type Region } from './places.js';
import { TOKEN_KIND, type Vocabulary } from './vocabulary.js';

type Fields = Readonly<Record<string, number | Place>>;

const encoder = new TextEncoder();
/** SentencePiece's sign for a space; in the engine, spaces are spaces. */
const SPACE = '\u2581';
const KEY_BYTES = 16;
const NONE = 0xffffffff;

/** Places the tables; returns the header's fields. */
export function placeVocabulary(region: Region, vocabulary: Vocabulary): Fields {
  const { texts, kinds, byteIds, endIds } = vocabulary;
  const marks = findMarks(vocabulary);
  const ends = [...endIds, ...endIds, ...endIds].slice(0, 3);
  return {
    ...placeTokens(
      region,
      texts.map((text, id) => pieceOf(text, kinds[id] ?? 0)),
      vocabulary.scores,
    ),
    ...placeKeys(region, texts),
    marks: region.words(marks),
    markCount: marks.length,
    byteIds: region.words(byteIds),
    beginId: vocabulary.addsBegin ? vocabulary.beginId : NONE,
    endId: vocabulary.addsEnd ? vocabulary.endId : NONE,
    addsSpace: vocabulary.addsSpacePrefix ? 1 : 0,
    endIds: region.words(ends),
  };
}

/** Places what each token adds to an answer; without scores, nothing is merged by them. */
export function placeTokens(
  region: Region,
  pieces: readonly Uint8Array[],
  scores?: Float32Array,
): Fields {
  const texts = placeTexts(region, pieces);
  const records = pieces.flatMap((piece, id) => [
    texts[id] ?? 0,
    piece.length,
    floatBits(scores?.[id] ?? 0),
  ]);
  return { tokens: region.words(records), tokenCount: pieces.length };
}

/** The bytes that a token adds to a text; none for control tokens. */
function pieceOf(text: string, kind: number): Uint8Array {
  switch (kind) {
    case TOKEN_KIND.unknown:
    case TOKEN_KIND.control:
      return new Uint8Array();
    case TOKEN_KIND.byte:
      return Uint8Array.of(Number.parseInt(text.slice(3, 5), 16));
    case TOKEN_KIND.userDefined:
      return encoder.encode(text);
    default:
      return encoder.encode(text.replaceAll(SPACE, ' '));
  }
}

/** Ids of tokens that are cut out of a text before merging, the longest first. */
function findMarks({ texts, kinds }: Vocabulary): number[] {
  return texts
    .map((text, id) => ({ id, length: encoder.encode(text).length }))
    .filter(({ id, length }) => length > 0 && kinds[id] === TOKEN_KIND.userDefined)
    .sort((a, b) => b.length - a.length || a.id - b.id)
    .map(({ id }) => id);
}

/** A hash table of the texts, at most half full; of equal texts the last one counts. */
function placeKeys(region: Region, texts: readonly string[]): Fields {
  const ids = new Map<string, number>();
  texts.forEach((text, id) => {
    // Spaces are escaped before a text is split, so a token with a plain one is never found.
    if (text !== '' && !text.includes(' ')) ids.set(text.replaceAll(SPACE, ' '), id);
  });
  const size = 2 ** Math.ceil(Math.log2(2 * ids.size + 1));
  const keys = [...ids.keys()].map((text) => encoder.encode(text));
  const places = placeTexts(region, keys);
  const table = region.fill(size * KEY_BYTES, (memory, address) => {
    const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    [...ids.values()].forEach((id, i) => {
      const key = keys[i] ?? new Uint8Array();
      const hash = hashBytes(key);
      let slot = hash & (size - 1);
      const at = () => address + slot * KEY_BYTES;
      while (view.getUint32(at() + 8, true) !== 0) slot = (slot + 1) & (size - 1);
      const place = places[i];
      const words = [hash, place === undefined ? 0 : addressOf(place), key.length, id];
      words.forEach((word, field) => {
        view.setUint32(at() + 4 * field, word, true);
      });
    });
  });
  return { keys: table, keyMask: size - 1 };
}

/** FNV-1a, as engine/vocabulary.ts computes it. */
function hashBytes(bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

/** Places texts one after another, without room between them. */
function placeTexts(region: Region, texts: readonly Uint8Array[]): Place[] {
  const all = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  const offsets = texts.map((text) => {
    all.set(text, at);
    at += text.length;
    return at - text.length;
  });
  const start = region.bytes(all);
  return offsets.map((offset) => ({ region, offset: start.offset + offset }));
}
