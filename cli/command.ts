/**
 * What a command is: a row of a table from which parsing, help and running derive.
 */
import { alignColumns, wrapWords } from './format.js';
import type { Interrupt } from './interrupt.js';
import {
  HELP_OPTION,
  type OptionSpec,
  type ParsedArguments,
  type PositionalSpec,
} from './options.js';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the program began. */
  readonly uptimeMs: () => number;
  /** Whether errors are shown with their traces (CORRAL_DEBUG=1). */
  readonly debug: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What help says below the usage line; one paragraph a string, of any length. */
  readonly details: readonly string[];
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
  /** @returns the exit code */
  run(args: ParsedArguments, context: CommandContext): Promise<number>;
}

const HELP_COLUMNS = 80;
const EXIT_CODES =
  'Exit codes: 0 done, or stopped while nothing was under way; 1 failed;\n' +
  '2 wrong usage; 3 the network refused or gave no answer; 130 stopped midway.';

export function commandHelp(command: Command): string {
  const positionals = command.positionals.map(({ name, required, many }) => {
    const shown = many ? `${name}...` : name;
    return required ? ` ${shown}` : ` [${shown}]`;
  });
  const rows = [...command.options, HELP_OPTION].map((option) => [
    `  ${option.short === undefined ? '    ' : `-${option.short}, `}--${option.name}` +
      (option.value === undefined ? '' : ` ${option.value}`),
    option.summary,
  ]);
  return [
    `Usage: corral ${command.name}${positionals.join('')} [options]`,
    '',
    ...command.details.flatMap((paragraph) => [...wrapWords(paragraph, HELP_COLUMNS), '']),
    'Options:',
    ...alignColumns(rows),
    '',
    EXIT_CODES,
  ].join('\n');
}

export function overallHelp(commands: readonly Command[], version: string): string {
  const rows = commands.map((command) => [`  corral ${command.name}`, command.summary]);
  return [
    `Corral ${version}: a local AO network for llama herds, in one command, offline.`,
    '',
    'Commands:',
    ...alignColumns(rows),
    '',
    '`corral COMMAND --help` tells more. `corral --version` prints the version.',
    'CORRAL_DEBUG=1 adds traces to errors; NO_COLOR=1 turns colours off.',
    '',
    EXIT_CODES,
  ].join('\n');
}
