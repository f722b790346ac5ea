/**
 * What will come of breakpoints, as far as a process is known at a moment: whether there is such a
 * file, line or handler, and whether the condition is Lua. A file or handler may still come; a line
 * without code stands for the next one that has some.
 */
import { type CodeLines, createCodeLines } from '../../actors/lua/code-lines.js';
import { compileLua } from '../../actors/lua/engine.js';
import { MachineError } from '../../actors/lua/errors.js';
import type { ActorNetwork } from '../../actors/network.js';
import type { Past } from '../inspect/past.js';
import { readProcessState } from '../inspect/process-state.js';
import { readSources } from '../inspect/sources.js';
import { type Breakpoint, isFileOf } from './breakpoints.js';

export interface BreakpointCheck {
  /** `pending` waits for its file or handler; `wrong` never stops where it should. */
  readonly state: 'set' | 'pending' | 'wrong';
  readonly message?: string;
  /** Line with code that a line without any stands for. */
  readonly line?: number;
}

/** Names of handlers that a message tells. */
const NAMED = 8;

/** A process before one of its evaluations, with what it had loaded up to the message of a nonce. */
export interface Moment {
  readonly process: string;
  readonly index: number;
  readonly nonce: number;
}

/** After all that a process was given. @throws {UNKNOWN_PROCESS} */
export function momentNow({ units }: ActorNetwork, process: string): Moment {
  const { length, evaluation } = units.recall(process);
  return { process, index: length, nonce: evaluation(length - 1)?.nonce ?? 0 };
}

/** @throws {UNKNOWN_PROCESS} and KitError STATE_NOT_LUA, REPLAY_TOO_LONG */
export async function checkBreakpoints(
  network: ActorNetwork,
  past: Past,
  { process, index, nonce }: Moment,
  breakpoints: readonly Breakpoint[],
): Promise<BreakpointCheck[]> {
  const sources = readSources(network, process, nonce);
  const handlers = await past.at(process, index, ({ machine, baseline }) =>
    Object.keys(readProcessState(machine, baseline).handlers),
  );
  const codeLines = createCodeLines(compileLua());
  return breakpoints.map((breakpoint) => {
    if (breakpoint.kind === 'error') return { state: 'set' };
    const problem = breakpoint.condition && syntaxError(codeLines, breakpoint.condition);
    if (problem) return { state: 'wrong', message: `its condition is no Lua: ${problem}` };
    if (breakpoint.kind === 'handler') return checkHandler(breakpoint.handler, handlers);
    const { file, line } = breakpoint;
    if (isFileOf(file, 'aos')) return { state: 'set' }; // any text that was evaluated
    const name = sources.names.find((known) => isFileOf(file, `@${known}`));
    const text = name === undefined ? undefined : sources.linesOf(name);
    if (name === undefined || !text) {
      return { state: 'pending', message: `no file ${file} is loaded yet` };
    }
    return checkLine(codeLines(text.join('\n'), name).lines, { name, line, last: text.length });
  });
}

function checkHandler(wanted: string, handlers: readonly string[]): BreakpointCheck {
  if (handlers.includes(wanted)) return { state: 'set' };
  const names = handlers.filter((name) => !name.startsWith('_')).slice(-NAMED);
  const known = names.length === 0 ? '' : `: there are ${names.join(', ')}`;
  return { state: 'pending', message: `no handler "${wanted}" is there yet${known}` };
}

function checkLine(
  lines: readonly number[],
  { name, line, last }: { readonly name: string; readonly line: number; readonly last: number },
): BreakpointCheck {
  if (line > last) return { state: 'wrong', message: `${name} has ${last} lines` };
  const next = lines.find((one) => one >= line);
  if (next === line) return { state: 'set' };
  if (next === undefined) return { state: 'wrong', message: `no code follows ${name}:${line}` };
  return { state: 'set', line: next, message: `${name}:${line} has no code, the next is ${next}` };
}

function syntaxError(codeLines: CodeLines, condition: string): string | undefined {
  try {
    codeLines(`return ${condition}`, 'condition');
    return undefined;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return error.message.replace(/^.*?condition:\d+: /, '');
  }
}
