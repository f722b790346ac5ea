/**
 * Walks the road of docs/BRING-YOUR-OWN-MODEL.md as its reader would: every command and program in the
 * order of the page, in one folder, and what they print must be what the page shows. Training is
 * skipped where PyTorch is missing; the page goes on with the weights that come with Corral.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../herd/package-root.js';
import { deskEnvironment } from './desk.js';
import { snippetsOf } from './snippets.js';
import { findTorch, NO_TORCH } from './training/python.js';

/** Training takes ten seconds on a machine that does nothing else. */
const TIMEOUT_MS = 180_000;
const DOCUMENT = 'docs/BRING-YOUR-OWN-MODEL.md';
const python = findTorch();
const run = promisify(execFile);

// Under dist/, `corral` resolves to this package.
const scratch = join(packageRoot, 'dist', 'byo');
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
for (const name of ['models', 'training'])
  symlinkSync(join(packageRoot, name), join(scratch, name));

const corral = join(packageRoot, 'dist', 'cli', 'main.js');
const tsx = join(packageRoot, 'node_modules', '.bin', 'tsx');
const options = { cwd: scratch, env: deskEnvironment({ NO_COLOR: '1' }) };

/** What the page calls by name. */
const COMMANDS = `set -eu
corral() { "${process.execPath}" "${corral}" "$@"; }
python3() { "${python}" "$@"; }
`;

async function runSnippet(language: string, code: string): Promise<string> {
  if (language === 'sh') {
    return (await run('bash', ['-c', COMMANDS + code], options)).stdout;
  }
  const file = join(scratch, 'ask.ts');
  writeFileSync(file, code);
  return (await run(tsx, [file], options)).stdout;
}

describe(DOCUMENT, () => {
  for (const { language, code, shown } of snippetsOf(DOCUMENT)) {
    if (language === 'text') continue;
    const title = code.split('\n').find((line) => !/^(import|$)/.test(line));
    test(`${title}`, { timeout: TIMEOUT_MS }, async ({ skip }) => {
      const trains = code.startsWith('python3');
      if (trains && python === undefined) skip(NO_TORCH);
      const printed = await runSnippet(language, code);
      if (shown !== undefined) expectShown(steady(printed), steady(shown));
      if (trains) expect(readAccuracy()).toBeGreaterThan(0.95);
    });
  }
});

/** What is printed is what is shown; where the page shows "...", it leaves lines out. */
function expectShown(printed: string, shown: string): void {
  const [first = '', ...parts] = shown.split(/^\.\.\.\n/m);
  if (parts.length === 0) expect(printed).toBe(first);
  let from = 0;
  for (const part of [first, ...parts]) {
    expect(printed.slice(from)).toContain(part);
    from = printed.indexOf(part, from) + part.length;
  }
}

function readAccuracy(): number {
  const report = JSON.parse(readFileSync(join(scratch, 'digits', 'report.json'), 'utf8'));
  return report['digits-20'].held_out_accuracy;
}

/** Times differ from run to run, accuracy with the version of PyTorch, hashes with the engine. */
function steady(text: string): string {
  return text
    .replace(/[\d.]+ s\b/g, 'TIME')
    .replace(/\d+\.\d+%/g, 'SHARE')
    .replace(/\b[0-9a-f]{4}\.\.[0-9a-f]{2}\b/g, 'HASH');
}
