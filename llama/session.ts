/**
 * One conversation with a model: a prompt goes in, text comes out token by token. A session is only the
 * token ids so far and the sampler's state; the engine's cache is recomputed from the ids whenever it
 * holds something else, so saving and restoring is cheap and exact.
 */
import type { SamplerState } from './engine.js';
import { LlamaError } from './errors.js';
import type { Model } from './model.js';

export interface SessionOptions {
  /** Starts the random numbers, 0 to 2^64 - 1; default 0. Without effect at temperature 0. */
  readonly seed?: number | bigint;
  /** Default 0: always the likeliest token. */
  readonly temperature?: number;
  /** Share of the probability to draw from, above 0 and at most 1; default 1. */
  readonly topP?: number;
}

/** Why an answer ended: the model ended it, or prompt and answer fill the context. */
type StopReason = 'end' | 'context';

export interface Session {
  readonly model: Model;
  /** All ids so far, of the prompt and the answer. */
  readonly ids: readonly number[];
  readonly stopReason: StopReason | undefined;
  /** Forgets what was, and starts from this text. @throws {LlamaError} SESSION_PROMPT_TOO_LONG */
  setPrompt(text: string): void;
  /** Puts text after what was said so far. @throws {LlamaError} SESSION_PROMPT_TOO_LONG */
  add(text: string): void;
  /** Evaluates one batch of what waits; returns the share of the ids that is done, 1 when all is. */
  advance(): number;
  /** The next token's id; undefined at the end of the answer. @throws {LlamaError} SESSION_NO_PROMPT */
  nextId(): number | undefined;
  /**
   * The next token's text, '' while a character is incomplete; undefined at the end of the answer.
   * All texts joined are the answer.
   */
  next(): string | undefined;
  /** The text of up to `count` further tokens. */
  run(count: number): string;
  /** Logits that follow the ids so far; mainly for comparisons. */
  logits(): Float32Array;
  save(): Uint8Array;
  /** @throws {LlamaError} SESSION_BAD_STATE */
  restore(state: Uint8Array): void;
}

interface SavedSession {
  readonly ids: readonly number[];
  readonly answerStart: number;
  readonly temperature: number;
  readonly topP: number;
  readonly random: string;
  readonly stopReason: StopReason | null;
}

/** @throws {LlamaError} SESSION_BAD_OPTION */
export function createSession(model: Model, options: SessionOptions = {}): Session {
  return new ModelSession(model, readSampler(options));
}

class ModelSession implements Session {
  readonly model: Model;
  ids: number[] = [];
  stopReason: StopReason | undefined;
  private sampler: SamplerState;
  /** Where the answer whose characters `decoder` joins begins. */
  private answerStart = 0;
  private decoder = createDecoder();

  constructor(model: Model, sampler: SamplerState) {
    this.model = model;
    this.sampler = sampler;
  }

  setPrompt(text: string): void {
    this.accept([], this.model.tokenizer.encode(text));
  }

  add(text: string): void {
    const isContinued = this.ids.length > 0;
    this.accept(this.ids, this.model.tokenizer.encode(text, { continued: isContinued }));
  }

  advance(): number {
    if (this.ids.length === 0) {
      throw new LlamaError('SESSION_NO_PROMPT', 'The session has no prompt to continue.');
    }
    return 1 - this.model.engine.advance(this.ids) / this.ids.length;
  }

  nextId(): number | undefined {
    if (this.stopReason !== undefined) return undefined;
    this.finishEvaluation();
    if (this.ids.length >= this.model.config.contextLength) {
      this.stopReason = 'context';
      return undefined;
    }
    const id = this.model.engine.sample(this.sampler);
    if (this.model.tokenizer.vocabulary.endIds.has(id)) {
      this.stopReason = 'end';
      return undefined;
    }
    this.ids.push(id);
    return id;
  }

  next(): string | undefined {
    const id = this.nextId();
    if (id !== undefined) return this.decode(id);
    // What is left of a character at the end can never be completed: it becomes U+FFFD, once.
    return this.decoder.decode() || undefined;
  }

