/**
 * The host of processes with devices: compute threads, so that inference never holds up the network.
 * A process is pinned to one thread; threads start when they are first needed.
 */
import { Worker } from 'node:worker_threads';
import { ActorError } from './errors.js';
import type { DeviceEvent } from './events.js';
import type { HostInput, Life, ProcessHost } from './host.js';
import type { Lease } from './ports.js';
import type { EvaluationResult } from './result.js';
import type {
  Answer,
  DeviceSpec,
  Question,
  Reply,
  Request,
  ThreadData,
} from './thread-protocol.js';

export interface ThreadHostOptions {
  /** Most threads. */
  readonly threads: number;
  /** The compiled thread entry. */
  readonly entry: URL;
  readonly devices: readonly DeviceSpec[];
  readonly lease: Lease;
  /** Data on the gateway, shared with all threads as one copy. */
  readonly data: (id: string) => Uint8Array | undefined;
  readonly onEvent: (process: string, message: string | undefined, event: DeviceEvent) => void;
  /**
   * True to answer in the order of the questions, whichever thread is done first: in virtual time an
   * evaluation takes no time, and the same inputs must give the same log.
   */
  readonly ordered: boolean;
}

interface Thread {
  readonly name: string;
  readonly worker: Worker;
  readonly processes: Set<string>;
}

interface PendingJob {
  readonly thread: Thread;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  settle: (() => void) | undefined;
}

export function createThreadHost(options: ThreadHostOptions): ProcessHost {
  const { lease } = options;
  const threads: Thread[] = [];
  const pending = new Map<number, PendingJob>(); // in the order of asking
  const shared = new Map<string, SharedArrayBuffer | undefined>();
  let jobs = 0;
  let closed = false;

  const settleReady = () => {
    for (const [job, { settle }] of pending) {
      if (settle) {
        pending.delete(job);
        settle();
      } else if (options.ordered) return;
    }
  };
  const failAll = (thread: Thread, error: ActorError) => {
    for (const job of pending.values()) {
      if (job.thread === thread) job.settle ??= () => job.reject(error);
    }
    settleReady();
  };
  const share = (id: string) => {
    if (!shared.has(id)) shared.set(id, toShared(options.data(id)));
    return shared.get(id);
  };
  const receive = (reply: Reply) => {
    if (reply.kind === 'event') {
      options.onEvent(reply.process, reply.message, reply.event);
    } else if (reply.kind === 'blob') {
      reply.port.postMessage(share(reply.id));
      Atomics.store(reply.signal, 0, 1);
      Atomics.notify(reply.signal, 0);
    } else {
      const job = pending.get(reply.job);
      if (!job) return;
      job.settle =
        reply.kind === 'done'
          ? () => job.resolve(reply.answer)
          : () => job.reject(failure(reply.code, reply.text));
      settleReady();
    }
  };
  const startThread = (): Thread => {
    const workerData: ThreadData = { devices: options.devices };
    const worker = new Worker(options.entry, { workerData, name: `compute-${threads.length}` });
    const thread = { name: `compute-${threads.length}`, worker, processes: new Set<string>() };
    worker.on('message', receive);
    worker.on('error', (cause) => failAll(thread, died(thread.name, cause)));
    worker.on('exit', () => failAll(thread, closed ? networkClosed() : died(thread.name)));
    threads.push(thread);
    return thread;
  };
  const threadOf = (process: string): Thread => {
    const least = threads.reduce<Thread | undefined>(
      (best, each) => (best && best.processes.size <= each.processes.size ? best : each),
      undefined,
    );
    const isFull = threads.length >= Math.max(1, options.threads);
    const candidate = least && (isFull || least.processes.size === 0) ? least.name : '';
    const holder = lease.acquire(process, candidate || `compute-${threads.length}`);
    return threads.find(({ name }) => name === holder) ?? startThread();
  };
  const ask = <Kind extends Answer>(question: Question, life: Life, input?: HostInput) => {
    if (closed) return Promise.reject(networkClosed());
    const thread = threadOf(life.id);
    const isNew = !thread.processes.has(life.id);
    thread.processes.add(life.id);
    const job = jobs++;
    return new Promise<Kind>((resolve, reject) => {
      pending.set(job, {
        thread,
        resolve: resolve as (answer: Answer) => void,
        reject,
        settle: undefined,
      });
      const process = life.id;
      const request: Request = { job, question, process, input, life: isNew ? life : undefined };
      thread.worker.postMessage(request);
    });
  };
  return {
    evaluate: (life, input) => ask<EvaluationResult>('evaluate', life, input),
    dryRun: (life, input) => ask<EvaluationResult>('dryRun', life, input),
    hash: (life) => ask<string>('hash', life),
    memory: (life) => ask<Uint8Array>('memory', life),
    async close() {
      closed = true;
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
      for (const thread of threads) failAll(thread, networkClosed());
      for (const { name, processes } of threads) {
        for (const process of processes) lease.release(process, name);
      }
    },
  };
}

function toShared(bytes: Uint8Array | undefined): SharedArrayBuffer | undefined {
  if (!bytes) return undefined;
  const memory = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(memory).set(bytes);
  return memory;
}

/** An error of the thread, with its own code. */
function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}

function died(name: string, cause?: unknown): ActorError {
  const text = cause instanceof Error ? `: ${cause.message}` : '';
  return new ActorError('COMPUTE_FAILED', `the compute thread ${name} ended${text}`, {
    hint: 'Build Corral (npm run build), and start a new network: its processes replay from the log.',
    cause,
  });
}

function networkClosed(): ActorError {
  return new ActorError('NETWORK_CLOSED', 'the network was closed in the middle of an evaluation', {
    hint: 'Wait for the receipt before closing the network.',
  });
}
