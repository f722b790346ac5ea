/**
 * A model, ready to answer: its file's facts and one program that holds the weights. Load it once per
 * thread; any number of sessions share it.
 */
import type { AnswerInput } from './answer.js';
import { type Architecture, readArchitecture } from './architecture.js';
import { type Gguf, readGguf } from './gguf.js';
import { createProgram, type Program, type ProgramOptions } from './program.js';

/**
 * Who keeps what it takes to prove an answer. It is told of every answer that the program computes,
 * but not when another session's answer is put in its place.
 */
export interface Notary {
  /** This answer begins: input and answer regions are written, nothing is computed yet. */
  begin(input: AnswerInput): void;
  /** The program is at the next token boundary of the answer. */
  boundary(): void;
  /** The claim of the answer, which has ended: plain values that can cross into Lua. */
  claim(): unknown;
}

export interface Model {
  readonly name: string;
  /** Number of weights. */
  readonly parameters: number;
  /** Bytes of the model file. */
  readonly fileBytes: number;
  /** The type that most weights have in the file. */
  readonly quantization: string;
  readonly architecture: Architecture;
  /** Most tokens of prompt and answer together; 0 when the model has no text. */
  readonly contextLength: number;
  readonly program: Program;
  readonly notary: Notary | undefined;
  /** Whose answer the program's memory holds; the program's sessions keep this. */
  readonly seat: Seat;
}

/** What a session does when another one takes the program. */
interface Seat {
  holder: { leave(): void } | undefined;
}

export interface ModelOptions extends ProgramOptions {
  /** Makes the model's notary; default none. */
  readonly createNotary?: (program: Program) => Notary;
}

/**
 * Loads a GGUF file's bytes. They may be let go of afterwards: the program has its own copy.
 *
 * @throws {LlamaError} GGUF_*, MODEL_*, ENGINE_NOT_BUILT
 */
export function loadModel(bytes: Uint8Array, options: ModelOptions = {}): Model {
  const gguf = readGguf(bytes);
  const architecture = readArchitecture(gguf, options.contextLength);
  const program = createProgram(gguf, architecture, options.engine);
  const name = gguf.metadata.get('general.name');
  return {
    name: typeof name === 'string' ? name : architecture.kind,
    ...countWeights(gguf),
    fileBytes: gguf.size,
    architecture,
    contextLength: architecture.kind === 'llama' ? architecture.config.contextLength : 0,
    program,
    notary: options.createNotary?.(program),
    seat: { holder: undefined },
  };
}

function countWeights(gguf: Gguf): { parameters: number; quantization: string } {
  const weights = new Map<string, number>();
  for (const { type, dims } of gguf.tensors.values()) {
    const count = dims.reduce((product, dim) => product * dim, 1);
    weights.set(type, (weights.get(type) ?? 0) + count);
  }
  const [most] = [...weights].sort((a, b) => b[1] - a[1]);
  return {
    parameters: [...weights.values()].reduce((sum, count) => sum + count, 0),
    quantization: most?.[0] ?? 'F32',
  };
}
