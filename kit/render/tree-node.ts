/**
 * One delivery of a message tree as a plain value, without anything of a network in it: what
 * `renderTree` draws, what matchers search, and what `corral trace` makes from HTTP. A field that is
 * absent is not known, or there is none.
 */
import type { Tag } from '../../arlocal/tags.js';

export interface TreeNode {
  /** Message id; for a spawn that of the new process; for a cron `<interval>@<ms>`. */
  readonly id: string;
  readonly kind: 'message' | 'spawn' | 'assignment' | 'cron';
  /** Ids: process or wallet. */
  readonly from: string;
  readonly to: string;
  readonly action?: string | undefined;
  /** Tags as the message has them, those of the protocol included. */
  readonly tags?: readonly Tag[] | undefined;
  readonly data?: string | undefined;
  /** Place in the log of the process that got it. */
  readonly nonce?: number | undefined;
  /** Its assignment's, milliseconds since 1970. */
  readonly timestampMs?: number | undefined;
  /** What the evaluation printed or answered, as text. */
  readonly output?: string | undefined;
  /** Each print by itself, where the kernel tells them: together they are in `output` too. */
  readonly prints?: readonly TreePrint[] | undefined;
  /** Instructions of the evaluation. */
  readonly gas?: number | undefined;
  /** What went wrong in the evaluation. */
  readonly errors: readonly TreeError[];
  /** What it asked to be sent, and what could not be. */
  readonly refused: readonly TreeError[];
  /** What was done to it on the way, e.g. `held for 2 s`, `dropped`. */
  readonly faults?: readonly string[] | undefined;
  /** True if it was signed for somebody who did not sign it: not in AO. */
  readonly impersonated?: boolean | undefined;
  /** Why it has not arrived, e.g. `held`, `dropped`; absent if it has. */
  readonly undelivered?: string | undefined;
  /** State of its process before and after, where somebody compared them. */
  readonly changes?: readonly StateChange[] | undefined;
  readonly children: readonly TreeNode[];
}

export interface TreePrint {
  readonly text: string;
  /** File and line of the call, where known. */
  readonly source?: string | undefined;
  readonly line?: number | undefined;
}

export interface TreeError {
  readonly code: string;
  readonly text: string;
  readonly hint?: string | undefined;
  readonly handler?: string | undefined;
  /** Line in the program's own code. */
  readonly line?: number | undefined;
  /** Lua's stack, one frame a line. */
  readonly stack?: string | undefined;
  /** The same with the source, the innermost call first. */
  readonly frames?: readonly TreeFrame[] | undefined;
}

/** A call in the stack of an error. */
export interface TreeFrame {
  /** `pay.lua:12`; `[C]` for a function that is built in. */
  readonly place: string;
  /** `function 'helper'`, `main chunk`. */
  readonly what: string;
  /** Source around the place. */
  readonly code?: readonly TreeCode[] | undefined;
}

export interface TreeCode {
  readonly line: number;
  readonly text: string;
  /** True for the line of the place itself. */
  readonly isHere: boolean;
}

/** Texts as Lua writes them; absent for what was not there. */
export interface StateChange {
  readonly path: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A tree as a list: a node before what it caused. */
export function listNodes(roots: readonly TreeNode[]): TreeNode[] {
  return roots.flatMap((node) => [node, ...listNodes(node.children)]);
}
