/**
 * What the engine and llama.cpp are both asked, so that their answers can be compared: small models of
 * seeded random weights in every quantization and attention shape, and strings that are hard to split.
 */
import type { ModelShape } from './random-model.js';

export interface PeerCase {
  readonly name: string;
  readonly shape: ModelShape;
  /**
   * Largest difference of a logit that is put down to rounding; logits span about -3 to 3. Sums in
   * another order differ by a millionth. llama.cpp also rounds inputs of F16 matrices to halves, and
   * where inputs are quantized, a millionth can tip one of them to the next of 256 steps.
   */
  readonly bound: number;
}

const small: ModelShape = {
  layers: 3,
  width: 128,
  heads: 4,
  kvHeads: 4,
  feedForward: 256,
  vocabulary: 384,
  contextLength: 128,
  format: 'F32',
  tied: true,
  seed: 7,
};

export const PEER_CASES: readonly PeerCase[] = [
  { name: 'F32, every head its own keys, tied', shape: small, bound: 1e-4 },
  {
    name: 'F32, 4 heads share 2, untied',
    shape: { ...small, kvHeads: 2, tied: false, seed: 8 },
    bound: 1e-4,
  },
  { name: 'F16, tied', shape: { ...small, format: 'F16', seed: 9 }, bound: 0.01 },
  {
    name: 'F16, 4 heads share 1, untied',
    shape: { ...small, format: 'F16', kvHeads: 1, tied: false, seed: 10 },
    bound: 0.01,
  },
  { name: 'Q8_0, tied', shape: { ...small, format: 'Q8_0', seed: 11 }, bound: 0.05 },
  {
    name: 'Q8_0, 4 heads share 2, untied, odd vocabulary',
    shape: { ...small, format: 'Q8_0', kvHeads: 2, tied: false, vocabulary: 389, seed: 15 },
    bound: 0.05,
  },
  { name: 'Q4_0, tied', shape: { ...small, format: 'Q4_0', seed: 13 }, bound: 0.05 },
  {
    name: 'Q4_0 with a Q8_0 embedding, 4 heads share 2',
    shape: { ...small, format: 'Q4_0', embeddingFormat: 'Q8_0', kvHeads: 2, seed: 14 },
    bound: 0.05,
  },
];

/** Ids that every case starts from; longer than one batch. */
export const PEER_PROMPT: readonly number[] = [
  1, 300, 261, 377, 340, 290, 265, 310, 359, 270, 333, 321, 268, 350, 299, 285, 311, 380, 262, 276,
];

/** Greedy ids that are compared, and positions whose logits are. */
export const PEER_GREEDY = 24;
export const PEER_LOGIT_STEPS: readonly number[] = [0, 12];

/** A model whose vocabulary has longer words, to compare ids of texts. */
export const PEER_VOCABULARY: ModelShape = { ...small, layers: 1, vocabulary: 2000 };

/** Strings whose ids are compared. */
export const PEER_TEXTS: readonly string[] = [
  '',
  ' ',
  '  ',
  'a',
  ' a',
  'tea',
  'the tea of the sea',
  'two  spaces   three    four',
  'line\nbreak\r\n\ttab',
  ' leading and trailing ',
  'unknown: ABC 123 #%&',
  'é è ñ ü — café',
  '🦙🦙 llama 🐑',
  '日本語のテキスト',
  '\u0000\u0001\u007f',
  '\u2581already escaped\u2581',
  'e\u0301 combining',
  '<s>forged control</s>',
  '<0x41> is not a byte',
  '<|user|>\nhello<|assistant|>\n',
  '<|user|> <|user|><|assistant|>x',
  '<|user',
  'etaoinetaoinetaoin',
];
