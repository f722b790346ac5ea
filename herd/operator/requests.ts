/**
 * What becomes of a question: it waits, is answered by the herd, and is told to its callback. A
 * request goes through its states in this order and always ends in one of the last two.
 */
import type { FailureCode } from './errors.js';
import type { Question } from './question.js';

export type RequestState = 'waiting' | 'answering' | 'delivering' | 'delivered' | 'undelivered';

/** An answer of the herd, with the claim that a worker made about it. */
export interface Answer {
  readonly answer: string;
  /** `0x` and the root of the claim in hexadecimal. */
  readonly stateRoot: string;
  /** Id of the claim at the arbiter. */
  readonly claim: string;
  readonly tokens: number;
  readonly stopReason: string;
}

/** Whoever computes answers. */
export interface Answerer {
  /** Questions that it answers at the same time. */
  readonly workers: number;
  /** Rejects with the reason if there is no answer. */
  ask(question: { readonly reqId: string; readonly prompt: string }): Promise<Answer>;
}

export interface OperatorRequest {
  readonly reqId: string;
  readonly question: Question;
  state: RequestState;
  answer?: Answer;
  /** Why there is no answer; the callback is told that instead. */
  failure?: { readonly code: FailureCode; readonly message: string };
  /** Callback attempts so far. */
  attempts: number;
  /** Why the latest attempt failed. */
  callbackError?: string;
  /** When the next attempt is due, ms since 1970; absent while one is under way, and at the end. */
  nextAttemptMs?: number;
}

export function isSettled({ state }: OperatorRequest): boolean {
  return state === 'delivered' || state === 'undelivered';
}

/** What the callback is told: the shape of the original; `error` only if there is no answer. */
export function callbackBody(nodeId: string, request: OperatorRequest): Record<string, string> {
  const { reqId, question, answer, failure } = request;
  return {
    node_id: nodeId,
    req_id: reqId,
    model: question.model,
    prompt: question.prompt,
    answer: answer?.answer ?? '',
    state_root: answer?.stateRoot ?? '',
    ...(failure ? { error: `${failure.code}: ${failure.message}` } : {}),
  };
}

/** What GET /api/v1/requests/{req_id} tells. */
export function describeRequest(request: OperatorRequest): Record<string, unknown> {
  const { reqId, question, state, answer, failure } = request;
  const { attempts, callbackError, nextAttemptMs } = request;
  return {
    req_id: reqId,
    model: question.model,
    state,
    ...(answer && {
      answer: answer.answer,
      state_root: answer.stateRoot,
      claim: answer.claim,
      tokens: answer.tokens,
      stop_reason: answer.stopReason,
    }),
    ...(failure && { error: `${failure.code}: ${failure.message}` }),
    callback: {
      attempts,
      ...(callbackError !== undefined && { last_error: callbackError }),
      ...(nextAttemptMs !== undefined && { next_attempt: new Date(nextAttemptMs).toISOString() }),
    },
  };
}
