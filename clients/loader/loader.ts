/**
 * `corral/loader`: the interface of @permaweb/ao-loader 0.0.49 on Corral's Lua machine and kernel, so
 * that process test suites written for it run with one import changed.
 *
 * The binary that a suite loads is not run unless it asks for that: the program is Corral's kernel. A
 * handle keeps no machine between two calls, only its last memory, and touches nothing outside itself.
 *
 * @divergence `GasUsed` counts Lua instructions, and a message may use what a network allows; errors
 *   and what they leave in `Memory` are ao-loader's, see the option `rollback`.
 */
import { ClientError } from '../errors.js';
import { createBinaryProgram } from './binary-program.js';
import { createKernelProgram } from './kernel-program.js';
import {
  environmentOf,
  type LoaderEnvironment,
  type LoaderOptions,
  type LoaderTag,
  readBinaryLimits,
  readLimits,
} from './options.js';
import type { Life, Program } from './program.js';

export interface LoaderMessage {
  readonly Id?: string;
  readonly Owner?: string;
  readonly From?: string;
  readonly Target?: string;
  readonly Data?: unknown;
  readonly Tags?: readonly LoaderTag[] | undefined;
  readonly 'Block-Height'?: string | number;
  readonly Timestamp?: string | number;
  readonly [field: string]: unknown;
}

/** An entry of an outbox, as the program wrote it. */
export interface LoaderOutboxEntry {
  readonly Target: string;
  readonly Data?: string;
  readonly Anchor: string;
  readonly Tags: readonly LoaderTag[];
}

export interface LoaderResult {
  /** State of the process after the message: may be kept, copied, stored, and given to any handle. */
  readonly Memory: Buffer;
  /** What went wrong; then the fields that follow are undefined. */
  readonly Error: string | undefined;
  readonly Output: { readonly data: string; readonly prompt?: string; readonly print?: boolean };
  readonly Messages: readonly LoaderOutboxEntry[];
  readonly Spawns: readonly LoaderOutboxEntry[];
  readonly Assignments: readonly {
    readonly Processes: readonly string[];
    readonly Message: string;
  }[];
  readonly Patches: readonly unknown[];
  /** Lua instructions; of a binary its own gas, or turns of loops and calls. */
  readonly GasUsed: number;
}

/** Bytes of a memory. What has none, such as null, goes on from where the handle is: at first, new. */
export type LoaderMemory = ArrayBuffer | Uint8Array | null | undefined;

/**
 * Evaluates one message.
 *
 * @throws {string} what the kernel answered to a message that it cannot read
 * @throws {LimitError} INSTRUCTION_LIMIT and what else Lua cannot catch; `Error` tells the rest
 * @throws {ClientError} MEMORY_FOREIGN if the bytes are no memory of this program
 */
export type LoaderHandle = (
  memory: LoaderMemory,
  message: LoaderMessage,
  environment?: LoaderEnvironment,
) => Promise<LoaderResult>;

/** Bytes of a module, or the function that would instantiate it. */
export type LoaderBinary = ArrayBuffer | Uint8Array | ((...args: never[]) => unknown) | null;

/**
 * @throws {ClientError} BAD_OPTION
 * @throws {MachineError} BAD_LIMIT for a memory in which the kernel does not fit
 * @throws {WasmError} for a binary that is to be run and cannot be
 */
async function loadProcess(
  binary?: LoaderBinary,
  options?: LoaderOptions | null,
): Promise<LoaderHandle> {
  const given = options ?? {};
  const program = createProgram(binary, given);
  const fallback = environmentOf(given);
  let current: Buffer | undefined;

  return async (memory, message, environment = fallback) => {
    const before = bytesOf(memory) ?? current;
    const life = program.open(before, Number(message.Timestamp) || 0);
    try {
      const isOrphan = given.program !== 'binary' && message.Id !== environment.Process.Id;
      if (!before && isOrphan) spawn(life, message, environment);
      const undone = given.rollback === true ? life.memory() : undefined;
      const reply = life.evaluate(JSON.stringify(message), JSON.stringify(environment));
      const { ok, response } = JSON.parse(reply) as { ok: boolean; response: LoaderResult };
      if (!ok) throw response;
      current = response.Error && undone ? undone : life.memory();
      return readResponse(response, current, life.gasUsed);
    } finally {
      life.close?.();
    }
  };
}

function createProgram(binary: LoaderBinary | undefined, options: LoaderOptions): Program {
  if (options.program !== 'binary') return createKernelProgram(readLimits(options));
  const bytes = typeof binary === 'function' ? undefined : bytesOf(binary);
  if (bytes) return createBinaryProgram(bytes, options.format, readBinaryLimits(options));
  throw new ClientError('BAD_OPTION', 'the binary is to be run, and no bytes of it were given', {
    hint: 'Give the bytes of the module, or leave out the option `program`.',
  });
}

/**
 * A first message that is not the process's own finds a process that its sender has spawned: suites
 * for the kernels of AO up to 2.0.1, where the first sender was the owner, count on it.
 */
function spawn(life: Life, first: LoaderMessage, environment: LoaderEnvironment): void {
  const { Id, Tags } = environment.Process;
  const own = {
    ...first,
    Id,
    Target: Id,
    Data: '',
    Tags: [...Tags, { name: 'Type', value: 'Process' }],
  };
  life.evaluate(JSON.stringify(own), JSON.stringify(environment));
}

function readResponse(response: LoaderResult, memory: Buffer, gas: number): LoaderResult {
  return {
    Memory: memory,
    Error: response.Error,
    Output: response.Output,
    Messages: response.Messages,
    Spawns: response.Spawns,
    Assignments: response.Assignments,
    Patches: response.Patches ?? [],
    GasUsed: gas,
  };
}

function bytesOf(given: LoaderMemory): Uint8Array | undefined {
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
  return ArrayBuffer.isView(bytes) ? bytes : undefined;
}

// biome-ignore lint/style/noDefaultExport: suites say `import AoLoader from '@permaweb/ao-loader'`
export default loadProcess;
// `const AoLoader = require('corral/loader')`, as CommonJS suites have it, gets the function too.
export { loadProcess as 'module.exports' };
