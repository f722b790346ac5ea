/**
 * Tokens while they come: which worker writes, how many it has, how fast, and the text so far. Fed
 * with the events of a network; where it is shown is up to the caller.
 */
import type { NetworkEvent } from '../index.js';
import { truncate } from './format.js';

export interface Answer {
  /** Process that computes it, and the message it answers. */
  readonly worker: string;
  readonly message: string;
  text: string;
  tokens: number;
  readonly startedMs: number;
}

export interface TokenProgress {
  /** Takes an event; returns the answer that it moved, if it is a token. */
  take(event: NetworkEvent): Answer | undefined;
  /** Takes an event; returns the answer that it ended, if any. */
  finish(event: NetworkEvent): Answer | undefined;
  readonly active: number;
}

const MIN_RATED_SECONDS = 0.25;

/** @param now milliseconds of any clock, for rates */
export function createTokenProgress(now: () => number): TokenProgress {
  const answers = new Map<string, Answer>();
  return {
    take: (event) => {
      if (event.type !== 'device' || event.event.type !== 'token') return undefined;
      const message = event.message ?? '';
      let answer = answers.get(event.process);
      if (answer === undefined || answer.message !== message) {
        answer = { worker: event.process, message, text: '', tokens: 0, startedMs: now() };
        answers.set(event.process, answer);
      }
      answer.text += event.event.text;
      answer.tokens += 1;
      return answer;
    },
    finish: (event) => {
      if (event.type !== 'evaluated') return undefined;
      const answer = answers.get(event.process);
      if (answer === undefined || answer.message !== event.message) return undefined;
      answers.delete(event.process);
      return answer;
    },
    get active() {
      return answers.size;
    },
  };
}

/**
 * `llama-1: 12 tokens, 31 tok/s: The meaning of life`, cut at the left of the text to fit.
 *
 * @param name how to call the worker
 */
export function describeProgress(
  answer: Answer,
  name: string,
  nowMs: number,
  columns: number,
): string {
  const head = `${name}: ${answer.tokens} tokens${rate(answer, nowMs)}: `;
  const text = [...answer.text.trim().replaceAll(/\s+/g, ' ')];
  const room = columns - [...head].length;
  const tail =
    text.length <= room ? text.join('') : `…${text.slice(text.length - room + 1).join('')}`;
  return truncate(head + tail, columns);
}

/** Speed since the first token. A short time says nothing: pieces may arrive several at once. */
function rate(answer: Answer, nowMs: number): string {
  const seconds = (nowMs - answer.startedMs) / 1000;
  return seconds < MIN_RATED_SECONDS ? '' : `, ${((answer.tokens - 1) / seconds).toFixed(0)} tok/s`;
}
