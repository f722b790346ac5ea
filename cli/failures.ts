/**
 * Failures inside a network as a person reads them: on one line which handler failed, where and on
 * which message, then what to do about it. The kernel's full text, with the stack, is for debugging.
 */
import { stripVTControlCharacters } from 'node:util';
import type { ErrorReport } from '../index.js';
import { shortId } from './format.js';
import type { Colors } from './terminal.js';

export interface FailureOptions {
  readonly colors: Colors;
  /** Adds the full text, with the stack, in grey. */
  readonly debug: boolean;
  /** Name of the process in which it happened, where that does not go without saying. */
  readonly processName?: string | undefined;
  /** Names message and process by their whole ids, for who did not send the message himself. */
  readonly wholeIds?: boolean | undefined;
}

/** Handler that evaluates what is typed: naming it would say nothing. */
export const EVAL_HANDLER = '_eval';

const IN_FILE = /^[^\n:]+\.lua:\d+: /;

/** `error in handler "pay", line 3: no hay (message AbC...xyz)`, after what it printed before. */
export function describeFailure(report: ErrorReport, options: FailureOptions): string {
  const { red, dim } = options.colors;
  const { code, handler, hint, line, message } = report;
  const { printed, reason, full } = splitText(report);
  const typed = handler === undefined || handler === EVAL_HANDLER;
  const place = [
    options.processName,
    typed ? undefined : `handler "${handler}"`,
    // The reason names file and line itself where the code came from a file.
    line === undefined || IN_FILE.test(reason) ? undefined : `line ${line}`,
  ].filter(Boolean);
  const where = place.length === 0 ? '' : ` in ${place.join(', ')}`;
  const onMessage = options.wholeIds ? idsOf(report) : typed || !message ? '' : shortIdOf(message);
  const label = code === 'EVALUATION_FAILED' ? '' : dim(` [${code}]`);
  return [
    ...(printed === '' ? [] : [printed]),
    `${red(`error${where}:`)} ${reason}${dim(onMessage)}${label}`,
    ...(hint === undefined ? [] : [`  ${hint}`]),
    ...(options.debug ? [dim(full)] : []),
  ].join('\n');
}

const shortIdOf = (message: string) => ` (message ${shortId(message)})`;

function idsOf({ message, process }: ErrorReport): string {
  const ids = [message && `message ${message}`, process && `process ${process}`].filter(Boolean);
  return ids.length === 0 ? '' : ` (${ids.join(' of ')})`;
}

/** What the kernel writes: what was printed, for a message its action and stack, then the error. */
function splitText({ text, line }: ErrorReport): { printed: string; reason: string; full: string } {
  const full = stripVTControlCharacters(text).trim();
  const [reason = '', ...before] = `\n\n${full}`.split('\n\nerror:\n').reverse();
  const printed = before
    .reverse()
    .join('\n\nerror:\n')
    .replace(/(^|\n)Error handling message[\s\S]*/, '');
  const outside = reason.trim().replace(/^(\[string "\.[\w-]+"\]:\d+: )+/, '');
  const position = `[string "aos"]:${line}: `;
  return {
    printed: printed.trim(),
    reason: outside.startsWith(position) ? outside.slice(position.length) : outside,
    full,
  };
}
