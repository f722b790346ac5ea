/**
 * A SentencePiece vocabulary as GGUF carries it: the text, score and kind of each token, and what the
 * special ones are for.
 * Source: llama.cpp llama-vocab.cpp, llama_vocab::impl::load, for tokenizer.ggml.model = "llama".
 */
import { LlamaError } from './errors.js';
import type { Gguf, MetadataValue } from './gguf.js';

/** Kinds of tokens, by their number in `tokenizer.ggml.token_type`. */
export const TOKEN_KIND = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

export interface Vocabulary {
  readonly texts: readonly string[];
  readonly scores: Float32Array;
  readonly kinds: Uint8Array;
  readonly idOf: ReadonlyMap<string, number>;
  /** Id of the token for each byte. */
  readonly byteIds: readonly number[];
  readonly beginId: number;
  readonly endId: number;
  readonly unknownId: number;
  /** Tokens that end an answer. */
  readonly endIds: ReadonlySet<number>;
  readonly addsBegin: boolean;
  readonly addsEnd: boolean;
  readonly addsSpacePrefix: boolean;
}

/** @throws {LlamaError} MODEL_UNSUPPORTED_TOKENIZER, MODEL_MISSING_KEY */
export function readVocabulary(gguf: Gguf): Vocabulary {
  const kind = gguf.metadata.get('tokenizer.ggml.model');
  if (kind !== 'llama') {
    throw new LlamaError(
      'MODEL_UNSUPPORTED_TOKENIZER',
      `The model's vocabulary is of the kind "${kind ?? 'not given'}".`,
      { kind },
    );
  }
  const texts = readList(gguf, 'tokenizer.ggml.tokens', 'string') as string[];
  const scores = readList(gguf, 'tokenizer.ggml.scores', 'number', texts.length) as number[];
  const kinds = readList(gguf, 'tokenizer.ggml.token_type', 'number', texts.length) as number[];
  const idOf = new Map(texts.map((text, id) => [text, id]));
  const special = (name: string, fallback: number) => readId(gguf, name, texts.length, fallback);
  const unknownId = special('unknown', 0);
  const endId = special('eos', 2);
  return {
    texts,
    scores: Float32Array.from(scores),
    kinds: Uint8Array.from(kinds),
    idOf,
    byteIds: Array.from({ length: 256 }, (_, byte) => findByte(idOf, byte) ?? unknownId),
    beginId: special('bos', 1),
    endId,
    unknownId,
    endIds: new Set([endId, special('eot', endId), special('eom', endId)]),
    addsBegin: readFlag(gguf, 'tokenizer.ggml.add_bos_token', true),
    addsEnd: readFlag(gguf, 'tokenizer.ggml.add_eos_token', false),
    addsSpacePrefix: readFlag(gguf, 'tokenizer.ggml.add_space_prefix', true),
  };
}

function findByte(idOf: ReadonlyMap<string, number>, byte: number): number | undefined {
  const hex = byte.toString(16).toUpperCase().padStart(2, '0');
  return idOf.get(`<0x${hex}>`) ?? (byte < 0x80 ? idOf.get(String.fromCharCode(byte)) : undefined);
}

function readList(
  gguf: Gguf,
  key: string,
  type: 'string' | 'number',
  length?: number,
): readonly MetadataValue[] {
  const list = gguf.metadata.get(key);
  const isGood =
    Array.isArray(list) &&
    list.every((item) => typeof item === type) &&
    (length === undefined || list.length === length);
  if (!isGood) {
    const found = Array.isArray(list) ? `has ${list.length} entries` : 'is missing or not a list';
    throw new LlamaError('MODEL_MISSING_KEY', `The model's key "${key}" ${found}.`, {
      key,
      length,
    });
  }
  return list as readonly MetadataValue[];
}

function readId(gguf: Gguf, name: string, size: number, fallback: number): number {
  const key = `tokenizer.ggml.${name}_token_id`;
  const id = gguf.metadata.get(key) ?? fallback;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= size) {
    throw new LlamaError('MODEL_MISSING_KEY', `The model's key "${key}" is ${id} of ${size}.`, {
      key,
      id,
    });
  }
  return id;
}

function readFlag(gguf: Gguf, key: string, fallback: boolean): boolean {
  const flag = gguf.metadata.get(key);
  return typeof flag === 'boolean' ? flag : fallback;
}
