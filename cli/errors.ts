/**
 * What the CLI says when something goes wrong: what happened, the offending value, what to do. Any
 * error that carries `code` and `hint` (all of Corral's do) is shown the same way, on one screen
 * and without a stack trace; CORRAL_DEBUG=1 adds the trace.
 */
import type { Terminal } from './terminal.js';

/** Exit codes: a script can tell a typing mistake from a failure and from a network's refusal. */
export const EXIT = { ok: 0, failure: 1, usage: 2, protocol: 3, interrupted: 130 } as const;

export type CliErrorCode =
  | 'USAGE'
  | 'FILE_EXISTS'
  | 'FILE_NOT_FOUND'
  | 'FILE_NOT_WRITABLE'
  | 'IMAGE_INVALID'
  | 'WALLET_INVALID'
  | 'BALANCE_TOO_LOW'
  | 'BLUEPRINT_UNKNOWN'
  | 'EDITOR_UNREADABLE'
  | 'NAME_TAKEN'
  | 'NETWORK_UNREACHABLE'
  | 'NETWORK_STOPPED'
  | 'NETWORK_REFUSED'
  | 'PROCESS_UNKNOWN'
  | 'SESSION_BROKEN'
  | 'NO_ANSWER';

const EXIT_OF: Partial<Record<CliErrorCode, number>> = {
  USAGE: EXIT.usage,
  NETWORK_REFUSED: EXIT.protocol,
  NO_ANSWER: EXIT.protocol,
};

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param message what happened, with the offending value
   * @param hint what to do about it
   */
  constructor(
    code: CliErrorCode,
    message: string,
    hint: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.details = details;
  }
}

/** Prints the error on stderr and returns the exit code that belongs to it. */
export function reportError(terminal: Terminal, error: unknown, debug: boolean): number {
  const { red, dim } = terminal.colors;
  const shown = error instanceof Error ? error : new Error(String(error));
  const { code, hint } = shown as { code?: unknown; hint?: unknown };
  const label = typeof code === 'string' ? dim(` [${code}]`) : '';
  const advice = typeof hint === 'string' ? hint : '';
  // The messages of llama and opml end with their hint, for those who log nothing else.
  const isIncluded = advice !== '' && shown.message.endsWith(` ${advice}`);
  const message = isIncluded ? shown.message.slice(0, -advice.length - 1) : shown.message;
  terminal.note(`${red('corral:')} ${message}${label}`);
  if (advice !== '') terminal.note(`        ${advice}`);
  if (debug) terminal.note(dim(shown.stack ?? ''));
  else if (typeof code !== 'string') terminal.note(dim('        CORRAL_DEBUG=1 shows the trace.'));
  return shown instanceof CliError ? (EXIT_OF[shown.code] ?? EXIT.failure) : EXIT.failure;
}

/** The short message of anything thrown, for lines that embed it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
