/**
 * Hands questions to the workers, one to each, in the order in which they came. However an answer
 * ends, the worker that gave it is free again.
 */
import { type FailureCode, OperatorError } from './errors.js';
import type { Answerer, OperatorRequest } from './requests.js';
import type { Timer } from './timer.js';

export interface AnswerQueueOptions {
  readonly answerer: Answerer;
  readonly timer: Timer;
  /** Called with each request once it has its answer, or the reason why there is none. */
  readonly onAnswered: (request: OperatorRequest) => void;
}

export interface AnswerQueue {
  add(request: OperatorRequest): void;
  /** True while no worker is free: what is added has to wait. */
  isBusy(): boolean;
  /** Requests that no worker has begun. */
  readonly waiting: readonly OperatorRequest[];
  readonly answering: number;
  /** Takes out what waits. */
  clear(): OperatorRequest[];
  /** Resolves when the answers under way are through. */
  settled(): Promise<unknown>;
}

/** An answer that takes longer is given up; the herder has given its worker up by then, too. */
export const ANSWER_LIMIT_MS = 600_000;

export function createAnswerQueue(options: AnswerQueueOptions): AnswerQueue {
  const { answerer, timer, onAnswered } = options;
  const waiting: OperatorRequest[] = [];
  const underWay = new Set<Promise<void>>();
  const isBusy = () => underWay.size >= answerer.workers;
  const serveNext = () => {
    const next = isBusy() ? undefined : waiting.shift();
    if (!next) return;
    const job = answer(answerer, timer, next).then(() => {
      underWay.delete(job);
      onAnswered(next);
      serveNext();
    });
    underWay.add(job);
  };
  return {
    add(request) {
      waiting.push(request);
      serveNext();
    },
    isBusy,
    waiting,
    get answering() {
      return underWay.size;
    },
    clear: () => waiting.splice(0),
    settled: () => Promise.all(underWay),
  };
}

/** Never rejects: a failure is written down like an answer. */
async function answer(answerer: Answerer, timer: Timer, request: OperatorRequest): Promise<void> {
  request.state = 'answering';
  try {
    const { reqId, question } = request;
    request.answer = await withinLimit(answerer.ask({ reqId, prompt: question.prompt }), timer);
  } catch (error) {
    request.failure = describeFailure(error);
  }
}

/** @throws {ANSWER_TIMEOUT} */
function withinLimit<T>(promise: Promise<T>, timer: Timer): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timer.after(ANSWER_LIMIT_MS, () => {
      const message = `no answer within ${ANSWER_LIMIT_MS / 1000} s`;
      reject(new OperatorError('ANSWER_TIMEOUT', message, { hint: 'Ask again.' }));
    });
    promise.then(resolve, reject).finally(cancel);
  });
}

function describeFailure(error: unknown): { code: FailureCode; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const timedOut = error instanceof OperatorError && error.code === 'ANSWER_TIMEOUT';
  return { code: timedOut ? 'ANSWER_TIMEOUT' : 'ANSWER_FAILED', message };
}
