/**
 * A machine: the memory of one process, alive. It evaluates one message at a time, synchronously,
 * and does not roll back by itself: whoever calls decides how often to take a checkpoint, and after
 * an error restores one. A machine that ran into a limit refuses to go on until then.
 */
import { type Checkpoint, hashCheckpoint, takeCheckpoint, writeCheckpoint } from './checkpoint.js';
import { checkDevices, createDispatch, type Device } from './device.js';
import type { LuaEngine } from './engine.js';
import { LimitError, MachineError } from './errors.js';
import { LUA_OK, LUA_TSTRING } from './exports.js';
import { InterpreterAbort } from './host-imports.js';
import { luaFailure, type MemoryImage } from './image.js';
import { createInstance, HOST_GAS, type LuaInstance, watchNothing } from './instance.js';
import { HEAP_START, WASM_PAGE } from './layout.js';
import { type MachineLimits, resolveLimits } from './limits.js';
import { createLineWatcher, type LineHook, type LineWatcher } from './line-hook.js';
import { readBreak, sweepStack, writeBase } from './memory.js';
import { pushText, readText } from './values.js';

export interface MachineOptions {
  readonly limits?: Partial<MachineLimits>;
  /** The devices that the image was made with, in the same order. */
  readonly devices?: readonly Device[];
  /** State to begin with. @default that of the image */
  readonly checkpoint?: Checkpoint;
  /** As `watch`, from the start. */
  readonly watch?: LineHook | undefined;
}

export interface LuaMachine {
  /**
   * Calls the global function `handle(message, env)`.
   *
   * @param timestampMs what os.date() takes for now; os.time() too unless the kernel replaces it
   * @returns the string that `handle` returns
   * @throws {LuaError} when `handle` raises an error; memory keeps what was done until then
   * @throws {LimitError} when a limit was reached; restore a checkpoint to go on
   */
  evaluate(message: string, env: string, timestampMs?: number): string;
  /** @param last one taken before, with which it shares what is still the same */
  checkpoint(last?: Checkpoint): Checkpoint;
  /** Goes to the state of a checkpoint, or to that of the image. Always possible. */
  restore(checkpoint?: Checkpoint): void;
  /** SHA-256 of the state: equal for equal histories of the same module, on any machine. */
  hash(): string;
  /** Memory in use, in bytes. */
  readonly memoryBytes: number;
  /** Gas that the last evaluation used. */
  readonly instructionsUsed: number;
  /**
   * The limit of memory and the bytes that the last evaluation was refused, if it was: then its error
   * is that of a program, or of a kernel, that found no memory and went on.
   */
  readonly memoryRefused: { readonly limit: number; readonly got: number } | undefined;
  /**
   * Has a hook called before each line that runs, from the next evaluation on; or no longer. The
   * process does not notice: its memory, its results and its gas are those of a run that nobody
   * watches, which is a few times faster.
   */
  watch(hook: LineHook | undefined): void;
  /**
   * Lends the memory itself to who looks into it: at rest, inside a hook, and as a throw of the hook
   * left it, which is what a debugger stops at. What is changed in it is changed in the process; what
   * is done meanwhile is not paid for.
   */
  lend<Answer>(use: (instance: LuaInstance, state: number) => Answer): Answer;
  /** Gives the memory back. Only checkpoints remain. */
  dispose(): void;
}

/**
 * How many disposed instances wait for a new machine, and the largest that may: as many as a network
 * keeps alive, because its successor, or the next fork, wakes the same processes.
 */
const SPARE_MAX = 64;
const SPARE_BYTES_MAX = 8 * 1024 * 1024;

/** Most bytes of a result: room for several messages of the largest size, and not for all memory. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

const INSTRUCTION_HINT =
  'Look for a loop that never ends; copying large strings and tables counts as well. To allow more, ' +
  'spread the work over several messages, or raise limits.instructions of the network.';

type Status = 'ready' | 'busy' | 'dirty' | 'disposed';

/**
 * Brings a process to life.
 *
 * @throws {BAD_LIMIT} {DEVICE_MISSING} {CHECKPOINT_FOREIGN}
 */
