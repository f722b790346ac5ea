/**
 * The compiled `corral` program as a child process: what a user types, what comes out of which
 * stream, and with which exit code. `npm test` has built dist/ before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deskEnvironment } from '../desk.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'dist', 'cli', 'main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Written to stdin, which is then closed. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves with all that a stream said once that matches; rejects if the program ends before. */
  said(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string>;
}

export function startCorralProgram(args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: deskEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  const text = { stdout: '', stderr: '' };
  const checks = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (piece: string) => {
      text[stream] += piece;
      for (const check of checks) check();
    });
  }
  const outcome = new Promise<Outcome>((resolve) => {
    child.on('close', (code) => resolve({ code, ...text }));
  });
  return {
    child,
    outcome,
    said: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (pattern.test(text[stream])) resolve(text[stream]);
        };
        checks.add(check);
        check();
        outcome.then(({ code }) => {
          reject(new Error(`ended with ${code} before ${pattern}:\n${text.stdout}${text.stderr}`));
        });
      }),
  };
}

export function runCorral(args: readonly string[], options?: ProgramOptions): Promise<Outcome> {
  return startCorralProgram(args, options).outcome;
}

/** Ends a program as Ctrl-C does and waits for it. */
export function stopProgram({ child, outcome }: Program): Promise<Outcome> {
  child.kill('SIGINT');
  return outcome;
}
