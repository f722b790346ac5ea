/**
 * One model as a program: an instance of the engine module, whose memory holds the model and one
 * answer at a time. A step runs one operator; all of the answer, from splitting the prompt to its
 * text, is computed inside, so whoever has the same bytes can recompute it and nothing else.
 */
import { type AnswerInput, type AnswerState, decodeAnswer, encodeInput } from './answer.js';
import { type Architecture, readArchitecture } from './architecture.js';
import { compileEngine, type Engine, instantiateEngine } from './engine.js';
import { type Gguf, readGguf } from './gguf.js';
import { planLayout } from './layout.js';
import { ANSWER, ANSWER_BYTES, type Bounds, INPUT_BYTES, PAGE, STATUS } from './regions.js';

export interface Program {
  /** Bytes of the engine module. */
  readonly wasm: Uint8Array;
  readonly bounds: Bounds;
  /** Live view of all memory. */
  readonly memory: Uint8Array;
  /** Address of the values that a token is chosen from. */
  readonly logits: number;
  /** Starts an answer; keeps the caches, of which only what fits the new answer is used. */
  begin(input: AnswerInput): void;
  /** Goes on with an answer at a token boundary, from copies of both regions; keeps the caches. */
  resume(inputRegion: Uint8Array, answerRegion: Uint8Array): void;
  /**
   * Puts the answer to a token boundary and the whole work region to zero, as every dispute starts.
   * The input region stays.
   */
  restart(answerRegion: Uint8Array): void;
  /** Runs one operator; nothing when the answer is done. */
  step(): void;
  /** Runs to the next token boundary; false when the answer is done. */
  run(): boolean;
  /** Evaluates one batch of what waits; returns the share that is done, 1 when a token is next. */
  advance(): number;
  readAnswer(): AnswerState;
}

export interface ProgramOptions {
  /** Most tokens of prompt and answer together; default the model's own, at most 2048. */
  readonly contextLength?: number;
  /** A compiled engine, to share between models; default llama/engine as built. */
  readonly engine?: Engine;
}

/** Work region: the node to run next, ids in the caches, the batch's first and count (u32 each). */
const WORK = { next: 0, first: 8, count: 12 } as const;

/** @throws {LlamaError} GGUF_*, MODEL_*, ENGINE_NOT_BUILT */
export function openProgram(bytes: Uint8Array, options: ProgramOptions = {}): Program {
  const gguf = readGguf(bytes);
  return createProgram(gguf, readArchitecture(gguf, options.contextLength), options.engine);
}

/** @throws {LlamaError} MODEL_*, ENGINE_NOT_BUILT */
export function createProgram(
  gguf: Gguf,
  model: Architecture,
  engine: Engine = compileEngine(),
): Program {
  // The layout holds a table that only the engine's own functions give the right bits for.
  const layout = planLayout(gguf, model, instantiateEngine(engine, PAGE).exports);
  const { bounds, lastNode } = layout;
  const { memory: wasmMemory, exports } = instantiateEngine(engine, bounds.end);
  const memory = new Uint8Array(wasmMemory.buffer);
  layout.write(memory);
  const view = new DataView(wasmMemory.buffer);
  const workWord = (offset: number) => view.getUint32(bounds.work + offset, true);
  const answerWord = (offset: number) => view.getUint32(bounds.answer + offset, true);
  const isDone = () => answerWord(ANSWER.status) === STATUS.done;
  const isTokenNext = () => workWord(WORK.next) === lastNode;
  const resume = (inputRegion: Uint8Array, answerRegion: Uint8Array) => {
    memory.set(inputRegion, 0);
    memory.set(answerRegion, bounds.answer);
    view.setUint32(bounds.work + WORK.next, 0, true);
  };
  return {
    wasm: engine.wasm,
    bounds,
    memory,
    logits: layout.logits,
    begin: (input) => resume(encodeInput(input), new Uint8Array(ANSWER_BYTES)),
    resume,
    restart(answerRegion) {
      memory.set(answerRegion, bounds.answer);
      memory.fill(0, bounds.work, bounds.end);
    },
    step: () => exports.step(),
    run() {
      for (;;) {
        const isBoundary = isTokenNext();
        exports.run();
        if (isDone()) return false;
        if (isBoundary) return true;
      }
    },
    advance() {
      if (answerWord(ANSWER.status) === STATUS.fresh) exports.step();
      if (isTokenNext() || isDone()) return 1;
      exports.run();
      if (isTokenNext() || isDone()) return 1;
      const count = answerWord(ANSWER.promptTokens) + answerWord(ANSWER.tokens);
      return (workWord(WORK.first) + workWord(WORK.count)) / count;
    },
    readAnswer: () => decodeAnswer(memory.subarray(INPUT_BYTES, INPUT_BYTES + ANSWER_BYTES)),
  };
}

export type { AnswerInput, AnswerState } from './answer.js';
export { encodeInput } from './answer.js';
export type { Bounds } from './regions.js';
