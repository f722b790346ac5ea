/**
 * A machine: one process of a WebAssembly module, alive. It evaluates one message at a time and does
 * not roll back by itself; actor.ts decides when. Nothing of it is copied as a whole, ever.
 */
import { checkReply } from '../lua/machine.js';
import type { WasmState } from './checkpoint.js';
import type { WasmEngine } from './engine.js';
import { GuestStop, WasmError } from './errors.js';
import type { Drive } from './guest.js';
import { createInstance, type Instance } from './instance.js';
import {
  HOST_GAS,
  type Snapshot,
  shareSnapshot,
  snapshotOf,
  updateSnapshot,
  writeSnapshot,
} from './memory.js';

export interface WasmLimits {
  readonly memoryBytes: number;
  /** Most units of the meter for one message: about one for each turn of a loop and each call. */
  readonly instructions: number;
  /** Most gas of a metered build for one message. */
  readonly gas?: number;
}

export interface WasmMachine {
  /**
   * Calls `handle(message, env)`.
   *
   * @param timestampMs when the message was assigned: bounds what WeaveDrive finds
   * @returns the text that it returns
   * @throws {WasmError} when the message did not come to its end; restore a state to go on
   */
  evaluate(message: string, env: string, timestampMs?: number): string;
  /** What the last evaluation cost: gas of a metered build, else units of our meter. */
  readonly gasUsed: number;
  /** The same in units of our meter, whatever the build. */
  readonly units: number;
  /** Linear memory, in bytes. */
  readonly memoryBytes: number;
  /** Next value of the clock that counts its own readings. */
  clock: number;
  /** Brings a state up to date, at the cost of what changed since. */
  update(state: Snapshot): WasmState;
  restore(state: WasmState): void;
  /** A state with this memory; what else there is begins anew. */
  stateOf(memory: Uint8Array): WasmState;
  /** A copy of linear memory, zeros and all. */
  memory(): Uint8Array;
  dispose(): void;
}

/** What ends a message half way: a trap, the module itself, an address that is none. */
const STOPS = [GuestStop, WebAssembly.RuntimeError, RangeError, TypeError];
/** How many disposed instances of a module wait for a new machine. */
const SPARE_MAX = 4;

export function createWasmMachine(
  engine: WasmEngine,
  limits: WasmLimits,
  drive?: Drive,
): WasmMachine {
  return new Machine(engine, limits, drive);
}

/** What to ask for, with room to grow. */
function memoryHint(size: number): string {
  const gib = Math.min(4, Math.ceil(size / 1024 ** 3));
  const option = `\`corral module add --memory ${gib}-gb\``;
  return `Raise Memory-Limit of the module (${option}), and limits.wasmMemoryBytes of the network.`;
}

class Machine implements WasmMachine {
  readonly #engine: WasmEngine;
  readonly #limits: WasmLimits;
  readonly #drive: Drive | undefined;
  readonly #bootState: WasmState;
  #instance: Instance;
  #gasUsed = 0;
  #units = 0;

