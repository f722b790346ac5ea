/**
 * One conversation with a model: a prompt goes in, text comes out token by token. All that an answer
 * depends on is in two regions of the program's memory, which a session puts back when another one
 * has used the program meanwhile; the caches are recomputed as far as they hold something else.
 */
import {
  type AnswerHeader,
  type AnswerInput,
  type AnswerState,
  decodeAnswer,
  decodeText,
  encodeInput,
  readHeader,
} from './answer.js';
import { LlamaError } from './errors.js';
import type { Model } from './model.js';
import { ANSWER, ANSWER_BYTES, STATUS, STOP_REASON } from './regions.js';
import { packSession, type Regions, unpackSession } from './saved-session.js';

/** How answers are sampled that do not say so themselves. */
export type SessionOptions = Pick<AnswerInput, 'seed' | 'temperature' | 'topP'>;

export interface Session {
  readonly model: Model;
  /** All ids so far, of the prompt and the answer. */
  readonly ids: readonly number[];
  /** Tokens of the answer so far. */
  readonly tokens: number;
  /** The answer so far. */
  readonly state: AnswerState;
  /** Starts from this text, and has no end but the model's and the context's. */
  setPrompt(text: string | Uint8Array): void;
  /** Puts text after what was said so far, and ends as `setPrompt` does. */
  add(text: string | Uint8Array): void;
  /**
   * Starts an answer with all that it is asked.
   * @throws {LlamaError} SESSION_PROMPT_TOO_LONG, SESSION_NO_PROMPT, SESSION_BAD_OPTION,
   * SESSION_BAD_PROMPT; the session is as before
   */
  begin(input: AnswerInput): void;
  /** Evaluates one batch of what waits; returns the share of the ids that is done, 1 when all is. */
  advance(): number;
  /**
   * The next token's text, '' while a character is incomplete; undefined at the end of the answer.
   * All texts joined are the answer, unless a stop text that they hold the start of cuts it.
   *
   * @throws {LlamaError} SESSION_NO_PROMPT, MODEL_NOT_FINITE
   */
  next(): string | undefined;
  /** The text of up to `count` further tokens. */
  run(count: number): string;
  /** The notary's claim of an answer that has ended; undefined when it did not see all of it. */
  claim(): unknown;
  save(): Uint8Array;
  /** @throws {LlamaError} SESSION_BAD_STATE */
  restore(state: Uint8Array): void;
}

const NO_LIMIT = 0xffffffff;

/** @throws {LlamaError} SESSION_BAD_OPTION */
export function createSession(model: Model, options: SessionOptions = {}): Session {
  encodeInput({ ...options, prompt: '', maxTokens: NO_LIMIT });
  return new ModelSession(model, options);
}

class ModelSession implements Session {
  readonly model: Model;
  private options: SessionOptions;
  /** What was asked and answered, while another session has the program. */
  private away: Regions | undefined;
  /** Bytes of the answer's text that were given away. */
  private given = 0;
  /** The notary has seen all of the answer so far. */
  private isWitnessed = false;

  constructor(model: Model, options: SessionOptions) {
    this.model = model;
    this.options = options;
  }

  get state(): AnswerState {
    return decodeAnswer(this.regions().answer);
  }

  get tokens(): number {
    return this.header().tokens;
  }

  get ids(): readonly number[] {
    return this.hasPrompt ? this.state.ids : [];
  }

  setPrompt(text: string | Uint8Array): void {
    // The random numbers go on from one answer to the next.
    const seed = this.hasPrompt ? this.header().random : (this.options.seed ?? 0);
    this.begin({ ...this.options, seed, prompt: text, maxTokens: NO_LIMIT });
  }

  add(text: string | Uint8Array): void {
    if (!this.hasPrompt) {
      this.setPrompt(text);
      return;
    }
    const { promptTokens, tokens, random } = this.header();
    const count = promptTokens + tokens;
    const answer = new Uint8Array(ANSWER_BYTES);
    new DataView(answer.buffer).setUint32(ANSWER.promptTokens, count, true);
    answer.set(this.regions().answer.subarray(ANSWER.ids, ANSWER.ids + 4 * count), ANSWER.ids);
    const question = { ...this.options, seed: random, prompt: text, maxTokens: NO_LIMIT };
    // No notary sees this answer: a proof starts from nothing.
    this.start({ input: encodeInput(question), answer });
  }

  begin(input: AnswerInput): void {
    const { notary } = this.model;
    const answer = new Uint8Array(ANSWER_BYTES);
    this.start({ input: encodeInput(input), answer }, () => notary?.begin(input));
    this.isWitnessed = true;
    if (this.header().status === STATUS.done) notary?.boundary();
  }