export function createMachine(image: MemoryImage, options: MachineOptions = {}): LuaMachine {
  const limits = resolveLimits(options.limits ?? {}, HEAP_START + image.heap.length);
  const devices = options.devices ?? [];
  checkDevices(image.devices, devices);
  const machine = new Machine(image, devices, limits, options.watch);
  machine.restore(options.checkpoint);
  return machine;
}

/** @throws {REPLY_LIMIT} */
export function checkReply(bytes: number): void {
  if (bytes <= REPLY_BYTES_MAX) return;
  const text = `the result has ${bytes} bytes, the limit is ${REPLY_BYTES_MAX}`;
  throw new LimitError('REPLY_LIMIT', text, {
    details: { limit: REPLY_BYTES_MAX, got: bytes },
    hint: 'Print less, and send data in several messages.',
  });
}

/** Memory never shrinks: an instance that outgrew the limit is of no use. */
function takeInstance(engine: LuaEngine, memoryBytes: number, isWatched: boolean): LuaInstance {
  const memoryLimit = memoryBytes - (memoryBytes % WASM_PAGE);
  const index = engine.spare.findLastIndex(
    (spare) => spare.isWatched === isWatched && spare.buffer.length <= memoryLimit,
  );
  const [spare] = index < 0 ? [] : engine.spare.splice(index, 1);
  const instance = spare ?? createInstance(engine, isWatched);
  instance.memoryLimit = memoryLimit;
  return instance;
}

function giveBack(engine: LuaEngine, instance: LuaInstance): void {
  instance.dispatch = () => 0;
  instance.watch = watchNothing;
  const isSmall = instance.buffer.length <= SPARE_BYTES_MAX;
  if (isSmall && engine.spare.length < SPARE_MAX) engine.spare.push(instance);
}

class Machine implements LuaMachine {
  readonly #image: MemoryImage;
  readonly #devices: readonly Device[];
  readonly #limits: MachineLimits;
  readonly #gas: bigint;
  #instance: LuaInstance;
  #watcher: LineWatcher | undefined;
  #status: Status = 'ready';
  #gasLeft: bigint;

  constructor(
    image: MemoryImage,
    devices: readonly Device[],
    limits: MachineLimits,
    hook: LineHook | undefined,
  ) {
    this.#image = image;
    this.#devices = devices;
    this.#limits = limits;
    this.#gas = BigInt(limits.instructions);
    this.#gasLeft = this.#gas;
    this.#instance = this.#takeInstance(hook);
  }