  constructor(engine: WasmEngine, limits: WasmLimits, drive: Drive | undefined) {
    this.#engine = engine;
    this.#limits = limits;
    this.#drive = drive;
    this.#instance = this.#takeInstance();
    this.#bootState = {
      snapshot: engine.image,
      clock: this.clock,
      knowsZone: this.#instance.guest.knowsZone,
      files: this.#instance.guest.files.save(),
    };
    const size = this.#instance.buffer.length;
    if (size > limits.memoryBytes) {
      throw new WasmError(
        'WASM_MEMORY_LIMIT',
        `the module begins with ${size} bytes of memory, and the limit is ${limits.memoryBytes}`,
        { hint: memoryHint(size) },
      );
    }
  }

  #takeInstance(): Instance {
    const instance = this.#engine.spare.pop() ?? createInstance(this.#engine);
    const { guest } = instance;
    guest.memoryLimit = this.#limits.memoryBytes;
    guest.gasLimit = this.#limits.gas ?? Number.POSITIVE_INFINITY;
    instance.setDrive(this.#drive);
    return instance;
  }

  get clock(): number {
    return this.#instance.guest.clock;
  }

  set clock(value: number) {
    this.#instance.guest.clock = value;
  }

  get gasUsed(): number {
    return this.#gasUsed;
  }

  get memoryBytes(): number {
    return this.#instance.buffer.length;
  }

  get units(): number {
    return this.#units;
  }

  evaluate(message: string, env: string, timestampMs = Number.POSITIVE_INFINITY): string {
    const { guest, gas, sleeper, stackBase } = this.#instance;
    const limit = BigInt(this.#limits.instructions);
    guest.messageMs = timestampMs;
    guest.gasUsed = 0;
    guest.memoryRefused = false;
    gas.value = limit;
    try {
      return this.#callHandle(message, env);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#units = Number(limit - gas.value);
      this.#gasUsed = guest.gasUsed > 0 ? guest.gasUsed : this.#units;
      gas.value = HOST_GAS;
      guest.gasUsed = 0; // a build that pays for its own stack calls must be able to
      sleeper.reset();
      this.#restoreStack(stackBase);
    }
  }

  #callHandle(message: string, env: string): string {
    const { guest, memory, sleeper } = this.#instance;
    const handle = guest.call('handle');
    const save = guest.call('stackSave') ?? guest.call('emscripten_stack_get_current');
    const stackBase = save?.() ?? this.#instance.stackBase;
    const first = this.#pushText(message);
    const second = this.#pushText(env);
    const enter = () => handle?.(first, second) ?? 0;
    const resume = guest.format.isWide ? enter : () => handle?.(0, 0) ?? 0;
    const reply = sleeper.run(enter, resume);
    this.#restoreStack(stackBase); // paid for, as under ao-loader
    checkReply(memory.bytes.indexOf(0, reply) - reply);
    return memory.text(reply);
  }

  /** Copies a text to the C stack. */
  #pushText(text: string): number {
    const { guest, memory, layout, stackBase } = this.#instance;
    const isExact = guest.format.textSpace === 'exact';
    const size = isExact ? Buffer.byteLength(text) + 1 : text.length * 4 + 1;
    const room = stackBase - (layout.stackEnd ?? 0);
    const alloc = guest.call('stackAlloc') ?? guest.call('_emscripten_stack_alloc');
    if (size > room / 2 || !alloc) {
      throw new WasmError('STACK_LIMIT', `a message of ${size} bytes does not fit on the stack`, {
        hint: `The module's stack has ${room} bytes. Send less, or build it with a larger stack.`,
        details: { limit: room, got: size },
      });
    }
    const at = alloc(size);
    memory.storeText(at, text);
    return at;
  }

  #restoreStack(stack: number): void {
    const { guest } = this.#instance;
    const restore = guest.call('stackRestore') ?? guest.call('_emscripten_stack_restore');
    restore?.(stack);
  }

  /** What ended an evaluation. */
  #explain(error: unknown): unknown {
    const { gas, guest, buffer } = this.#instance;
    if (gas.value < 0n) {
      return new WasmError(
        'INSTRUCTION_LIMIT',
        `the message ran past its limit of ${this.#limits.instructions} instructions`,
        {
          hint:
            'Look for a loop that never ends. To allow more, spread the work over several ' +
            'messages, or raise limits.wasmInstructions of the network.',
          details: { instructions: this.#limits.instructions },
        },
      );
    }
    if (guest.gasUsed > guest.gasLimit) {
      return new WasmError('GAS_LIMIT', `out of gas: the limit is ${guest.gasLimit}`, {
        hint: 'Look for a loop that never ends, or raise Compute-Limit of the module.',
        details: { limit: guest.gasLimit, got: guest.gasUsed },
        cause: error,
      });
    }
    if (error instanceof RangeError && error.message.includes('call stack')) {
      return new WasmError('STACK_LIMIT', 'calls were nested too deep for the host', {
        hint: 'Look for a recursion that never ends.',
        cause: error,
      });
    }
    const hasStopped = STOPS.some((kind) => error instanceof kind);
    if (hasStopped && guest.memoryRefused) {
      return new WasmError(
        'MEMORY_LIMIT',
        `not enough memory: there are ${buffer.length} bytes, the limit is ${guest.memoryLimit}`,
        { hint: 'Raise Memory-Limit of the module, or keep less state.', cause: error },
      );
    }
    if (!hasStopped) return error; // of the drive, of the reply
    return new WasmError('MACHINE_CRASHED', `the module stopped: ${(error as Error).message}`, {
      hint: 'The state is that of before the message.',
      cause: error,
    });
  }

  update(snapshot: Snapshot): WasmState {
    const { guest, buffer, layout } = this.#instance;
    updateSnapshot(snapshot, buffer, layout);
    const { clock, knowsZone, files } = guest;
    return { snapshot, clock, knowsZone, files: files.save() };
  }

  restore(state: WasmState): void {
    const { snapshot, clock, knowsZone, files } = state;
    if (this.#instance.buffer.length > snapshot.bytes) this.#instance = this.#takeInstance();
    if (this.#instance.buffer.length > snapshot.bytes) this.#instance = this.#newInstance();
    const { guest, layout } = this.#instance;
    const missing = snapshot.bytes - this.#instance.buffer.length;
    if (missing > 0) guest.memory.grow(missing / 65_536);
    writeSnapshot(snapshot, this.#instance.buffer, layout);
    this.#instance.setLow(snapshot.low);
    guest.clock = clock;
    guest.knowsZone = knowsZone;
    guest.files.restore(files);
  }

  stateOf(memory: Uint8Array): WasmState {
    const { stackEnd } = this.#instance.layout;
    return { ...this.#bootState, snapshot: snapshotOf(memory, stackEnd) };
  }

  #newInstance(): Instance {
    this.#engine.spare.length = 0;
    return this.#takeInstance();
  }

  memory(): Uint8Array {
    return Uint8Array.from(this.#instance.buffer);
  }

  dispose(): void {
    const { spare, image } = this.#engine;
    if (spare.length >= SPARE_MAX || this.#instance.buffer.length > image.bytes) return;
    this.restore({ ...this.#bootState, snapshot: shareSnapshot(image) });
    this.#instance.setDrive(undefined);
    spare.push(this.#instance);
  }
}
