/**
 * The one sentence that says what went wrong, out of the text of a failed evaluation: the kernel
 * writes what was printed before, the message's action and Lua's stack around it, with colours.
 */
import { stripVTControlCharacters } from 'node:util';
import type { TreeError, TreeNode, TreePrint } from './tree-node.js';

/** Positions in the kernel's own files, where the program's error was passed on. */
const IN_KERNEL = /^(\[string "\.[\w-]+"\]:\d+: )+/;
/** A position in a program that has no file. */
const IN_PROGRAM = /^\[string "aos"\]:(\d+): /;
const IN_FILE = /^([^\n:]+\.lua):(\d+): /;
const ANYWHERE = /^(?:\[string "[^"]*"\]|[^\n:]+\.lua):\d+: /;

/** `attempt to index a nil value (local 'x')`, after `file.lua:4: ` if the program has files. */
export function reasonOf({ text, line }: Pick<TreeError, 'text' | 'line'>): string {
  const full = stripVTControlCharacters(text).trim();
  const marker = '\n\nerror:\n';
  const start = `\n\n${full}`.lastIndexOf(marker);
  const reason = start < 0 ? full : `\n\n${full}`.slice(start + marker.length);
  const own = reason.trim().replace(IN_KERNEL, '');
  const at = IN_PROGRAM.exec(own);
  return at !== null && Number(at[1]) === line ? own.slice(at[0].length) : own;
}

/** What a failed evaluation printed before it failed: the kernel prints of its failure after that. */
export function printedBefore(
  { text }: Pick<TreeError, 'text'>,
  prints: readonly TreePrint[] = [],
): Pick<TreeNode, 'output' | 'prints'> {
  const full = stripVTControlCharacters(text);
  const end = full.search(/^Error handling message|\n*^error:\n/m);
  const last = prints.findIndex((one) => OF_FAILURE.test(stripVTControlCharacters(one.text)));
  return { output: full.slice(0, Math.max(0, end)), prints: prints.slice(0, Math.max(0, last)) };
}

const OF_FAILURE = /^Error handling message/;

/** What the program said, without where it said it: `no hay`. */
export function sayingOf(error: Pick<TreeError, 'text' | 'line'>): string {
  return reasonOf(error).replace(ANYWHERE, '');
}

/** File and line in the program's own code, as far as they are known. */
export function placeOf(error: Pick<TreeError, 'text' | 'line'>): { file?: string; line?: number } {
  const [, file, line] = IN_FILE.exec(reasonOf(error)) ?? [];
  if (file !== undefined) return { file, line: Number(line) };
  return error.line === undefined ? {} : { line: error.line };
}

/** `error in handler "pay", line 3: no hay`; the code follows where it says more than that. */
export function describeError(error: TreeError): string {
  const reason = reasonOf(error);
  const { code, handler, line } = error;
  const place = [
    handler === undefined || handler === '_eval' ? undefined : `handler "${handler}"`,
    line === undefined || IN_FILE.test(reason) ? undefined : `line ${line}`,
  ].filter((part) => part !== undefined);
  const where = place.length === 0 ? '' : ` in ${place.join(', ')}`;
  const label = code === 'EVALUATION_FAILED' ? '' : ` [${code}]`;
  return `error${where}: ${reason}${label}`;
}

/** `not sent: a message has no target [UNSENDABLE_MESSAGE]` */
export function describeRefusal({ code, text }: TreeError): string {
  return `not sent: ${text} [${code}]`;
}
