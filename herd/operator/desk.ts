/**
 * The operator's desk: takes questions in, has them answered and their callbacks told, and remembers
 * what became of them. That a callback is slow or dead holds up nobody: it takes no worker.
 */
import { createAnswerQueue } from './answer-queue.js';
import type { Callbacks } from './callbacks.js';
import { OperatorError, type RefusalCode } from './errors.js';
import { isSameQuestion, type Question } from './question.js';
import { type Answerer, isSettled, type OperatorRequest } from './requests.js';
import type { Timer } from './timer.js';

export interface DeskOptions {
  readonly answerer: Answerer;
  readonly callbacks: Callbacks;
  readonly timer: Timer;
  /** Names a request whose caller did not. */
  readonly newId: () => string;
  /** Questions that wait for a worker. @default 32 */
  readonly queueMax?: number | undefined;
  /** Requests remembered, by which repeated ones are known. @default 1000 */
  readonly requestsMax?: number | undefined;
}

/** What became, at a stop, of the requests that were under way: their req_ids. */
export interface StopReport {
  readonly delivered: readonly string[];
  readonly undelivered: readonly string[];
}

export interface Desk {
  /**
   * Takes a question in; one that was taken before, by its req_id, is only found again.
   * @throws {REQUEST_CONFLICT, QUEUE_FULL, OPERATOR_STOPPING}
   */
  submit(question: Question): OperatorRequest;
  /** @throws {REQUEST_UNKNOWN} */
  find(reqId: string): OperatorRequest;
  /** True while no worker is free: a new question would have to wait. */
  isBusy(): boolean;
  /** Questions that wait or are being answered. */
  queueLength(): number;
  /**
   * Takes nothing in any more, tells those that wait that they will not be answered, and resolves when
   * the answers and callbacks under way are through. To be called once.
   */
  stop(): Promise<StopReport>;
}

const QUEUE_MAX = 32;
const REQUESTS_MAX = 1000;

export function createDesk(options: DeskOptions): Desk {
  const { answerer, callbacks, timer, newId } = options;
  const { queueMax = QUEUE_MAX, requestsMax = REQUESTS_MAX } = options;
  const requests = new Map<string, OperatorRequest>();
  const deliveries = new Set<Promise<void>>();
  const deliver = (request: OperatorRequest) => {
    const delivery = callbacks.deliver(request).finally(() => deliveries.delete(delivery));
    deliveries.add(delivery);
  };
  const queue = createAnswerQueue({ answerer, timer, onAnswered: deliver });
  let stopping = false;

  const stop = async (): Promise<StopReport> => {
    stopping = true;
    const open = [...requests.values()].filter((request) => !isSettled(request));
    for (const request of queue.clear()) {
      const message = 'the operator stopped before it came to this question';
      request.failure = { code: 'OPERATOR_STOPPED', message };
      deliver(request);
    }
    callbacks.hurry();
    await queue.settled();
    await Promise.all(deliveries);
    const idsOf = (state: OperatorRequest['state']) =>
      open.filter((request) => request.state === state).map(({ reqId }) => reqId);
    return { delivered: idsOf('delivered'), undelivered: idsOf('undelivered') };
  };

  /** Forgets the oldest request that is over, if there are too many. */
  const makeRoom = () => {
    if (queue.isBusy() && queue.waiting.length >= queueMax) {
      throw refusal('QUEUE_FULL', `${queue.waiting.length} questions wait already`, TRY_LATER);
    }
    if (requests.size < requestsMax) return;
    const oldest = [...requests.values()].find(isSettled);
    if (oldest) requests.delete(oldest.reqId);
    else throw refusal('QUEUE_FULL', `${requests.size} callbacks are still owed`, TRY_LATER);
  };

  return {
    submit(question) {
      const { reqId = newId() } = question;
      const known = requests.get(reqId);
      if (known && isSameQuestion(known.question, question)) return known;
      if (known) throw conflict(reqId);
      if (stopping) throw refusal('OPERATOR_STOPPING', 'the operator is stopping', 'Ask another.');
      makeRoom();
      const request: OperatorRequest = { reqId, question, state: 'waiting', attempts: 0 };
      requests.set(reqId, request);
      queue.add(request);
      return request;
    },
    find(reqId) {
      const request = requests.get(reqId);
      if (request) return request;
      const hint = `The latest ${requestsMax} requests are remembered, until the operator stops.`;
      throw refusal('REQUEST_UNKNOWN', `there is no request "${reqId}"`, hint);
    },
    isBusy: queue.isBusy,
    queueLength: () => queue.waiting.length + queue.answering,
    stop,
  };
}

const TRY_LATER = 'Try again later; nothing was started.';

function conflict(reqId: string): OperatorError {
  const message = `the req_id "${reqId}" was given to another question`;
  return refusal('REQUEST_CONFLICT', message, 'Give each question a req_id of its own.');
}

function refusal(code: RefusalCode, message: string, hint: string): OperatorError {
  return new OperatorError(code, message, { hint });
}
