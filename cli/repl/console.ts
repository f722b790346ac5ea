/**
 * The state of a REPL, whoever types into it, and what everything typed comes down to: Lua sent to
 * the current process as an Eval, and what came of it shown.
 */
import type { Client } from '../client.js';
import type { ProcessRef } from '../process-query.js';
import type { Terminal } from '../terminal.js';

/** Lua that is not sent yet: an open block at the prompt, or the text of `.editor`. */
interface Draft {
  readonly kind: 'block' | 'editor';
  readonly lines: readonly string[];
}

export interface Console {
  readonly terminal: Terminal;
  readonly client: Client;
  /** The process that evaluates what is typed. */
  process: ProcessRef;
  /** As the process gave it with its last answer: its name and inbox count, in its colours. */
  prompt: string;
  draft: Draft | undefined;
  closed: boolean;
  readonly debug: boolean;
}

export interface ConsoleOptions {
  readonly terminal: Terminal;
  readonly client: Client;
  readonly process: ProcessRef;
  readonly debug: boolean;
}

/** Opens a console on a process, and asks it for its first prompt. */
export async function openConsole(options: ConsoleOptions): Promise<Console> {
  const console: Console = { ...options, prompt: '', draft: undefined, closed: false };
  await refreshPrompt(console);
  return console;
}

/** What to show before the next line. */
export function promptOf(console: Console): string {
  if (console.draft === undefined) return console.prompt;
  return console.terminal.colors.dim(console.draft.kind === 'editor' ? '  | ' : '... ');
}

/**
 * Evaluates Lua in the current process and shows what came of it.
 *
 * @returns whether it did so without an error
 */
export async function evaluate(console: Console, code: string): Promise<boolean> {
  const evaluation = await console.client.evaluate(console.process.id, code);
  if (evaluation.prompt !== undefined) console.prompt = evaluation.prompt;
  if (evaluation.output !== '') console.terminal.print(evaluation.output);
  if (evaluation.error !== undefined) {
    console.terminal.note(console.terminal.colors.red(evaluation.error.trim()));
  }
  return evaluation.error === undefined;
}

/** Asks the process for its prompt without leaving a message in its log. */
export async function refreshPrompt(console: Console): Promise<void> {
  const { prompt } = await console.client.dryRun(console.process.id, { Action: 'Eval' }, 'nil');
  console.prompt = prompt ?? `${console.process.name}> `;
}
