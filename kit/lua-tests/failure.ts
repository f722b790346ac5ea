/** What a test in Lua says about itself when it did not pass, as plain values. */

import { inLuaWords } from './lua-words.js';

/** A place in the user's own files. */
export interface Frame {
  /** Path from the project's folder, with `/`. */
  readonly file: string;
  readonly line?: number;
  /** Name of the function, where Lua knows it. */
  readonly name?: string;
}

export interface Failure {
  /** What went wrong, in one sentence or several lines. */
  readonly text: string;
  readonly hint?: string;
  readonly code?: string;
  /** Where the test was, innermost first. */
  readonly frames: readonly Frame[];
  /** Two values that should be alike, as texts to be compared line by line. */
  readonly expected?: string;
  readonly actual?: string;
  /** More to look at, such as the message tree. */
  readonly report?: string;
  /** Lua's stack in the program under test. */
  readonly stack?: string;
}

/** What is thrown anywhere on the host, as a failure of the test that asked for it. */
export function failureOf(error: unknown, frames: readonly Frame[] = []): Failure {
  const { code, hint, details } = (error ?? {}) as {
    code?: unknown;
    hint?: unknown;
    details?: { stack?: unknown };
  };
  const text = error instanceof Error ? error.message : String(error);
  return {
    text,
    frames,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof hint === 'string' && hint !== '' ? { hint: inLuaWords(hint) } : {}),
    ...(typeof details?.stack === 'string' ? { stack: details.stack } : {}),
  };
}
