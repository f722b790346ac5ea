/**
 * What the network and its compute threads say to one another, and how a device is named so that a
 * thread can load it.
 */
import type { MessagePort } from 'node:worker_threads';
import type { DeviceEvent } from '../events.js';
import type { Device } from '../lua/device.js';
import type { Inspection, StateKey } from '../lua/inspect.js';
import type { LineHits } from '../lua/line-hits.js';
import type { SavedMemory } from './actor.js';
import type { HostInput, Life } from './host.js';
import type { EvaluationResult } from './result.js';

/** A device for the processes of modules with the tag `Extension: <extension>`. */
export interface DeviceSpec {
  readonly extension: string;
  /** URL of a compiled module with the shape of DeviceModule. */
  readonly url: string;
  /** Given to the module; it travels to the thread by structured clone. */
  readonly options?: unknown;
}

/** What the module of a device exports. */
export interface DeviceModule {
  /** Called once per thread: what all its processes share, such as weights, is kept in here. */
  createDeviceFactory(thread: DeviceThread, options: unknown): DeviceFactory;
}

/** What a thread gives to the devices in it. */
export interface DeviceThread {
  /** Data of an item or transaction on the gateway, in memory that all threads share. */
  bytes(id: string): Uint8Array | undefined;
}

/** Makes the device of one process; `emit` tells the network what the device is doing. */
export type DeviceFactory = (emit: (event: DeviceEvent) => void) => Device;

export type Question =
  | 'wake'
  | 'evaluate'
  | 'dryRun'
  | 'checkpoint'
  | 'capture'
  | 'inspect'
  | 'hash'
  | 'memory'
  | 'drop';

export interface Request {
  readonly job: number;
  readonly question: Question;
  readonly process: string;
  /** To wake it. */
  readonly life?: Life | undefined;
  readonly checkpoint?: SavedMemory | undefined;
  /** To evaluate. */
  readonly input?: HostInput | undefined;
  /** To look into it. */
  readonly path?: readonly StateKey[] | undefined;
}

export type Answer = EvaluationResult | string | SavedMemory | Inspection | undefined;

export type Reply =
  /** Lines that ran since the last time; comes before what an evaluation answered. */
  | { readonly kind: 'lines'; readonly hits: LineHits }
  | { readonly kind: 'done'; readonly job: number; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly job: number; readonly code: string; readonly text: string }
  | {
      readonly kind: 'event';
      readonly process: string;
      readonly message?: string | undefined;
      readonly event: DeviceEvent;
    }
  /** The thread sleeps until `signal` is 1 and then finds the bytes at `port`. */
  | {
      readonly kind: 'blob';
      readonly id: string;
      readonly signal: Int32Array;
      readonly port: MessagePort;
    };

export interface ThreadData {
  readonly devices: readonly DeviceSpec[];
  /** Whether to count the lines of Lua that run. */
  readonly isWatched: boolean;
}
