/**
 * The lines typed before, kept between sessions in the user's state folder. History is a comfort:
 * when its file cannot be read or written, the REPL says so once and goes on without.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

export interface History {
  /** Newest first, as node:readline wants them. */
  readonly lines: string[];
  add(line: string): void;
}

const KEPT_LINES = 1_000;

/** `$XDG_STATE_HOME/corral/history`, by default below `~/.local/state`. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string {
  const state = env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return join(state, 'corral', 'history');
}

/** @param complain told once, with the reason, when the file is of no use */
export function openHistory(file: string, complain: (reason: string) => void): History {
  let usable = true;
  const attempt = (work: () => void) => {
    if (!usable) return;
    try {
      work();
    } catch (error) {
      usable = false;
      complain(`history is off: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const lines: string[] = [];
  attempt(() => {
    mkdirSync(dirname(file), { recursive: true });
    const stored = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    const kept = stored.slice(-KEPT_LINES);
    if (kept.length < stored.length) writeFileSync(file, `${kept.join('\n')}\n`);
    lines.push(...kept.reverse());
  });
  return {
    lines,
    add: (line) => {
      if (line.trim() !== '') attempt(() => appendFileSync(file, `${line}\n`));
    },
  };
}
