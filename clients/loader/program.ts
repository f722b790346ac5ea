/**
 * What a handle runs: something that takes the bytes of a memory and a message, and gives an answer
 * and the bytes of the memory after it. What it gives depends on nothing else.
 */
export interface Program {
  /**
   * @param memory undefined for a new process
   * @param timestampMs what the program takes for now, where it may know
   * @throws {ClientError} MEMORY_FOREIGN if the bytes are no memory of this program
   */
  open(memory: Uint8Array | undefined, timestampMs: number): Life;
}

/** A process, for as long as one message takes. */
export interface Life {
  /** Calls `handle`; throws what stopped it. */
  evaluate(message: string, environment: string): string;
  /** Cost of the last message. */
  readonly gasUsed: number;
  memory(): Buffer;
  /** What has to be given back, if anything. */
  close?(): void;
}
