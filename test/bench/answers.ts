/**
 * How good the demo model's answers are: every case of training/evaluation.json, answered greedily by
 * the engine and judged by the rules written there (on topic, well formed).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../herd/package-root.js';
import { loadModel } from '../../llama/model.js';
import { createSession, type Session } from '../../llama/session.js';
import type { Bench, BenchContext, Row } from './row.js';

interface Case {
  readonly prompt: string;
  readonly keywords: readonly string[];
  readonly maxTokens: number;
}

interface Evaluation {
  readonly groups: Readonly<Record<string, readonly Case[]>>;
}

interface Answer {
  readonly text: string;
  /** True if the model ended it, false if it was cut. */
  readonly ended: boolean;
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const file = join(packageRoot, 'training', 'evaluation.json');
  const { groups } = JSON.parse(readFileSync(file, 'utf8')) as Evaluation;
  const model = loadModel(readFileSync(join(packageRoot, 'models', 'corral-llama.gguf')));
  const session = createSession(model);
  for (const [group, cases] of Object.entries(groups)) {
    const good = cases.filter((one) => {
      const answer = complete(session, one);
      const passed = isOnTopic(answer, one) && isWellFormed(answer);
      if (!passed)
        note(`${group}: ${JSON.stringify(one.prompt)} -> ${JSON.stringify(answer.text)}`);
      return passed;
    });
    const share = (100 * good.length) / cases.length;
    yield { name: `answers.${group}`, value: share, unit: `% of ${cases.length} cases` };
  }
}

function complete(session: Session, { prompt, maxTokens }: Case): Answer {
  session.setPrompt(prompt);
  let text = '';
  for (let count = 0; count < maxTokens; count++) {
    const piece = session.next();
    if (piece === undefined) return { text: text.trim(), ended: true };
    text += piece;
  }
  return { text: text.trim(), ended: session.next() === undefined };
}

function isOnTopic({ text }: Answer, { keywords }: Case): boolean {
  const lower = text.toLowerCase();
  return keywords.some((keyword) => lower.includes(keyword.toLowerCase()));
}

function isWellFormed({ text, ended }: Answer): boolean {
  const closed = /[.!?]["')\]”’]*$/.test(text);
  const printable = !/[^\P{Cc}\n]|\uFFFD/u.test(text);
  return text !== '' && printable && (closed || !ended) && !repeatsItself(text);
}

/** True if a run of four words occurs twice. */
function repeatsItself(text: string): boolean {
  const words = text.toLowerCase().split(/\s+/);
  const runs = words.slice(3).map((_, index) => words.slice(index, index + 4).join(' '));
  return new Set(runs).size < runs.length;
}

export const answers: Bench = {
  name: 'answers',
  about: "share of the demo model's answers that are on topic and well formed",
  run,
};
