/** vitest as somebody runs it on tests of his own: a program beside this one, whose output is read. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../../herd/package-root.js';
import { deskEnvironment } from '../../desk.js';

export const SAMPLES = join(packageRoot, 'test/kit/vitest/samples');

const VITEST = join(packageRoot, 'node_modules/vitest/vitest.mjs');

export interface ChildRun {
  readonly code: number | null;
  /** Everything that it printed, without colours. */
  readonly output: string;
  /** What it printed about a test that failed. */
  about(test: string): string;
}

/** @param flags files to run, and flags of vitest */
export function runVitest(root: string, ...flags: string[]): Promise<ChildRun> {
  return runVitestWith({}, root, ...flags);
}

/** @param more variables beside those of a person's own machine */
export async function runVitestWith(
  more: NodeJS.ProcessEnv,
  root: string,
  ...flags: string[]
): Promise<ChildRun> {
  const args = [VITEST, 'run', '--root', root, ...flags];
  const env = deskEnvironment({ NO_COLOR: '1', ...more });
  const child = spawn(process.execPath, args, { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {
    code,
    output,
    about(test) {
      const parts = output
        .split(/^ FAIL {2}/m)
        .filter((part) => part.split('\n')[0]?.endsWith(test));
      return parts.at(-1)?.split(/^⎯+\[/m)[0] ?? '';
    },
  };
}