  advance(): number {
    this.enter();
    return this.compute(() => this.model.program.advance());
  }

  next(): string | undefined {
    this.enter();
    if (this.header().status !== STATUS.done) this.compute(() => this.model.program.run());
    const { status, stopReason, textBytes } = this.header();
    if (stopReason === STOP_REASON.fault) {
      throw new LlamaError('MODEL_NOT_FINITE', 'The model computed a value that is not finite.');
    }
    if (textBytes <= this.given) return status === STATUS.done ? undefined : '';
    const from = ANSWER.text + this.given;
    this.given = textBytes;
    return decodeText(this.regions().answer.subarray(from, ANSWER.text + textBytes));
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

  claim(): unknown {
    if (!this.isWitnessed || this.header().status !== STATUS.done) return undefined;
    return this.model.notary?.claim();
  }

  save(): Uint8Array {
    const regions = this.hasPrompt ? this.regions() : undefined;
    return packSession({ options: this.options, given: this.given, regions });
  }

  restore(state: Uint8Array): void {
    const { options, given, regions } = unpackSession(state, this.model);
    this.giveUp(regions);
    this.options = options;
    this.given = given;
  }

  /** Another session takes the program. */
  leave(): void {
    const { input, answer } = this.regions();
    this.giveUp({ input: input.slice(), answer: answer.slice() });
  }

  private get isSeated(): boolean {
    return this.model.seat.holder === this;
  }

  private get hasPrompt(): boolean {
    return this.isSeated || this.away !== undefined;
  }

  /** Runs the program, and tells the notary what a claim is made of. */
  private compute<Result>(run: () => Result): Result {
    const before = this.header();
    const result = run();
    const { tokens, status } = this.header();
    const isBoundary = tokens > before.tokens || status !== before.status;
    if (isBoundary && this.isWitnessed) this.model.notary?.boundary();
    return result;
  }

  /** Both regions, wherever they are. @throws {LlamaError} SESSION_NO_PROMPT */
  private regions(): Regions {
    if (this.isSeated) {
      const { memory, bounds } = this.model.program;
      return {
        input: memory.subarray(0, bounds.answer),
        answer: memory.subarray(bounds.answer, bounds.vocabulary),
      };
    }
    if (this.away === undefined) throw noPrompt('The session has no prompt to continue.');
    return this.away;
  }

  private header(): AnswerHeader {
    return readHeader(this.regions().answer);
  }

  /** Puts this session's answer into the program. */
  private enter(): void {
    if (!this.isSeated) this.take(this.regions());
  }

  private take({ input, answer }: Regions): void {
    const { seat, program } = this.model;
    if (!this.isSeated) seat.holder?.leave();
    program.resume(input, answer);
    seat.holder = this;
    this.away = undefined;
  }

  /** Lets go of the program, to go on with these regions later. */
  private giveUp(regions: Regions | undefined): void {
    if (this.isSeated) this.model.seat.holder = undefined;
    this.away = regions;
    this.isWitnessed = false;
  }

  /** Begins an answer by reading its prompt; one that cannot be read leaves all as it was. */
  private start(regions: Regions, onBegin?: () => void): void {
    const before = this.hasPrompt ? this.regions() : undefined;
    const kept = before && { input: before.input.slice(), answer: before.answer.slice() };
    this.take(regions);
    this.isWitnessed = false;
    onBegin?.();
    this.model.program.step();
    const { stopReason, promptTokens } = this.header();
    const refusal = this.refusalOf(stopReason, promptTokens);
    if (refusal !== undefined) {
      this.giveUp(kept);
      throw refusal;
    }
    this.given = 0;
  }

  private refusalOf(stopReason: number, promptTokens: number): LlamaError | undefined {
    const { contextLength, architecture } = this.model;
    if (stopReason === STOP_REASON.context) {
      return new LlamaError(
        'SESSION_PROMPT_TOO_LONG',
        `The prompt fills the model's context of ${contextLength} tokens, which must hold the answer too.`,
        { promptTokens, contextLength },
      );
    }
    if (stopReason !== STOP_REASON.prompt) return undefined;
    if (architecture.kind === 'llama') return noPrompt('The prompt is empty.');
    const { inputLength } = architecture.config;
    return new LlamaError(
      'SESSION_BAD_PROMPT',
      `The prompt is not the ${2 * inputLength} hexadecimal digits of ${inputLength} values.`,
      { inputLength },
    );
  }
}

function noPrompt(message: string): LlamaError {
  return new LlamaError('SESSION_NO_PROMPT', message);
}
