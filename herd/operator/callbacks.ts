/**
 * Tells callbacks what became of their questions, at least once: tried again with a growing pause
 * until the server says 2xx or the tries are used up. A callback whose reply was lost is told again,
 * so each carries its req_id as Idempotency-Key too.
 */
import { type Fetch, postJson } from './post.js';
import { callbackBody, type OperatorRequest } from './requests.js';
import { pause, type Timer } from './timer.js';

export interface CallbackOptions {
  readonly nodeId: string;
  readonly fetch: Fetch;
  readonly timer: Timer;
  /** Takes a line for the log. */
  readonly log: (line: string) => void;
}

export interface Callbacks {
  /** Resolves when the request is `delivered` or `undelivered`; never rejects. */
  deliver(request: OperatorRequest): Promise<void>;
  /** From now on nothing waits: what is left is tried once more, at once. */
  hurry(): void;
}

/** The last try is about 4 minutes after the first. */
export const CALLBACK_TRIES = 10;
export const CALLBACK_LIMIT_MS = 60_000; // of one try, as in the original
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 64_000;

/** Pause after a failed try: 1 s, doubled each time, up to 64 s. */
export function pauseAfter(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

export function createCallbacks({ nodeId, fetch, timer, log }: CallbackOptions): Callbacks {
  const hurry = new AbortController();
  const attempt = (request: OperatorRequest) =>
    postJson(
      { fetch, timer },
      {
        url: request.question.callback,
        body: JSON.stringify(callbackBody(nodeId, request)),
        headers: { 'Idempotency-Key': request.reqId },
        limitMs: CALLBACK_LIMIT_MS,
      },
    );
  return {
    async deliver(request) {
      request.state = 'delivering';
      if (request.failure) log(`no answer to ${request.reqId}: ${request.failure.message}`);
      for (;;) {
        const isLast = hurry.signal.aborted || request.attempts + 1 === CALLBACK_TRIES;
        request.attempts += 1;
        const failure = await attempt(request);
        if (failure === undefined) {
          request.state = 'delivered';
          log(`callback of ${request.reqId} told`);
          return;
        }
        request.callbackError = failure;
        if (isLast) break;
        if (request.attempts === 1)
          log(`callback of ${request.reqId} failed: ${failure}; trying on`);
        const waitMs = pauseAfter(request.attempts);
        request.nextAttemptMs = timer.now() + waitMs;
        await pause(timer, waitMs, hurry.signal);
        delete request.nextAttemptMs;
      }
      request.state = 'undelivered';
      const { reqId, attempts, callbackError } = request;
      log(`callback of ${reqId} given up after ${attempts} tries: ${callbackError}`);
    },
    hurry: () => hurry.abort(),
  };
}
