/**
 * A program in a pseudo-terminal, as a person meets it: what it shows is waited for, what is to be
 * typed is typed. Python makes the terminal, because Node has none of its own.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const runInPty = fileURLToPath(new URL('run-in-pty.py', import.meta.url));

export interface TerminalOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Terminal {
  /**
   * Waits until the terminal shows text that matches, after the text of the last such call.
   * @returns what it showed from there to the end of the match, without colours
   * @throws if the program ends before
   */
  until(pattern: RegExp): Promise<string>;
  type(text: string): void;
  /** Exit status of the program. */
  readonly ended: Promise<number | null>;
  /** All that was shown, without colours. */
  text(): string;
  /** Hangs up. */
  close(): Promise<void>;
}

export function openTerminal({ command, cwd, env }: TerminalOptions): Terminal {
  const child = spawn('python3', [runInPty, ...command], { cwd, env });
  let raw = '';
  let plain = '';
  let position = 0;
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const take = (chunk: string) => {
    raw += chunk;
    plain = withoutControls(raw);
    wake();
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      isOver = true;
      wake();
      resolve(status);
    });
  });
  return {
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(plain.slice(position));
          if (!match && !isOver) return;
          waiting.delete(look);
          if (!match) {
            reject(new Error(`it ended without showing ${pattern}:\n${plain.slice(position)}`));
            return;
          }
          const end = position + match.index + match[0].length;
          const shown = plain.slice(position, end);
          position = end;
          resolve(shown);
        };
        waiting.add(look);
        look();
      }),
    type: (text) => {
      child.stdin.write(text);
    },
    ended,
    text: () => plain,
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Colours, movements of the cursor and carriage returns left out. */
function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[=>]|\r/g, '');
}
