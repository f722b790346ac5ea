/**
 * `corral/loader`: the interface of @permaweb/ao-loader 0.0.49 on Corral's Lua machine and kernel, so
 * that process test suites written for it run with one import changed.
 *
 * The binary that a suite loads is not run: the program is Corral's kernel. A handle keeps no machine
 * between two calls, only its last memory, and touches nothing outside itself.
 *
 * @divergence `GasUsed` counts Lua instructions, and a message may use what a network allows; errors
 *   and what they leave in `Memory` are ao-loader's, see the option `rollback`.
 */
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../actors/lua/checkpoint.js';
import type { MemoryImage } from '../../actors/lua/image.js';
import { createMachine, type LuaMachine } from '../../actors/lua/machine.js';
import { ClientError } from '../errors.js';
import { kernelImage } from './kernel-image.js';
import {
  environmentOf,
  type LoaderEnvironment,
  type LoaderOptions,
  type LoaderTag,
  readLimits,
} from './options.js';

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
  /** Lua instructions. */
  readonly GasUsed: number;
}

/** Bytes of a memory. What has none, such as null, goes on from where the handle is: at first, new. */
export type LoaderMemory = ArrayBuffer | Uint8Array | null | undefined;

/**
 * Evaluates one message.
 *
 * @throws {string} what the kernel answered to a message that it cannot read
 * @throws {LimitError} INSTRUCTION_LIMIT and what else Lua cannot catch; `Error` tells the rest
 * @throws {ClientError} MEMORY_FOREIGN if the bytes are no memory of this kernel
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
 */
async function loadProcess(
  _binary?: LoaderBinary,
  options?: LoaderOptions | null,
): Promise<LoaderHandle> {
  const given = options ?? {};
  const image = kernelImage();
  const limits = readLimits(given);
  const fallback = environmentOf(given);
  createMachine(image, { limits }).dispose(); // a limit that is too low shows here, not later
  let current: Checkpoint | undefined;

  return async (memory, message, environment = fallback) => {
    const before = readMemory(memory, image) ?? current;
    const machine = createMachine(image, { limits, ...(before && { checkpoint: before }) });
    try {
      const now = Number(message.Timestamp) || 0;
      if (!before && message.Id !== environment.Process.Id) spawn(machine, message, environment);
      const start = before ?? machine.checkpoint();
      const reply = machine.evaluate(JSON.stringify(message), JSON.stringify(environment), now);
      const { ok, response } = JSON.parse(reply) as { ok: boolean; response: LoaderResult };
      if (!ok) throw response;
      const isUndone = given.rollback === true && response.Error;
      current = isUndone ? start : machine.checkpoint();
      return readResponse(response, current, machine.instructionsUsed);
    } finally {
      machine.dispose();
    }
  };
}

/**
 * A first message that is not the process's own finds a process that its sender has spawned: suites
 * for the kernels of AO up to 2.0.1, where the first sender was the owner, count on it.
 */
function spawn(machine: LuaMachine, first: LoaderMessage, environment: LoaderEnvironment): void {
  const { Id, Tags } = environment.Process;
  const own = {
    ...first,
    Id,
    Target: Id,
    Data: '',
    Tags: [...Tags, { name: 'Type', value: 'Process' }],
  };
  machine.evaluate(JSON.stringify(own), JSON.stringify(environment), Number(first.Timestamp) || 0);
}

function readResponse(response: LoaderResult, after: Checkpoint, gas: number): LoaderResult {
  return {
    Memory: Buffer.from(encodeCheckpoint(after)),
    Error: response.Error,
    Output: response.Output,
    Messages: response.Messages,
    Spawns: response.Spawns,
    Assignments: response.Assignments,
    Patches: response.Patches ?? [],
    GasUsed: gas,
  };
}

function readMemory(memory: LoaderMemory, image: MemoryImage): Checkpoint | undefined {
  const bytes = memory instanceof ArrayBuffer ? new Uint8Array(memory) : memory;
  if (!ArrayBuffer.isView(bytes)) return undefined;
  try {
    const checkpoint = decodeCheckpoint(bytes);
    if (checkpoint.image === image.hash) return checkpoint;
  } catch (cause) {
    throw foreignMemory(bytes, cause);
  }
  throw foreignMemory(bytes);
}

function foreignMemory(bytes: Uint8Array, cause?: unknown): ClientError {
  return new ClientError(
    'MEMORY_FOREIGN',
    `the memory of ${bytes.length} bytes is none of this kernel's`,
    {
      hint: 'Give null for a new process, or a Memory that this version of corral/loader returned.',
      cause,
    },
  );
}

// biome-ignore lint/style/noDefaultExport: suites say `import AoLoader from '@permaweb/ao-loader'`
export default loadProcess;
// `const AoLoader = require('corral/loader')`, as CommonJS suites have it, gets the function too.
export { loadProcess as 'module.exports' };
