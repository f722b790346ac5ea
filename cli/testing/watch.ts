/** Runs something again whenever a file of a project changes, until it is stopped. */
import { watch } from 'node:fs/promises';
import type { CommandContext } from '../command.js';
import { reportError } from '../errors.js';

/** Names of files that tests may depend on. */
const SOURCE = /\.(lua|[cm]?[jt]sx?|json)$/;
const IGNORED = /(^|[\\/])(node_modules|dist|coverage|\..+?)([\\/]|$)/;
/** Editors write a file in several steps. */
const SETTLE_MS = 80;

/**
 * @param run what is done; an error of it is told, and waited out
 * @returns the exit code of the last run
 */
export async function watchSources(
  root: string,
  { terminal, interrupt, debug }: CommandContext,
  run: () => Promise<number>,
): Promise<number> {
  const changes = followChanges(root, interrupt.signal);
  let code = 0;
  while (!interrupt.signal.aborted) {
    try {
      code = await run();
    } catch (error) {
      code = reportError(terminal, error, debug);
    }
    terminal.note(terminal.colors.dim('\nwaiting for a change (Ctrl-C stops)'));
    const changed = await changes.next();
    if (changed === undefined) break;
    terminal.note(terminal.colors.dim(`${changed} changed\n`));
  }
  return code;
}

/** Changes as they come; those during a run are told right after it. */
function followChanges(root: string, signal: AbortSignal) {
  let changed: string | undefined;
  let wake: (() => void) | undefined;
  let isOver = false;
  const follow = async () => {
    for await (const { filename } of watch(root, { recursive: true, signal })) {
      if (filename === null || !SOURCE.test(filename) || IGNORED.test(filename)) continue;
      changed ??= filename;
      wake?.();
    }
  };
  const ended = follow().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  ended.finally(() => {
    isOver = true;
    wake?.();
  });
  return {
    /** The first file that changed since the last call; undefined once it is stopped. */
    async next(): Promise<string | undefined> {
      if (changed === undefined && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isOver) {
        await ended;
        return undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const first = changed;
      changed = undefined;
      return first;
    },
  };
}
