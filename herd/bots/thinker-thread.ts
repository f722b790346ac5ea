/** The thread of thread-thinker.ts: answers one question after another. */
import { parentPort } from 'node:worker_threads';
import { createThinker } from './thinker.js';
import type { Answer, Question } from './thread-thinker.js';

const models = new Map<string, Uint8Array>();
const thinker = createThinker(async (id) => models.get(id) ?? new Uint8Array());

parentPort?.on('message', async ({ number, dispute, role, job, model }: Question) => {
  if (model) models.set(job.model, model);
  let answer: Answer;
  try {
    answer = { number, decision: await thinker.decide(dispute, role, job) };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    answer = { number, code: String(code ?? 'BOT_FAILED'), text: message ?? String(error) };
  }
  parentPort?.postMessage(answer);
});
