/**
 * The device behind `require("llama")` in a process: the functions that its Lua side (given as `lua`,
 * see processes/llama/llama.lua) calls. A device belongs to one process; the models that it opens are
 * shared by all devices of a thread. Its state is the model's id and the session, so that a process
 * which is restored or replayed goes on with the same text.
 */
import type { AnswerInput } from './answer.js';
import { LlamaError } from './errors.js';
import { loadModel, type Model, type ModelOptions } from './model.js';
import { createSession, type Session, type SessionOptions } from './session.js';

/** Opens the model with this id, or gives the one that is open. @throws {LlamaError} */
export type OpenModel = (id: string) => Model;

/** What a device tells its host about an answer under way. */
export interface TokenProgress {
  /** Text that the token added; '' while a character is incomplete. */
  readonly text: string;
  /** Tokens of the answer so far. */
  readonly count: number;
}

export interface LlamaDeviceOptions {
  readonly openModel: OpenModel;
  /** Source of the device's Lua side. */
  readonly lua: string;
  /** Called for every token that is generated. */
  readonly onToken?: (progress: TokenProgress) => void;
}

/** Values that cross from the device into Lua. */
type DeviceResult =
  | string
  | number
  | undefined
  | readonly DeviceResult[]
  | { readonly [name: string]: DeviceResult };

export interface LlamaDevice {
  readonly name: string;
  readonly lua: string;
  readonly functions: Readonly<Record<string, (...args: unknown[]) => DeviceResult>>;
  save(): Uint8Array;
  restore(state: Uint8Array): void;
}

/** Levels of aos-llama's log. */
const LOG_LEVEL = { error: 2, warn: 3, info: 4, debug: 5 } as const;
const DATA_PATH = /^\/data\/([A-Za-z0-9_-]+)$/;

/**
 * Opens models by id and keeps them open: one for each thread, so that weights are there once.
 *
 * @param read gives a data item's bytes, undefined when there is none
 */
export function createModelCache(
  read: (id: string) => Uint8Array | undefined,
  options: ModelOptions = {},
): OpenModel {
  const models = new Map<string, Model>();
  return (id) => {
    const open = models.get(id);
    if (open !== undefined) return open;
    const bytes = read(id);
    if (bytes === undefined) {
      throw new LlamaError('MODEL_NOT_FOUND', `There is no data item "${id}" to load.`, { id });
    }
    const model = loadModel(bytes, options);
    models.set(id, model);
    return model;
  };
}

export function createLlamaDevice(options: LlamaDeviceOptions): LlamaDevice {
  const host = new DeviceHost(options);
  return {
    name: 'llama',
    lua: options.lua,
    functions: {
      info: () => host.describe(),
      load: (path, sampling) => host.load(toText(path), sampling),
      setPrompt: (text) => host.edit((session) => session.setPrompt(toPrompt(text))),
      add: (text) => host.edit((session) => session.add(toPrompt(text))),
      /** Starts an answer: all that it is asked, as readQuestion says. */
      answer: (question) => host.edit((session) => session.begin(readQuestion(question))),
      /** Evaluates a part of the prompt; returns the share that is done. */
      advance: () => host.session.advance(),
      next: () => host.next(),
      /** The answer so far: its text, why it ended, and its counts. */
      ending: () => host.describeEnding(),
      /** The notary's claim of an answer that has ended; nothing when it did not see all of it. */
      claim: () => host.session.claim() as DeviceResult,
      stop: () => host.stop(),
      takeLog: () => host.takeLog(),
    },
    save: () => host.save(),
    restore: (state) => host.restore(state),
  };
}

class DeviceHost {
  private readonly options: LlamaDeviceOptions;
  private modelId = '';
  private current: Session | undefined;
  private log: { level: number; text: string }[] = [];

  constructor(options: LlamaDeviceOptions) {
    this.options = options;
  }

  get session(): Session {
    if (this.current === undefined) {
      throw new LlamaError('MODEL_NOT_LOADED', 'No model is loaded in this process.');
    }
    return this.current;
  }

  /** Changes the text that the next answer continues. */
  edit(change: (session: Session) => void): undefined {
    change(this.session);
  }

  describe(): string {
    const model = this.current?.model;
    const loaded =
      model === undefined
        ? 'no model loaded'
        : `${model.name}, ${model.parameters} parameters, ${model.quantization}, ` +
          (model.architecture.kind === 'llama'
            ? `context ${model.contextLength}`
            : `${model.architecture.config.inputLength} inputs`);
    return `Corral llama engine (WebAssembly, deterministic): ${loaded}`;
  }

  load(path: string, sampling: unknown): undefined {
    const id = DATA_PATH.exec(path)?.[1];
    if (id === undefined) {
      throw new LlamaError('MODEL_BAD_PATH', `"${path}" is not the path of a model.`, { path });
    }
    this.current = createSession(this.options.openModel(id), readSampling(sampling));
    this.modelId = id;
    this.log.push({ level: LOG_LEVEL.info, text: `loaded ${id}: ${this.describe()}` });
  }

  next(): string | undefined {
    const text = this.session.next();
    if (text === undefined) {
      const why = `answer ended: ${this.session.state.stopReason}`;
      this.log.push({ level: LOG_LEVEL.debug, text: why });
      return undefined;
    }
    this.options.onToken?.({ text, count: this.session.tokens });
    return text;
  }

  describeEnding(): DeviceResult {
    const { text, stopReason, stopIndex, promptTokens, tokens } = this.session.state;
    return { text, reason: stopReason, stopIndex, promptTokens, tokens };
  }

  stop(): undefined {
    this.current = undefined;
    this.modelId = '';
  }

  takeLog() {
    const lines = this.log;
    this.log = [];
    return lines;
  }

  /** The model's id, a line feed, and the session; nothing when no model is loaded. */
  save(): Uint8Array {
    if (this.current === undefined) return new Uint8Array();
    return Buffer.concat([Buffer.from(`${this.modelId}\n`), this.current.save()]);
  }

  restore(state: Uint8Array): void {
    this.stop();
    this.log = [];
    if (state.length === 0) return;
    const end = state.indexOf(0x0a);
    const id = new TextDecoder().decode(state.subarray(0, Math.max(end, 0)));
    const session = createSession(this.options.openModel(id));
    session.restore(state.subarray(end + 1));
    this.modelId = id;
    this.current = session;
  }
}

function toText(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value ?? '');
}

/** Lua strings that are not UTF-8 come as bytes, and stay so: the prompt is what was asked. */
function toPrompt(value: unknown): string | Uint8Array {
  return value instanceof Uint8Array ? value : String(value ?? '');
}

/** `{ temperature, topP, seed }` as Lua gives it; nothing means greedy. */
function readSampling(value: unknown): SessionOptions {
  if (value === undefined || value === null) return {};
  const { temperature, topP, seed } = value as Record<string, unknown>;
  return {
    ...(temperature === undefined ? {} : { temperature: Number(temperature) }),
    ...(topP === undefined ? {} : { topP: Number(topP) }),
    ...(seed === undefined ? {} : { seed: typeof seed === 'bigint' ? seed : Number(seed) }),
  };
}

/** `{ prompt, tokens, stops, trim }` and sampling, as Lua gives it. */
function readQuestion(value: unknown): AnswerInput {
  const { prompt, tokens, stops, trim } = (value ?? {}) as Record<string, unknown>;
  return {
    ...readSampling(value),
    prompt: toPrompt(prompt),
    maxTokens: Number(tokens),
    stops: Array.isArray(stops) ? stops.map(toText) : [],
    trim: trim === true,
  };
}
