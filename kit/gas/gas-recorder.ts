/**
 * What messages cost, by process and handler: every evaluation that a network tells of, kept as
 * numbers. Several networks may be followed, and what other runs recorded added.
 */
import type { NetworkEvents } from '../../actors/events.js';

/** Messages that one handler of one process took. */
export interface GasRecord {
  /** Name of the process, or the start of its id. */
  readonly process: string;
  /** Handlers that ran, or the action where the module does not tell them. */
  readonly handler: string;
  /** Instructions of each message. */
  readonly gas: readonly number[];
  /** Bytes of memory that the process had after each. */
  readonly memory: readonly number[];
  /** Messages and spawns that they sent, together. */
  readonly sent: number;
  /** How many failed. */
  readonly failed: number;
}

/** Whom a recorder can follow. */
export interface Followed {
  readonly events: NetworkEvents;
  /** Names of processes by id, where they are known. */
  readonly names?: ReadonlyMap<string, string>;
}

export interface GasRecorder {
  /** By process and handler, in the order of their first messages. */
  readonly records: readonly GasRecord[];
  /** @returns a function that ends it */
  follow(network: Followed): () => void;
  /** Adds what another recorded. */
  add(records: readonly GasRecord[]): void;
}

type Open = { -readonly [Key in keyof GasRecord]: GasRecord[Key] } & {
  gas: number[];
  memory: number[];
};

const SHORT_ID = 6;

export function createGasRecorder(): GasRecorder {
  const open = new Map<string, Open>();
  const recordOf = (process: string, handler: string): Open => {
    const key = `${process}\n${handler}`;
    const record = open.get(key) ?? { process, handler, gas: [], memory: [], sent: 0, failed: 0 };
    open.set(key, record);
    return record;
  };
  return {
    get records() {
      return [...open.values()];
    },
    follow({ events, names }) {
      const spawned = new Map<string, string>();
      const offs = [
        events.on('spawned', ({ process, name }) => {
          if (name !== undefined) spawned.set(process, name);
        }),
        events.on('evaluated', (event) => {
          const { process, action, gas, memory } = event;
          const name = names?.get(process) ?? spawned.get(process) ?? process.slice(0, SHORT_ID);
          const record = recordOf(name, event.handler ?? action ?? '(no action)');
          record.gas.push(gas);
          if (memory !== undefined) record.memory.push(memory);
          record.sent += event.messages + event.spawns;
          if (event.error !== undefined) record.failed += 1;
        }),
      ];
      return () => {
        for (const off of offs) off();
      };
    },
    add(records) {
      for (const more of records) {
        const record = recordOf(more.process, more.handler);
        for (const gas of more.gas) record.gas.push(gas);
        for (const memory of more.memory) record.memory.push(memory);
        record.sent += more.sent;
        record.failed += more.failed;
      }
    },
  };
}
