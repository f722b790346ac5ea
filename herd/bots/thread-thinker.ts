/**
 * Thinks on a thread of its own, so that a network which runs in this program goes on while a bot
 * computes. The thread starts at the first question, and models travel to it once.
 */
import { Worker } from 'node:worker_threads';
import { compiledUrl } from '../../actors/compiled.js';
import type { Dispute, Role } from '../../opml/game.js';
import type { Decision } from '../../opml/play.js';
import { CorralError } from '../errors.js';
import type { Job, ReadModel, Thinker } from './thinker.js';

export interface Question {
  readonly number: number;
  readonly dispute: Dispute;
  readonly role: Role;
  readonly job: Job;
  /** The model's file, with the first question about it. */
  readonly model?: Uint8Array;
}

export type Answer =
  | { readonly number: number; readonly decision: Decision }
  | { readonly number: number; readonly code: string; readonly text: string };

interface Waiting {
  resolve(decision: Decision): void;
  reject(error: Error): void;
}

export function createThreadThinker(readModel: ReadModel): Thinker {
  const waiting = new Map<number, Waiting>();
  const sent = new Set<string>(); // models that the thread has
  let thread: Worker | undefined;
  let count = 0;
  let closed = false;

  const end = (cause?: unknown) => {
    thread = undefined;
    sent.clear();
    for (const { reject } of waiting.values()) reject(died(cause));
    waiting.clear();
  };
  const start = () => {
    const worker = new Worker(compiledUrl('herd/bots/thinker-thread.js'), { name: 'thinker' });
    worker.on('message', (answer: Answer) => {
      const asked = waiting.get(answer.number);
      waiting.delete(answer.number);
      if ('decision' in answer) asked?.resolve(answer.decision);
      else asked?.reject(Object.assign(new Error(answer.text), { code: answer.code }));
    });
    worker.on('error', end);
    worker.on('exit', () => worker === thread && end());
    return worker;
  };
  return {
    async decide(dispute: Dispute, role: Role, job: Job) {
      const model = sent.has(job.model) ? undefined : await readModel(job.model);
      if (closed) throw died();
      thread ??= start();
      sent.add(job.model);
      const question: Question = { number: count++, dispute, role, job, ...(model && { model }) };
      const { number } = question;
      const decision = new Promise<Decision>((resolve, reject) => {
        waiting.set(number, { resolve, reject });
      });
      thread.postMessage(question);
      return decision;
    },
    async close() {
      closed = true;
      await thread?.terminate();
    },
  };
}

function died(cause?: unknown): CorralError {
  const text = cause instanceof Error ? `: ${cause.message}` : '';
  return new CorralError('BOT_THREAD_ENDED', `the thread of a bot ended${text}`, {
    hint: 'It starts again with the next move. If it never starts, build Corral (npm run build).',
    cause,
  });
}
