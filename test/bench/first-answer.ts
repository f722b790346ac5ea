/**
 * What a newcomer waits for: from `git clone` to the first answer, and on later starts until the
 * network is ready and the answer begins.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchContext, Row } from './row.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const READY = /ready in/i;
const ANSWER = /\bRES\b/;

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'corral-clone-'));
  try {
    const start = performance.now();
    note('cloning and starting for the first time ...');
    execFileSync('git', ['clone', '--quiet', root, join(folder, 'corral')]);
    const cloned = (performance.now() - start) / 1000;
    const first = await playSession(join(folder, 'corral'));
    const bar = 'at most 120 s';
    yield { name: 'start.clone-to-answer', value: cloned + first.answer, unit: 's', bar };
    note('starting again ...');
    const later = await playSession(join(folder, 'corral'));
    yield { name: 'start.ready-later', value: later.ready, unit: 's', bar: 'under 2 s' };
    const wait = later.answer - later.ready;
    yield { name: 'start.ready-to-answer', value: wait, unit: 's', bar: 'within 5 s' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Plays the session without a terminal; seconds until it was ready and until its first answer. */
async function playSession(cwd: string): Promise<{ ready: number; answer: number }> {
  const start = performance.now();
  const child = spawn('npm', ['start'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const seen = { ready: Number.NaN, answer: Number.NaN };
  const errors: string[] = [];
  let text = '';
  const watch = (chunk: Buffer) => {
    text += chunk.toString();
    const seconds = (performance.now() - start) / 1000;
    if (Number.isNaN(seen.ready) && READY.test(text)) seen.ready = seconds;
    if (Number.isNaN(seen.answer) && ANSWER.test(text)) seen.answer = seconds;
  };
  child.stdout.on('data', watch);
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk.toString());
    watch(chunk);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`npm start ended with ${code}:\n${errors.join('')}`);
  return seen;
}

export const firstAnswer: Bench = {
  name: 'start',
  about: 'from clone to the first answer, and later starts',
  run,
};