  run(count: number): string {
    let text = '';
    for (let i = 0; i < count; i++) {
      const piece = this.next();
      if (piece === undefined) break;
      text += piece;
    }
    return text;
  }

  logits(): Float32Array {
    this.finishEvaluation();
    return this.model.engine.logits();
  }

  save(): Uint8Array {
    const { temperature, topP, random } = this.sampler;
    const saved: SavedSession = {
      ids: this.ids,
      answerStart: this.answerStart,
      temperature,
      topP,
      random: random.toString(),
      stopReason: this.stopReason ?? null,
    };
    return new TextEncoder().encode(JSON.stringify(saved));
  }

  restore(state: Uint8Array): void {
    const saved = parseState(state, this.model);
    this.ids = [...saved.ids];
    this.answerStart = saved.answerStart;
    this.stopReason = saved.stopReason ?? undefined;
    const { temperature, topP } = saved;
    this.sampler = { temperature, topP, random: BigInt(saved.random) };
    this.decoder = createDecoder();
    for (const id of this.ids.slice(this.answerStart)) this.decode(id);
    // An answer that has ended has given its incomplete character away already.
    if (this.stopReason !== undefined) this.decoder.decode();
  }

  private accept(before: readonly number[], added: readonly number[]): void {
    const limit = this.model.config.contextLength;
    const length = before.length + added.length;
    if (length >= limit) {
      throw new LlamaError(
        'SESSION_PROMPT_TOO_LONG',
        `The prompt is ${length} tokens; the model's context of ${limit} must hold the answer too.`,
        { length, limit },
      );
    }
    this.ids = [...before, ...added];
    this.answerStart = length;
    this.stopReason = undefined;
    this.decoder = createDecoder();
  }

  private finishEvaluation(): void {
    while (this.advance() < 1);
  }

  private decode(id: number): string {
    return this.decoder.decode(this.model.tokenizer.pieceOf(id), { stream: true });
  }
}

const createDecoder = () => new TextDecoder('utf-8', { ignoreBOM: true });

function readSampler({ seed = 0, temperature = 0, topP = 1 }: SessionOptions): SamplerState {
  if (!Number.isFinite(temperature) || temperature < 0) {
    throw badOption('temperature', temperature, 'a finite number, 0 or above');
  }
  if (!(topP > 0 && topP <= 1)) throw badOption('topP', topP, 'above 0 and at most 1');
  const isWhole = typeof seed === 'bigint' || Number.isSafeInteger(seed);
  if (!isWhole || seed < 0 || BigInt(seed) !== BigInt.asUintN(64, BigInt(seed))) {
    throw badOption('seed', seed, 'an integer from 0 to 2^64 - 1');
  }
  return { temperature, topP, random: BigInt(seed) };
}

function badOption(name: string, value: number | bigint, wanted: string): LlamaError {
  return new LlamaError('SESSION_BAD_OPTION', `The option ${name} is ${value}, not ${wanted}.`, {
    name,
    value,
  });
}

function parseState(state: Uint8Array, model: Model): SavedSession {
  const { vocabulary, contextLength } = model.config;
  try {
    const saved = JSON.parse(new TextDecoder().decode(state)) as SavedSession;
    readSampler({ ...saved, seed: BigInt(saved.random) });
    const isGood =
      Array.isArray(saved.ids) &&
      saved.ids.length <= contextLength &&
      saved.ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocabulary) &&
      Number.isInteger(saved.answerStart) &&
      saved.answerStart >= 0 &&
      saved.answerStart <= saved.ids.length;
    if (isGood) return saved;
  } catch (cause) {
    throw badState(state, String(cause));
  }
  throw badState(state, 'it does not fit the model');
}

function badState(state: Uint8Array, why: string): LlamaError {
  return new LlamaError(
    'SESSION_BAD_STATE',
    `The ${state.length} bytes are not a session of this model: ${why}.`,
    { size: state.length, why },
  );
}
