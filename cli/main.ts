#!/usr/bin/env node
/**
 * The `corral` program: finds the command, runs it, and turns what happens into an exit code. This
 * is the only module of the CLI that touches the program's own streams and signals.
 */
import process from 'node:process';
import { didYouMean, VERSION } from '../index.js';
import { type Command, type CommandContext, commandHelp, overallHelp } from './command.js';
import { challenger } from './commands/challenger.js';
import { convert } from './commands/convert.js';
import { debugCommand } from './commands/debug.js';
import { defender } from './commands/defender.js';
import { dispute } from './commands/dispute.js';
import { exportCommand } from './commands/export.js';
import { importCommand } from './commands/import.js';
import { init } from './commands/init.js';
import { moduleCommand } from './commands/module.js';
import { operator } from './commands/operator.js';
import { pixels } from './commands/pixels.js';
import { repl } from './commands/repl.js';
import { run } from './commands/run.js';
import { start } from './commands/start.js';
import { test } from './commands/test.js';
import { trace } from './commands/trace.js';
import { up } from './commands/up.js';
import { verify } from './commands/verify.js';
import { CliError, EXIT, reportError } from './errors.js';
import { catchInterrupts, Interrupted } from './interrupt.js';
import { parseArguments } from './options.js';
import { createTerminal } from './terminal.js';

const COMMANDS: readonly Command[] = [
  start,
  up,
  run,
  repl,
  init,
  test,
  trace,
  debugCommand,
  dispute,
  challenger,
  defender,
  moduleCommand,
  convert,
  pixels,
  operator,
  verify,
  exportCommand,
  importCommand,
];

async function main(argv: readonly string[], context: CommandContext): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--version' || name === '-v') {
    context.terminal.print(VERSION);
    return EXIT.ok;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    const about = COMMANDS.find((command) => command.name === rest[0]);
    context.terminal.print(about ? commandHelp(about) : overallHelp(COMMANDS, VERSION));
    return EXIT.ok;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) throw unknownCommand(name);
  const args = parseArguments(command.name, rest, command.options, command.positionals);
  if (args.flags.has('help')) {
    context.terminal.print(commandHelp(command));
    return EXIT.ok;
  }
  return command.run(args, context);
}

function unknownCommand(name: string): CliError {
  const names = COMMANDS.map((command) => command.name);
  const hint = `${didYouMean(name, names)}There are: ${names.join(', ')}.`;
  const what = name.startsWith('-') ? 'option' : 'command';
  return new CliError('USAGE', `unknown ${what} "${name}"`, hint, { name });
}

const terminal = createTerminal(process);
const debug = (process.env.CORRAL_DEBUG ?? '') !== '';
const interrupt = catchInterrupts(process, () => {
  terminal.note(terminal.colors.dim('\nstopping ... (Ctrl-C again leaves at once)'));
});
// `corral run x.lua | head` closes our stdout early: nobody is left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  const uptimeMs = () => performance.now();
  const context = { terminal, interrupt, env: process.env, uptimeMs, debug };
  process.exitCode = await main(process.argv.slice(2), context);
} catch (error) {
  process.exitCode =
    error instanceof Interrupted ? EXIT.interrupted : reportError(terminal, error, debug);
} finally {
  interrupt.release();
  process.stdin.pause();
}