  #takeInstance(hook: LineHook | undefined): LuaInstance {
    const instance = takeInstance(this.#image.engine, this.#limits.memoryBytes, Boolean(hook));
    instance.dispatch = createDispatch(instance, this.#devices);
    this.#watcher = hook && createLineWatcher(instance, hook);
    instance.watch = this.#watcher?.onInstruction ?? watchNothing;
    return instance;
  }

  get memoryBytes(): number {
    return readBreak(this.#instance);
  }

  get instructionsUsed(): number {
    return Number(this.#gas - this.#gasLeft);
  }

  get memoryRefused() {
    const { memoryRefused: got, memoryLimit: limit } = this.#instance;
    return got > 0 ? { limit, got } : undefined;
  }

  evaluate(message: string, env: string, timestampMs = 0): string {
    this.#require('ready');
    const { lua } = this.#instance;
    this.#status = 'busy';
    this.#instance.nowMs = timestampMs;
    this.#instance.memoryRefused = 0;
    this.#watcher?.reset();
    lua.gas.value = this.#gas;
    try {
      const response = this.#callHandle(message, env);
      this.#status = 'ready';
      return response;
    } catch (error) {
      // First of all, and without a call: there may be no stack left for one.
      this.#status = 'dirty';
      throw this.#explain(error);
    } finally {
      this.#gasLeft = lua.gas.value;
      lua.gas.value = HOST_GAS;
      // What a hook stopped stays as it is, for who looks into it; `restore` cleans up.
      if (!this.#watcher?.stopped) sweepStack(this.#instance);
    }
  }

  #callHandle(message: string, env: string): string {
    const instance = this.#instance;
    const { lua } = instance;
    const { state, handleName } = this.#image;
    lua.lua_settop(state, 0);
    lua.lua_getglobal(state, handleName);
    pushText(instance, state, message);
    pushText(instance, state, env);
    const status = lua.lua_pcallk(state, 2, 1, 0, 0, 0);
    if (status !== LUA_OK) throw luaFailure(instance, state, status);
    if (lua.lua_type(state, -1) !== LUA_TSTRING) {
      throw new MachineError('LUA_ERROR', '"handle" returned no string', {
        hint: 'The kernel must return its result as JSON.',
      });
    }
    checkReply(Number(lua.lua_rawlen(state, -1)));
    const response = readText(instance, state, -1);
    lua.lua_settop(state, 0);
    return response;
  }

  /** What ended an evaluation. Lua's own errors leave the memory whole, and the machine usable. */
  #explain(error: unknown): unknown {
    const { lua, memoryRefused, memoryLimit } = this.#instance;
    const limit = Number(this.#gas);
    if (this.#watcher?.stopped) return error;
    if (error instanceof MachineError && !(error instanceof LimitError)) {
      this.#status = 'ready';
      return error;
    }
    if (lua.gas.value < 0n) {
      return new LimitError(
        'INSTRUCTION_LIMIT',
        `the message ran past its limit of ${this.#gas} instructions`,
        { details: { limit, got: limit + 1 }, hint: INSTRUCTION_HINT },
      );
    }
    if (error instanceof RangeError) {
      return new LimitError('STACK_LIMIT', 'calls were nested too deep for the host', {
        cause: error,
      });
    }
    if (memoryRefused > 0 && error instanceof InterpreterAbort) {
      return new LimitError(
        'MEMORY_LIMIT',
        `not enough memory: the limit is ${memoryLimit} bytes, ${memoryRefused} were asked for`,
        {
          details: { limit: memoryLimit, got: memoryRefused },
          hint: 'Raise Memory-Limit of the module, or keep less state.',
        },
      );
    }
    if (error instanceof InterpreterAbort || error instanceof WebAssembly.RuntimeError) {
      return new LimitError('MACHINE_CRASHED', `the interpreter stopped: ${error.message}`, {
        cause: error,
      });
    }
    return error;
  }

  checkpoint(last?: Checkpoint): Checkpoint {
    this.#require('ready');
    const devices = this.#devices.map((device) => device.save());
    return takeCheckpoint(this.#instance, this.#image, devices, last);
  }

  restore(checkpoint?: Checkpoint): void {
    if (this.#status === 'busy' || this.#status === 'disposed') this.#require('ready');
    if (checkpoint === undefined) writeBase(this.#instance, this.#image);
    else writeCheckpoint(this.#instance, this.#image, checkpoint);
    sweepStack(this.#instance);
    this.#devices.forEach((device, i) => {
      device.restore(checkpoint?.devices[i] ?? new Uint8Array());
    });
    this.#status = 'ready';
  }

  hash(): string {
    return hashCheckpoint(this.checkpoint());
  }

  watch(hook: LineHook | undefined): void {
    this.#require('ready');
    const before = this.#instance;
    const checkpoint = this.checkpoint();
    this.#instance = this.#takeInstance(hook);
    giveBack(this.#image.engine, before);
    this.restore(checkpoint);
  }

  lend<Answer>(use: (instance: LuaInstance, state: number) => Answer): Answer {
    if (this.#status === 'disposed') this.#require('ready');
    const { gas } = this.#instance.lua;
    const left = gas.value;
    gas.value = HOST_GAS;
    this.#watcher?.lend();
    try {
      return use(this.#instance, this.#image.state);
    } finally {
      gas.value = left;
    }
  }

  dispose(): void {
    if (this.#status === 'busy') this.#require('ready');
    if (this.#status === 'disposed') return;
    this.#status = 'disposed';
    giveBack(this.#image.engine, this.#instance);
  }

  #require(wanted: Status): void {
    if (this.#status === wanted) return;
    const problems = {
      ready: ['MACHINE_BUSY', 'the machine is not evaluating'],
      busy: ['MACHINE_BUSY', 'the machine is in the middle of a message'],
      dirty: ['MACHINE_DIRTY', 'the machine stopped half way through a message'],
      disposed: ['MACHINE_DISPOSED', 'the machine was disposed'],
    } as const;
    const [code, message] = problems[this.#status];
    throw new MachineError(code, message, { hint: 'Restore a checkpoint, or make a new machine.' });
  }
}
