/**
 * Command-line options as tables: parsing, checking and help derive from the same rows. Parsing is
 * node:util's parseArgs; what it would reject is checked here instead, so that a mistake is
 * answered with what happened, the value, and what to do.
 */
import { parseArgs } from 'node:util';
import { didYouMean } from '../index.js';
import { CliError } from './errors.js';

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Name of the value in help, such as `N` or `FILE`; a flag without a value has none. */
  readonly value?: string;
  /** Whole number within these bounds. Any text is fine without. */
  readonly integer?: { readonly min: number; readonly max: number };
  readonly summary: string;
}

export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  /** Whether any number may follow; for the last one. */
  readonly many?: boolean;
  /** Whether it is an id: one in 64 begins with `-`. */
  readonly isId?: boolean;
}

export interface ParsedArguments {
  readonly flags: ReadonlySet<string>;
  readonly texts: ReadonlyMap<string, string>;
  readonly integers: ReadonlyMap<string, number>;
  readonly positionals: readonly string[];
}

export const HELP_OPTION: OptionSpec = {
  name: 'help',
  short: 'h',
  summary: 'show this help and exit',
};

/**
 * @param command name for messages and hints, such as `up`
 * @throws {CliError} USAGE
 */
export function parseArguments(
  command: string,
  argv: readonly string[],
  options: readonly OptionSpec[],
  positionals: readonly PositionalSpec[],
): ParsedArguments {
  const known = new Map([HELP_OPTION, ...options].map((spec) => [spec.name, spec]));
  const wantsId = positionals.some(({ isId }) => isId);
  const { tokens } = parseArgs({
    args: wantsId ? argv.map(markId) : [...argv],
    options: Object.fromEntries([...known.values()].map((spec) => [spec.name, parserConfig(spec)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Set<string>();
  const texts = new Map<string, string>();
  const integers = new Map<string, number>();
  const rest: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') rest.push(unmarked(token.value));
    if (token.kind !== 'option') continue;
    const spec = known.get(token.name);
    if (spec === undefined) throw unknownOption(command, token.rawName, [...known.keys()]);
    if (spec.value === undefined) {
      if (token.value !== undefined) throw unwantedValue(command, spec, token.value);
      flags.add(spec.name);
    } else {
      const text = requireValue(command, spec, token.value);
      if (spec.integer === undefined) texts.set(spec.name, unmarked(text));
      else integers.set(spec.name, parseInteger(command, spec, spec.integer, text));
    }
  }
  if (!flags.has('help')) checkPositionals(command, rest, positionals);
  return { flags, texts, integers, positionals: rest };
}

/** An id or its beginning, and no option: those of one letter have nothing behind it. */
const LIKE_ID = /^-\w[\w.…-]+$/;
/** Stands before such an id while options are parsed. */
const MARK = '\0';

function markId(argument: string): string {
  return LIKE_ID.test(argument) ? MARK + argument : argument;
}

function unmarked(text: string): string {
  return text.startsWith(MARK) ? text.slice(MARK.length) : text;
}

function parserConfig(spec: OptionSpec) {
  const type = spec.value === undefined ? ('boolean' as const) : ('string' as const);
  return spec.short === undefined ? { type } : { type, short: spec.short };
}

function usage(command: string, message: string, hint = ''): CliError {
  const help = `\`corral ${command} --help\` lists what it takes.`;
  return new CliError('USAGE', message, `${hint.trim()} ${help}`.trim(), { command });
}

function unknownOption(command: string, rawName: string, known: readonly string[]): CliError {
  const hint = didYouMean(
    rawName,
    known.map((name) => `--${name}`),
  );
  return usage(command, `unknown option ${rawName} for \`corral ${command}\``, hint);
}

function unwantedValue(command: string, spec: OptionSpec, value: string): CliError {
  return usage(command, `--${spec.name} takes no value, but got "${value}"`);
}

function requireValue(command: string, spec: OptionSpec, value: string | undefined): string {
  // `--db --json`: parseArgs takes the next option for the value; nobody means that.
  if (value !== undefined && value !== '' && !value.startsWith('--')) return value;
  const example = `Write it as --${spec.name} ${spec.value}.`;
  throw usage(command, `--${spec.name} needs a value`, example);
}

function parseInteger(
  command: string,
  spec: OptionSpec,
  { min, max }: { readonly min: number; readonly max: number },
  text: string,
): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  const hint = `Give a whole number from ${min} to ${max}.`;
  throw usage(command, `--${spec.name} cannot be "${text}"`, hint);
}

function checkPositionals(
  command: string,
  given: readonly string[],
  wanted: readonly PositionalSpec[],
): void {
  const missing = wanted.slice(given.length).find((spec) => spec.required);
  if (missing !== undefined) {
    throw usage(command, `\`corral ${command}\` needs ${missing.name}`);
  }
  if (given.length > wanted.length && !wanted.at(-1)?.many) {
    throw usage(command, `unexpected argument "${given[wanted.length]}" for \`corral ${command}\``);
  }
}
