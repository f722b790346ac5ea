/**
 * What happens in a network, as one stream of plain values that feeds logs, explorers and traces.
 * Events are told synchronously and in order. A listener that throws cannot stop the network: its
 * error surfaces as an uncaught one, as with EventTarget.
 */
import type { ErrorReport } from './errors.js';
import type { FaultKind } from './faults/rule.js';

export type NetworkEvent =
  | {
      readonly type: 'scheduled';
      readonly process: string;
      readonly message: string;
      readonly nonce: number;
      readonly timestampMs: number;
    }
  | {
      readonly type: 'evaluated';
      readonly process: string;
      /** Absent for a cron message. */
      readonly message?: string;
      readonly nonce: number;
      readonly action?: string;
      /** What the process printed, colours included. */
      readonly output?: string;
      /** True if the output is meant for a live feed. */
      readonly print: boolean;
      readonly error?: string;
      /** Lines given to `ao.log`. */
      readonly log?: readonly string[];
      readonly messages: number;
      readonly spawns: number;
      /** Instructions that it took. */
      readonly gas: number;
      /** Bytes of memory that the process has since. */
      readonly memory?: number;
      /** Names of the handlers that ran, in their order, with `, ` between them. */
      readonly handler?: string;
    }
  | {
      readonly type: 'sent';
      readonly message: string;
      /** Sender: a process, or a wallet's address. */
      readonly from: string;
      readonly target: string;
      readonly action?: string;
      /** Message that caused this one; absent if it came from outside. */
      readonly cause?: string;
      /** False if the target is no process: the message is on the gateway and nowhere else. */
      readonly delivered: boolean;
    }
  | {
      readonly type: 'spawned';
      readonly process: string;
      readonly module: string;
      readonly name?: string;
      readonly parent?: string;
    }
  | {
      readonly type: 'cron';
      readonly process: string;
      readonly name: string;
      readonly timestampMs: number;
    }
  | { readonly type: 'error'; readonly error: ErrorReport }
  | {
      /** A request over HTTP that changes something and was refused, or any that failed here. */
      readonly type: 'refused';
      /** Part that answered: gateway, bundler, mu, su, cu or node. */
      readonly part: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly code: string;
      readonly text: string;
      readonly hint?: string;
      /** In a flood only so many are told: how many more there were in the same second. */
      readonly others?: number;
    }
  | {
      /** What an earlier run over the same store left undone is taken up again. */
      readonly type: 'resumed';
      /** Messages from outside whose consequences were not over. */
      readonly requests: number;
      /** Messages of these that are still to be evaluated or to be sent. */
      readonly messages: number;
    }
  | {
      /** What a device tells while it computes: tokens of an answer, progress of a load, log lines. */
      readonly type: 'device';
      readonly process: string;
      readonly message?: string;
      readonly event: DeviceEvent;
    }
  | {
      /** A fault that somebody asked for begins, ends, or strikes a message. */
      readonly type: 'fault';
      readonly fault: FaultKind;
      /** Number of the fault. */
      readonly rule: number;
      /** What it did, or what it is. */
      readonly text: string;
      /** The message that it struck; absent if none. */
      readonly message?: string;
      readonly from?: string;
      readonly target?: string;
      readonly action?: string;
    }
  | { readonly type: 'clock'; readonly nowMs: number };

export type DeviceEvent =
  | { readonly type: 'token'; readonly text: string; readonly index: number }
  | { readonly type: 'progress'; readonly stage: string; readonly fraction: number }
  | { readonly type: 'log'; readonly level: number; readonly text: string };

type EventOf<Type extends NetworkEvent['type']> = Extract<NetworkEvent, { type: Type }>;

export interface NetworkEvents extends AsyncIterable<NetworkEvent> {
  /** Calls `listener` for every event of the type ('*' for all); returns how to stop that. */
  on<Type extends NetworkEvent['type']>(
    type: Type,
    listener: (event: EventOf<Type>) => void,
  ): () => void;
  on(type: '*', listener: (event: NetworkEvent) => void): () => void;
}

export interface EventSource {
  readonly events: NetworkEvents;
  /** Tells everyone. */
  emit(event: NetworkEvent): void;
  /** Ends the async iterators. */
  end(): void;
}

export function createEvents(): EventSource {
  const listeners = new Map<string, Set<(event: never) => void>>();
  const ends = new Set<() => void>();
  const on = (type: string, listener: (event: never) => void) => {
    const group = listeners.get(type) ?? new Set();
    listeners.set(type, group.add(listener));
    return () => {
      group.delete(listener);
    };
  };
  return {
    events: { on, [Symbol.asyncIterator]: () => iterate(on, ends) },
    emit(event) {
      for (const type of [event.type, '*']) {
        for (const listener of listeners.get(type) ?? []) {
          try {
            listener(event as never);
          } catch (error) {
            queueMicrotask(() => {
              throw error;
            });
          }
        }
      }
    },
    end() {
      for (const end of ends) end();
    },
  };
}

/** Events that wait for a reader; one that falls further behind is at the end of its stream. */
const UNREAD_MAX = 100_000;

/** An async iterator over everything told from now on; it keeps what is not yet read. */
function iterate(
  on: (type: '*', listener: (event: NetworkEvent) => void) => () => void,
  ends: Set<() => void>,
): AsyncIterator<NetworkEvent> {
  const unread: NetworkEvent[] = [];
  let wake: (() => void) | undefined;
  let over = false;
  const stop = on('*', (event) => {
    if (unread.length >= UNREAD_MAX) end();
    else unread.push(event);
    wake?.();
  });
  const end = () => {
    over = true;
    stop();
    ends.delete(end);
    wake?.();
  };
  ends.add(end);
  return {
    async next() {
      while (unread.length === 0 && !over) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const event = unread.shift();
      return event ? { done: false, value: event } : { done: true, value: undefined };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
  };
}
