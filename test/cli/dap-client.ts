/**
 * An editor as the debug adapter sees it: the compiled `corral debug --dap` as a child process, and
 * the Debug Adapter Protocol over its stdin and stdout.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deskEnvironment } from '../desk.js';

const main = join(fileURLToPath(new URL('../..', import.meta.url)), 'dist', 'cli', 'main.js');

interface Message {
  readonly type: 'response' | 'event';
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly event?: string;
  readonly body?: unknown;
}

export interface Editor {
  /** Resolves with the body of the answer; rejects with what the adapter says instead. */
  request<Body>(command: string, args?: object): Promise<Body>;
  /** Resolves with the body of the next event of that name that nobody has waited for. */
  event<Body>(name: string): Promise<Body>;
  /** Writes something that no editor should. */
  write(bytes: string): void;
  /** What it said on stderr. */
  readonly said: () => string;
  /** Resolves with the exit code. */
  readonly left: Promise<number | null>;
  readonly child: ChildProcess;
}

export function openEditor(portBase: number): Editor {
  const child = spawn(process.execPath, [main, 'debug', '--dap', '--port-base', `${portBase}`], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: deskEnvironment(),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.on('error', () => undefined); // it may end before it has read everything
  const answers = new Map<number, (message: Message) => void>();
  const events: Message[] = [];
  const waiting: { name: string; resolve: (body: never) => void }[] = [];
  let seq = 0;
  const take = (message: Message) => {
    if (message.type === 'response') return answers.get(message.request_seq ?? 0)?.(message);
    const index = waiting.findIndex(({ name }) => name === message.event);
    const [found] = index < 0 ? [] : waiting.splice(index, 1);
    if (found) found.resolve(message.body as never);
    else events.push(message);
  };
  readMessages(child, take);
  return {
    child,
    write: (bytes) => child.stdin.write(bytes),
    said: () => said,
    left: new Promise((resolve) => child.on('close', resolve)),
    request(command, args) {
      seq++;
      const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
      return new Promise((resolve, reject) => {
        answers.set(seq, ({ success, message, body }) => {
          if (success) resolve(body as never);
          else reject(new Error(message));
        });
      });
    },
    event: (name) =>
      new Promise((resolve) => {
        const index = events.findIndex((message) => message.event === name);
        const [found] = index < 0 ? [] : events.splice(index, 1);
        if (found) resolve(found.body as never);
        else waiting.push({ name, resolve });
      }),
  };
}

function readMessages(child: ChildProcess, take: (message: Message) => void): void {
  let rest = Buffer.alloc(0);
  child.stdout?.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(rest.toString('latin1', 0, end))?.[1]);
      const start = end + 4;
      if (rest.length < start + length) return;
      const text = rest.toString('utf8', start, start + length);
      rest = rest.subarray(start + length);
      take(JSON.parse(text) as Message);
    }
  });
}
