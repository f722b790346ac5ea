/**
 * Breakpoints as people type them, in a REPL and in a debugger alike: read, checked against the
 * process, listed.
 */
import type { Breakpoint, BreakpointCheck } from '../../index.js';
import { breakpointText, parseBreakpoint } from '../../index.js';
import { CliError } from '../errors.js';
import type { Terminal } from '../terminal.js';

type Check = (breakpoints: readonly Breakpoint[]) => Promise<readonly BreakpointCheck[]>;

export interface TypedBreakpoint {
  /** At the next line that has code, where the one that was typed has none. */
  readonly breakpoint: Breakpoint;
  /** What there is to say about it. */
  readonly about?: string | undefined;
}

/**
 * @param text `pay.lua:12 if count > 3`, `pay`, `error`
 * @throws {CliError} USAGE for what is no breakpoint, and for one that could never stop
 */
export async function typeBreakpoint(text: string, check: Check): Promise<TypedBreakpoint> {
  const breakpoint = readBreakpoint(text);
  const { state, message, line } = (await check([breakpoint]))[0] ?? { state: 'set' };
  if (state === 'wrong') throw new CliError('USAGE', `no breakpoint: ${message}`, '');
  const isMoved = line !== undefined && breakpoint.kind === 'line';
  return {
    breakpoint: isMoved ? { ...breakpoint, line } : breakpoint,
    about: state === 'pending' ? `pending: ${message}` : message,
  };
}

function readBreakpoint(text: string): Breakpoint {
  const [, place = '', condition] = /^(\S+)(?:\s+if\s+(.+))?$/.exec(text) ?? [];
  if (place === '') {
    throw new CliError(
      'USAGE',
      'break: write it as break PLACE [if LUA]',
      'PLACE is shop.lua:9, a handler such as pay, or error.',
    );
  }
  const breakpoint = parseBreakpoint(place);
  if (condition === undefined || breakpoint.kind === 'error') return breakpoint;
  return { ...breakpoint, condition };
}

/** @param which number as they are listed, from 1; all of them if it is empty */
export function withoutBreakpoint(
  breakpoints: readonly Breakpoint[],
  which: string,
): readonly Breakpoint[] {
  if (which === '' || which === 'all') return [];
  const index = Number(which) - 1;
  if (breakpoints[index] === undefined) {
    const hint = 'break lists the breakpoints with their numbers.';
    throw new CliError('USAGE', 'unbreak: write it as unbreak [N]', hint);
  }
  return breakpoints.toSpliced(index, 1);
}

/** @param about what there is to say about the last of them */
export function describeBreakpoints(
  breakpoints: readonly Breakpoint[],
  { colors }: Pick<Terminal, 'colors'>,
  about?: string,
): string[] {
  if (breakpoints.length === 0) return ['no breakpoints'];
  const lines = breakpoints.map((one, index) => `  ${index + 1}  ${breakpointText(one)}`);
  return about === undefined ? lines : [...lines, colors.yellow(`  ${about}`)];
}
