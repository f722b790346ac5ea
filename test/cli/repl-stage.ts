/**
 * A REPL of a real network whose keyboard and screen are streams: a terminal, or a pipe that has all
 * its lines at once.
 */
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { catchInterrupts } from '../../cli/interrupt.js';
import type { JoinedNetwork } from '../../cli/network.js';
import { openConsole } from '../../cli/repl/console.js';
import { openHistory } from '../../cli/repl/history.js';
import { runRepl } from '../../cli/repl/repl.js';
import { createTerminal } from '../../cli/terminal.js';

export interface ReplStage {
  /** @param input all lines of a pipe; without it there is a keyboard */
  readonly input?: string;
  /** Evaluated in the process before. */
  readonly code?: string;
  /** Folder for the history. */
  readonly folder: string;
  readonly verbose?: boolean;
}

/** A terminal of 100 columns without colours, and what is written to it. */
export function createScreen(isTTY: boolean) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined });
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  const env = { TERM: 'xterm', NO_COLOR: '1' };
  const terminal = createTerminal({ stdin, stdout, stderr: stdout, env });
  return { stdin, stdout, terminal };
}

export async function openRepl(network: JoinedNetwork, name: string, stage: ReplStage) {
  const { input, code, folder, verbose } = stage;
  const { stdin, stdout, terminal } = createScreen(input === undefined);
  let screen = '';
  const checks = new Set<() => void>();
  stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += stripVTControlCharacters(text);
    for (const check of checks) check();
  });
  const { client, feed } = network;
  const process = await client.spawn(name);
  if (code !== undefined) await client.evaluate(process.id, code);
  const console = await openConsole({ terminal, client, process, debug: false });
  const interrupt = catchInterrupts(
    { on: () => undefined, off: () => undefined, exit: () => undefined },
    () => undefined,
  );
  const history = openHistory(join(folder, 'history'), () => undefined);
  const left = runRepl({ console, feed, interrupt, history, ...(verbose && { verbose }) });
  /** Resolves with what was shown since the last call, once it matches. */
  const shows = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const check = () => {
        if (!pattern.test(screen)) return;
        checks.delete(check);
        resolve(screen);
        screen = '';
      };
      checks.add(check);
      check();
    });
  if (input !== undefined) stdin.end(input);
  const press = (keys: string) => {
    for (const key of keys) stdin.write(key);
  };
  return { process, client, left, shows, press, said: () => screen };
}
