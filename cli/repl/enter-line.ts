/**
 * The REPL without its keyboard: what one entered line does. Lines that start with a dot are the
 * console's own commands, all others are Lua. Input comes from a terminal, a pipe or a test alike;
 * the loop around this only knows how to read lines.
 */
import { didYouMean } from '../../index.js';
import { CliError, reportError } from '../errors.js';
import { type Console, evaluate } from './console.js';
import { DOT_COMMANDS } from './dot-commands.js';
import { isIncomplete } from './lua-syntax.js';

/**
 * Does what a line asks for. Mistakes are reported, never thrown: the next line is always welcome.
 *
 * @returns whether all went well
 */
export async function enterLine(console: Console, line: string): Promise<boolean> {
  try {
    if (console.draft?.kind === 'editor' && !isEditorCommand(line)) {
      console.draft = { kind: 'editor', lines: [...console.draft.lines, line] };
      return true;
    }
    if (console.draft?.kind !== 'block' && line.trimStart().startsWith('.')) {
      return await runDotCommand(console, line.trim());
    }
    return await enterLua(console, line);
  } catch (error) {
    reportError(console.terminal, error, console.debug);
    return false;
  }
}

/** A block that is still open waits for its end; an empty line sends it as it is. */
async function enterLua(console: Console, line: string): Promise<boolean> {
  const lines = [...(console.draft?.lines ?? []), line];
  const code = lines.join('\n');
  if (isIncomplete(code) && line.trim() !== '') {
    console.draft = { kind: 'block', lines };
    return true;
  }
  console.draft = undefined;
  return code.trim() === '' || evaluate(console, code);
}

function isEditorCommand(line: string): boolean {
  return DOT_COMMANDS.some((command) => command.inEditor && line.trim() === command.name);
}

async function runDotCommand(console: Console, line: string): Promise<boolean> {
  const [name = '', ...words] = line.split(/\s+/);
  const command = DOT_COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    const names = DOT_COMMANDS.map((candidate) => candidate.name);
    const hint = `${didYouMean(name, names)}.help lists the commands.`;
    throw new CliError('USAGE', `unknown command ${name}`, hint, { name });
  }
  return (await command.run(console, words)) !== false;
}
