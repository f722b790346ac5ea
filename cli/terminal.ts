/**
 * Where the CLI writes and what it may assume there: stdout is the result, everything else goes to
 * stderr, colours only where someone sees them (a terminal, no NO_COLOR, not TERM=dumb), redrawing
 * and questions only on an interactive terminal outside CI. Commands get one of these passed in and
 * touch no global stream themselves.
 */
import type { Readable, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { wrapLine } from './format.js';

export type Colors = ReturnType<typeof pc.createColors>;

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  /** Writes a piece of the result to stdout, as it is but for colours where nobody sees them. */
  write(text: string): void;
  /** One line of the result on stdout. */
  print(line?: string): void;
  /** One line for a person, on stderr: banners, progress, errors. */
  note(line?: string): void;
  readonly colors: Colors;
  /** Whether stdout keeps colours. */
  readonly colorful: boolean;
  /** Whether a person sits at both ends: questions, redrawn lines and the REPL are fine. */
  readonly interactive: boolean;
  /** Width in columns, 80 where it is unknown. */
  columns(): number;
}

/** The parts of node:process that decide what a terminal can do. */
export interface Host {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

const UNKNOWN_COLUMNS = 80;

export function createTerminal(host: Host): Terminal {
  const { stdin, stdout, stderr, env } = host;
  const colorful = wantsColor(env, stdout.isTTY === true);
  const colorfulNotes = wantsColor(env, stderr.isTTY === true);
  const plain = (text: string, keep: boolean) => (keep ? text : stripVTControlCharacters(text));
  return {
    input: stdin,
    output: stdout,
    write: (text) => void stdout.write(plain(text, colorful)),
    print: (line = '') => void stdout.write(`${plain(line, colorful)}\n`),
    note: (line = '') => void stderr.write(`${plain(line, colorfulNotes)}\n`),
    colors: pc.createColors(colorful || colorfulNotes),
    colorful,
    interactive: stdin.isTTY === true && stdout.isTTY === true && !isSet(env.CI),
    columns: () => stdout.columns || UNKNOWN_COLUMNS,
  };
}

/** Breaks what is wider than the terminal; elsewhere text is left as it is, for other programs. */
export function fitLines(text: string, { interactive, columns }: Terminal): string {
  if (!interactive) return text;
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, columns()))
    .join('\n');
}

/** NO_COLOR (no-color.org) wins, then FORCE_COLOR, then whether the terminal knows colours. */
function wantsColor(env: Host['env'], isTerminal: boolean): boolean {
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.FORCE_COLOR)) return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
