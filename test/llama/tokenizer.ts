/**
 * Text to token ids and back, with the same results as llama.cpp: SentencePiece merges by score, with
 * characters that the vocabulary lacks written as bytes. User-defined tokens are always recognised in
 * a text; control tokens only when asked, so that a prompt cannot forge them.
 * Source: llama.cpp llama-vocab.cpp, llm_tokenizer_spm and tokenizer_st_partition.
 */

import { TOKEN_KIND, type Vocabulary } from '../../llama/vocabulary.js';
import { mergeSymbols } from './merge-symbols.js';

interface EncodeOptions {
  /** Recognise control tokens written in the text; default false. */
  readonly control?: boolean;
  /** Text that continues what came before: neither a begin token nor a space is put first. */
  readonly continued?: boolean;
}

export interface Tokenizer {
  readonly vocabulary: Vocabulary;
  encode(text: string, options?: EncodeOptions): number[];
  /** The whole text of some ids; bytes that are not UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** The bytes that an id adds to a text; none for control tokens. */
  pieceOf(id: number): Uint8Array;
}

const SPACE = '\u2581';

export function createTokenizer(vocabulary: Vocabulary): Tokenizer {
  const encoder = new TextEncoder();
  const marks = findMarks(vocabulary);
  const pieceOf = (id: number): Uint8Array => {
    const text = vocabulary.texts[id] ?? '';
    switch (vocabulary.kinds[id]) {
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
  };
  return {
    vocabulary,
    encode: (text, options = {}) => encode(vocabulary, marks, text, options),
    decode(ids) {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      const text = ids.map((id) => decoder.decode(pieceOf(id), { stream: true })).join('');
      return text + decoder.decode();
    },
    pieceOf,
  };
}

function encode(
  vocabulary: Vocabulary,
  marks: readonly Mark[],
  text: string,
  { control = false, continued = false }: EncodeOptions,
): number[] {
  const ids: number[] = [];
  if (vocabulary.addsBegin && !continued) ids.push(vocabulary.beginId);
  let isStart = !continued;
  for (const part of text === '' ? [] : splitAtMarks(text, marks, control)) {
    if (typeof part === 'number') {
      ids.push(part);
      isStart = true;
      continue;
    }
    const prefix = vocabulary.addsSpacePrefix && isStart ? SPACE : '';
    mergeSymbols(vocabulary, prefix + part.replaceAll(' ', SPACE), ids);
    isStart = false;
  }
  if (vocabulary.addsEnd && !continued) ids.push(vocabulary.endId);
  return ids;
}

interface Mark {
  readonly id: number;
  readonly text: string;
  readonly isControl: boolean;
}

/** Tokens that are cut out of a text before merging, the longest first. */
function findMarks({ texts, kinds }: Vocabulary): Mark[] {
  const special: readonly number[] = [
    TOKEN_KIND.unknown,
    TOKEN_KIND.control,
    TOKEN_KIND.userDefined,
  ];
  return texts
    .map((text, id) => ({ id, text, isControl: kinds[id] !== TOKEN_KIND.userDefined }))
    .filter(({ id, text }) => text !== '' && special.includes(kinds[id] ?? 0))
    .sort((a, b) => byteLength(b.text) - byteLength(a.text) || a.id - b.id);
}

const byteLength = (text: string) => new TextEncoder().encode(text).length;

/** Strings between marks, and the ids of the marks. */
function splitAtMarks(text: string, marks: readonly Mark[], control: boolean): (string | number)[] {
  let parts: (string | number)[] = [text];
  for (const mark of marks) {
    if (mark.isControl && !control) continue;
    parts = parts.flatMap((part) => {
      if (typeof part === 'number' || !part.includes(mark.text)) return [part];
      const pieces = part.split(mark.text);
      return pieces.flatMap((piece, i) => [
        ...(piece === '' ? [] : [piece]),
        ...(i < pieces.length - 1 ? [mark.id] : []),
      ]);
    });
  }
  return parts;
}
