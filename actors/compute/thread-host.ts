/**
 * The host of processes with devices: compute threads, so that inference never holds up the network.
 * A process is pinned to one thread; threads start when they are first needed. When one ends by
 * itself, its processes are asleep until the compute unit wakes them on another.
 */
import { Worker } from 'node:worker_threads';
import { ActorError, networkClosed } from '../errors.js';
import type { DeviceEvent } from '../events.js';
import type { LineHits } from '../lua/line-hits.js';
import type { LineHook } from '../lua/line-hook.js';
import type { Lease } from '../ports.js';
import { createSharedBlobs } from '../shared-blobs.js';
import type { ProcessHost } from './host.js';
import type { Answer, DeviceSpec, Reply, Request, ThreadData } from './thread-protocol.js';

export interface ThreadHostOptions {
  /** Most threads. */
  readonly threads: number;
  /** The compiled thread entry. */
  readonly entry: URL;
  readonly devices: readonly DeviceSpec[];
  readonly lease: Lease;
  /** Data on the gateway, shared with all threads as one copy. What it throws is no data. */
  readonly data: (id: string) => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Told of the lines of Lua that ran, some time after they did and in no order. */
  readonly watch?: LineHook | undefined;
  /** Told why there is no data. */
  readonly onDataError: (error: unknown) => void;
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

type About = Omit<Request, 'job' | 'process'>;

interface PendingJob {
  readonly thread: Thread;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  settle: (() => void) | undefined;
}

export function createThreadHost(options: ThreadHostOptions): ProcessHost {
  const pool = createPool(options);
  const awake = new Set<string>();
  const pending = new Map<number, PendingJob>(); // in the order of asking
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
  const answer = (job: number, settle: (pending: PendingJob) => void) => {
    const asked = pending.get(job);
    if (asked) asked.settle ??= () => settle(asked);
    settleReady();
  };
  pool.onReply = (reply) => {
    if (reply.kind === 'done') answer(reply.job, ({ resolve }) => resolve(reply.answer));
    else answer(reply.job, ({ reject }) => reject(failure(reply.code, reply.text)));
  };
  pool.onEnd = (thread, cause) => {
    for (const process of thread.processes) awake.delete(process);
    for (const [job, asked] of [...pending]) {
      const error = closed ? networkClosed() : died(thread.name, cause);
      if (asked.thread === thread) answer(job, ({ reject }) => reject(error));
    }
  };
  const ask = <Kind extends Answer>(process: string, about: About): Promise<Kind> => {
    if (closed) return Promise.reject(networkClosed());
    const thread = pool.threadOf(process);
    thread.processes.add(process);
    const job = jobs++;
    return new Promise<Kind>((resolve, reject) => {
      const settle = resolve as (answer: Answer) => void;
      pending.set(job, { thread, resolve: settle, reject, settle: undefined });
      thread.worker.postMessage({ job, process, ...about } satisfies Request);
    });
  };
  return {
    takesTime: true,
    isAwake: (process) => awake.has(process),
    async wake(life, checkpoint) {
      awake.add(life.id); // what is asked from now on comes after it
      try {
        await ask(life.id, { question: 'wake', life, checkpoint });
      } catch (error) {
        awake.delete(life.id);
        throw error;
      }
    },
    evaluate: (process, input) => ask(process, { question: 'evaluate', input }),
    dryRun: (process, input) => ask(process, { question: 'dryRun', input }),
    checkpoint: (process) => ask(process, { question: 'checkpoint' }),
    capture: (process) => ask(process, { question: 'capture' }),
    inspect: (process, path) => ask(process, { question: 'inspect', path }),
    hash: (process) => ask(process, { question: 'hash' }),
    memory: (process) => ask(process, { question: 'memory' }),
    drop(process) {
      const thread = pool.leave(process);
      const request: Request = { job: jobs++, question: 'drop', process };
      if (awake.delete(process)) thread?.worker.postMessage(request); // nobody waits for an answer
    },
    async close() {
      closed = true;
      await pool.close();
    },
  };
}

interface Pool {
  /** The thread that a process is pinned to. */
  threadOf(process: string): Thread;
  /** Unpins a process. @returns the thread that it was pinned to */
  leave(process: string): Thread | undefined;
  onReply: (reply: Extract<Reply, { kind: 'done' | 'failed' }>) => void;
  /** A thread has ended and left the pool. */
  onEnd: (thread: Thread, cause?: unknown) => void;
  /** Ends all threads, in the middle of whatever they do. */
  close(): Promise<void>;
}

function createPool(options: ThreadHostOptions): Pool {
  const { lease } = options;
  const threads = new Set<Thread>();
  let started = 0;
  const share = createSharedBlobs(options.data);

  const end = (thread: Thread, cause?: unknown) => {
    if (!threads.delete(thread)) return; // an error is followed by an exit
    for (const process of thread.processes) lease.release(process, thread.name);
    pool.onEnd(thread, cause);
  };
  const answerBlob = async ({ id, port, signal }: Extract<Reply, { kind: 'blob' }>) => {
    const memory = await share(id).catch(options.onDataError);
    port.postMessage(memory ?? undefined);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  };
  const start = (name: string): Thread => {
    started++;
    const { devices, watch } = options;
    const workerData: ThreadData = { devices, isWatched: watch !== undefined };
    const worker = new Worker(options.entry, { workerData, name });
    const thread = { name, worker, processes: new Set<string>() };
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'event') options.onEvent(reply.process, reply.message, reply.event);
      else if (reply.kind === 'blob') void answerBlob(reply);
      else if (reply.kind === 'lines') tellLines(watch ?? ignore, reply.hits);
      else pool.onReply(reply);
    });
    worker.on('error', (cause) => end(thread, cause));
    worker.on('exit', () => end(thread));
    threads.add(thread);
    return thread;
  };
  const pool: Pool = {
    onReply: ignore,
    onEnd: ignore,
    threadOf(process) {
      const isFull = threads.size >= Math.max(1, options.threads);
      const [least] = [...threads].sort((a, b) => a.processes.size - b.processes.size);
      const free = least && (isFull || least.processes.size === 0) ? least.name : undefined;
      const name = lease.acquire(process, free ?? `compute-${started}`);
      return [...threads].find((thread) => thread.name === name) ?? start(name);
    },
    leave(process) {
      const thread = [...threads].find(({ processes }) => processes.delete(process));
      if (thread) lease.release(process, thread.name);
      return thread;
    },
    async close() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
  return pool;
}

function tellLines(watch: LineHook, hits: LineHits): void {
  for (const [source, counts] of hits) {
    counts.forEach((times, line) => {
      for (let i = 0; i < times; i += 1) watch(0, source, line);
    });
  }
}

function ignore(): void {
  // until somebody listens
}

/** An error of the thread, with its own code. */
function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code });
}

function died(name: string, cause?: unknown): ActorError {
  const text = cause instanceof Error ? `: ${cause.message}` : '';
  return new ActorError('COMPUTE_FAILED', `the compute thread ${name} ended${text}`, {
    hint:
      'Its processes replay from the log with their next message. ' +
      'If no thread starts at all, build Corral (npm run build).',
    cause,
  });
}
