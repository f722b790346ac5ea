/**
 * Every bound of a network, in one place: each has a unit, a reason and an error code, and can be set
 * per network. The bounds on tags are ANS-104's own and live with the data items.
 */

export interface Limits {
  /**
   * Links in a chain of messages that cause one another; CRANK_TOO_DEEP. This bound and the next are
   * against loops at one instant: where a compute thread answers, both count afresh.
   */
  readonly crankDepth: number;
  /** Messages that one message may cause in one go; CRANK_TOO_MANY. */
  readonly crankDeliveries: number;
  /** Bytes of one signed data item; MESSAGE_TOO_LARGE. */
  readonly messageBytes: number;
  /** Lua instructions of one evaluation; INSTRUCTION_LIMIT. */
  readonly instructions: number;
  /** Bytes of memory of one process; MEMORY_LIMIT. */
  readonly memoryBytes: number;
  /**
   * Units of the meter of one evaluation of a WebAssembly module, about one for each turn of a loop
   * and each call; INSTRUCTION_LIMIT.
   */
  readonly wasmInstructions: number;
  /** Most bytes of memory of a process of a WebAssembly module; WASM_MEMORY_LIMIT, MEMORY_LIMIT. */
  readonly wasmMemoryBytes: number;
  /** Lua machines kept alive; the other processes wait as checkpoints. */
  readonly liveMachines: number;
  /** Cron messages that one move of the virtual clock, or one read, may cause; CRON_BACKLOG. */
  readonly cronBacklog: number;
  /** Deliveries remembered for traces; the oldest are forgotten. */
  readonly tracedDeliveries: number;
  /** Bytes of them, about, what went wrong at each included: the same. */
  readonly tracedBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  crankDepth: 1_000, // a conversation is never that long; an endless ping-pong is
  crankDeliveries: 10_000,
  messageBytes: 10 * 1024 * 1024, // body limit of the reference messenger unit
  instructions: 200_000_000, // one to three seconds of Lua
  memoryBytes: 256 * 1024 * 1024,
  wasmInstructions: 200_000_000, // two to three seconds of Lua in WebAssembly
  wasmMemoryBytes: 4 * 1024 ** 3, // what Node can address in one piece
  liveMachines: 64,
  cronBacklog: 100_000,
  tracedDeliveries: 20_000, // about a kilobyte each
  tracedBytes: 64 * 1024 * 1024,
};
