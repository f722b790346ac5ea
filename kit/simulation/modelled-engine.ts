/**
 * A modelled engine: what `require("llama")` gives, without a model. Its answers and their lengths
 * follow from a seed and from what was asked, at once and in the network's own thread, so that a herd
 * of real programs can be run a million messages far. It claims its answers as the real one does.
 */
import type { Device, LocalDevice } from '../../actors/lua/device.js';
import type { LuaValue } from '../../actors/lua/values.js';
import { createRandom, type Random } from '../../actors/random.js';
import type { LlamaDeviceSettings } from '../../herd/llama-device.js';
import { llamaDevice } from '../../herd/modules.js';
import { createModelledClaims, type ModelledClaims } from './modelled-claims.js';

export interface ModelledEngineOptions {
  /** Fixes every answer. @default 1 */
  readonly seed?: number | string | undefined;
  /**
   * Root of the program that the arbiter knows the model by, in hex: answers are claimed for it.
   * @default no claims, for a herd without an arbiter
   */
  readonly programRoot?: string | undefined;
}

/** An answer under way, as it is kept in a checkpoint. */
interface State {
  /** Path of the model; '' if none is loaded. */
  readonly model: string;
  readonly question?: ModelledQuestion | undefined;
  /** Words of the answer, and how many of them were given. */
  readonly words: readonly string[];
  readonly given: number;
}

/** What is asked: the fields of `Llama.answer` that the programs use. */
export interface ModelledQuestion {
  readonly prompt: string;
  readonly tokens: number;
  readonly stops: readonly string[];
  readonly trim: boolean;
}

/** What becomes of a question. */
export interface ModelledAnswer {
  readonly text: string;
  readonly tokens: number;
  readonly promptTokens: number;
  /** 'length' if it has all the tokens that were asked for. */
  readonly reason: 'length' | 'end';
}

const EMPTY: State = { model: '', words: [], given: 0 };

/** The device of the module that llama workers run. */
export function createModelledEngine(options: ModelledEngineOptions = {}): LocalDevice {
  const random = createRandom(options.seed ?? 1);
  const claims =
    options.programRoot === undefined ? undefined : createModelledClaims(options.programRoot);
  return { extension: llamaDevice.extension, create: () => createDevice(random, claims) };
}

function createDevice(random: Random, claims: ModelledClaims | undefined): Device {
  let state = EMPTY;
  const ask = (prompt: string, tokens: number, rest: Partial<ModelledQuestion> = {}) => {
    const question = { prompt, tokens, stops: [], trim: false, ...rest };
    state = { ...state, question, words: wordsOf(random, prompt, tokens), given: 0 };
    return undefined;
  };
  const functions: Record<string, (...args: LuaValue[]) => LuaValue> = {
    info: () => 'modelled llama engine: its answers follow from a seed',
    load(path) {
      state = { ...EMPTY, model: textOf(path) };
      return undefined;
    },
    setPrompt: (text) => ask(textOf(text), WORDS_MAX),
    add: (text) => ask(`${state.question?.prompt ?? ''}${textOf(text)}`, WORDS_MAX),
    answer(value) {
      const { prompt, tokens, stops, trim } = value as Record<string, LuaValue>;
      const texts = Array.isArray(stops) ? stops.map(textOf) : [];
      return ask(textOf(prompt), Number(tokens), { stops: texts, trim: trim === true });
    },
    advance: () => 1,
    next() {
      const word = state.words[state.given];
      if (word !== undefined) state = { ...state, given: state.given + 1 };
      return word;
    },
    ending: () => ({ ...answerOf(state), stopIndex: 0 }),
    claim: () => claims && state.question && claims.claim(state.question, answerOf(state)),
    stop() {
      state = EMPTY;
      return undefined;
    },
    takeLog: () => [],
  };
  return {
    name: 'llama',
    lua: (llamaDevice.options as LlamaDeviceSettings).lua,
    functions,
    isCheap: true,
    save: () => Buffer.from(state === EMPTY ? '' : JSON.stringify(state)),
    restore(bytes) {
      state = bytes.length === 0 ? EMPTY : (JSON.parse(Buffer.from(bytes).toString()) as State);
    },
  };
}

/** Most words of an answer: a modelled answer is an answer, not a book. */
const WORDS_MAX = 8;

const WORDS = ['the', 'herd', 'grazes', 'under', 'a', 'wide', 'sky', 'and', 'thinks', 'of', 'oats'];

function wordsOf(random: Random, prompt: string, tokens: number): string[] {
  const bytes = random.bytes(`answer:${tokens}:${prompt}`);
  const count = Math.min(tokens, 1 + ((bytes[0] ?? 0) % WORDS_MAX));
  return Array.from(bytes.subarray(1, 1 + count), (byte) => ` ${WORDS[byte % WORDS.length]}`);
}

function answerOf({ question, words, given }: State): ModelledAnswer {
  const { prompt = '', tokens = 0, trim = false } = question ?? {};
  const text = words.slice(0, given).join('');
  return {
    text: trim ? text.trimStart() : text,
    tokens: given,
    promptTokens: prompt.split(/\s+/).length,
    reason: given >= tokens ? 'length' : 'end',
  };
}

function textOf(value: LuaValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  return typeof value === 'string' ? value : String(value ?? '');
}
