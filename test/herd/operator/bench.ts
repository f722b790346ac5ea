/**
 * What an operator has around it, for tests: a timer moved by hand, a server that takes callbacks, and
 * an answerer that answers when it is told to. Everything between them is the real thing, over HTTP.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseOperatorConfig } from '../../../herd/operator/config.js';
import type { Answer, Answerer } from '../../../herd/operator/requests.js';
import {
  type OperatorService,
  type OperatorServiceOptions,
  startOperatorService,
} from '../../../herd/operator/service.js';
import type { Timer } from '../../../herd/operator/timer.js';

/** A promise for each value that arrives, whichever of the two comes first. */
class Arrivals<T> {
  readonly #arrived: T[] = [];
  readonly #awaited: ((value: T) => void)[] = [];

  add(value: T): void {
    const waiting = this.#awaited.shift();
    if (waiting) waiting(value);
    else this.#arrived.push(value);
  }

  next(): Promise<T> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift() as T);
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  get unread(): number {
    return this.#arrived.length;
  }
}

/** Time stands still until `advance`. */
export class HandTimer implements Timer {
  #nowMs = 1_000_000;
  readonly #due = new Set<{ readonly atMs: number; readonly run: () => void }>();
  readonly #watchers = new Map<number, Arrivals<void>>();

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + ms, run };
    this.#due.add(entry);
    this.#of(ms).add();
    return () => this.#due.delete(entry);
  }

  /** Resolves when something was put off by exactly this time; each such thing is told once. */
  putOff(ms: number): Promise<void> {
    return this.#of(ms).next();
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const entry of [...this.#due].sort((a, b) => a.atMs - b.atMs)) {
      if (entry.atMs > this.#nowMs || !this.#due.delete(entry)) continue;
      entry.run();
    }
  }

  #of(ms: number): Arrivals<void> {
    const arrivals = this.#watchers.get(ms) ?? new Arrivals<void>();
    this.#watchers.set(ms, arrivals);
    return arrivals;
  }
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, string>;
}

/** Takes callbacks; what it answers is up to the test. */
export class Receiver {
  readonly received = new Arrivals<Received>();
  readonly closed = new Arrivals<void>();
  respond: (response: ServerResponse, count: number) => void = (response) => response.end('ok');
  count = 0;
  readonly #server = createServer((request, response) => {
    response.on('close', () => this.closed.add());
    void this.#take(request, response);
  });

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.count += 1;
    const { headers, url = '' } = request;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    this.received.add({ path: url, headers, body });
    this.respond(response, this.count);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}

export const ANSWER: Answer = {
  answer: 'To graze.',
  stateRoot: `0x${'ab'.repeat(32)}`,
  claim: 'herder:1',
  tokens: 3,
  stopReason: 'end',
};

/** Answers when the test says so. */
export class HandAnswerer implements Answerer {
  readonly asked = new Arrivals<{ readonly reqId: string; readonly prompt: string }>();
  readonly #open = new Map<string, (outcome: Answer | Error) => void>();
  readonly workers: number;

  constructor(workers = 1) {
    this.workers = workers;
  }

  ask(question: { readonly reqId: string; readonly prompt: string }): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#open.set(question.reqId, (outcome) =>
        outcome instanceof Error ? reject(outcome) : resolve(outcome),
      );
    });
    this.asked.add(question);
    return answer;
  }

  /** Answers the question that was asked first and is still open. */
  answer(outcome: Answer | Error = ANSWER): void {
    const [first] = this.#open;
    if (!first) throw new Error('nothing was asked');
    this.#open.delete(first[0]);
    first[1](outcome);
  }

  /** Answers all that is open. */
  answerAll(): void {
    for (let left = this.#open.size; left > 0; left--) this.answer();
  }
}

export interface Reply {
  readonly status: number;
  readonly body: { code: number; msg: string; data: Record<string, unknown> };
}

export interface Bench {
  readonly operator: OperatorService;
  readonly answerer: HandAnswerer;
  readonly timer: HandTimer;
  readonly receiver: Receiver;
  readonly log: Arrivals<string>;
  /** A question of the served model with the receiver as its callback, but for the given fields. */
  ask(fields?: Record<string, unknown>): Promise<Reply>;
  call(method: string, path: string, body?: string): Promise<Reply>;
  /** What GET /api/v1/requests/{req_id} tells. */
  request(reqId: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface BenchOptions extends OperatorServiceOptions {
  readonly workers?: number;
  /** More lines of the config. */
  readonly lines?: string;
}

export async function openBench({ workers, lines, ...options }: BenchOptions = {}): Promise<Bench> {
  const [answerer, timer] = [new HandAnswerer(workers), new HandTimer()];
  const log = new Arrivals<string>();
  const receiver = await new Receiver().listen();
  const operator = await startOperatorService(answerer, 'llama', {
    config: parseOperatorConfig(`port: "0"\n${lines ?? ''}`),
    timer,
    log: (line) => log.add(line),
    ...options,
  });
  const call = async (method: string, path: string, body?: string): Promise<Reply> => {
    const init = body === undefined ? { method } : { method, body };
    const response = await fetch(`${operator.url}${path}`, init);
    return { status: response.status, body: (await response.json()) as Reply['body'] };
  };
  return {
    operator,
    answerer,
    timer,
    receiver,
    log,
    call,
    ask: (fields = {}) => {
      const question = { model: 'llama', prompt: 'Why?', callback: `${receiver.url}/back` };
      return call('POST', '/api/v1/question', JSON.stringify({ ...question, ...fields }));
    },
    request: async (reqId) => (await call('GET', `/api/v1/requests/${reqId}`)).body.data,
    async close() {
      const stopped = operator.stop();
      answerer.answerAll();
      await receiver.close();
      await stopped;
    },
  };
}
