/** A part of a benchmark that runs as a Node process of its own, so that nothing else counts. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a program of this folder and reads the JSON line that it prints. */
export async function runChild<Answer>(program: string, args: readonly string[]): Promise<Answer> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--expose-gc', path, ...args], options);
  return JSON.parse(stdout) as Answer;
}

/** Runs vitest in a folder. */
export async function runVitest(root: string, flags: readonly string[]): Promise<void> {
  const bin = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const run = promisify(execFile);
  await run(process.execPath, [bin, 'run', '--root', root, ...flags], { cwd: root });
}

/** Gives a folder that is removed afterwards. */
export async function withFolder<Answer>(use: (folder: string) => Promise<Answer>) {
  const folder = mkdtempSync(join(tmpdir(), 'corral-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
