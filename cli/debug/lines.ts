/**
 * What a debugger shows, as text: where it stands with the source around it, the calls under way,
 * and variables.
 */
import type { FrameView, SessionView, Variable } from '../../index.js';
import { alignColumns, formatCount, shortId, truncate } from '../format.js';
import type { Terminal } from '../terminal.js';

type Page = Pick<Terminal, 'colors' | 'columns'>;

/** The line that runs next, what leads to it and what is around it. */
export function describeStop(view: SessionView, locals: readonly Variable[], page: Page): string[] {
  const { colors } = page;
  const { stop } = view;
  if (stop.reason === 'end') return describeEnd(view, page);
  const { source, line, place, length, error, doubt } = stop;
  const head =
    `${colors.bold(`${source}:${line}`)}  ${callOf(view)}` +
    colors.dim(`  line ${formatCount(place + 1)} of ${formatCount(length)}${reasonOf(view)}`);
  return [
    head,
    ...(doubt === undefined
      ? []
      : [colors.yellow(`its condition is not known to be true: ${oneLine(doubt, page, 39)}`)]),
    ...(error === undefined ? [] : [colors.red(`fails here: ${oneLine(error, page)}`)]),
    ...describeCode(view.code ?? [], page),
    ...(locals.length === 0 ? [] : [colors.dim(`  ${oneLine(listLocals(locals), page, 4)}`)]),
  ];
}

function callOf({ frames }: SessionView): string {
  const own = frames.find(({ isKernel }) => !isKernel);
  if (own === undefined || own.name === 'main chunk') return 'in the main chunk';
  return `in ${own.name}`;
}

function reasonOf({ stop }: SessionView): string {
  if (stop.reason === 'breakpoint') return `, breakpoint ${stop.breakpoint}`;
  return stop.reason === 'start' ? ', the first' : '';
}

function describeCode(code: NonNullable<SessionView['code']>, page: Page): string[] {
  const width = String(code.at(-1)?.line ?? 0).length;
  return code.map(({ line, text, isHere }) => {
    const number = `${isHere ? '>' : ' '} ${String(line).padStart(width)} |`;
    const row = oneLine(`${number} ${text}`.trimEnd(), page);
    return isHere ? page.colors.bold(row) : page.colors.dim(row);
  });
}

/** On one line: what is in tables takes a look of its own. */
function listLocals(locals: readonly Variable[]): string {
  const shown = locals.map(({ name, text, type, size = 0 }) => {
    const isOpen = type === 'table' && size > 0 && text.length > 24;
    return `${name} = ${isOpen ? '{...}' : truncate(text, 48)}`;
  });
  return shown.join('  ');
}

function describeEnd({ outcome, stop }: SessionView, page: Page): string[] {
  const { colors } = page;
  const gas = outcome === undefined ? '' : `, ${formatCount(outcome.gas)} gas`;
  const lines = stop.length === 1 ? '1 line' : `${formatCount(stop.length)} lines`;
  const head = colors.dim(`the end of the message, after ${lines}${gas}; back leads into it again`);
  if (outcome?.error === undefined) return [head];
  return [head, colors.red(`it failed: ${oneLine(outcome.error, page)}`)];
}

/** `corral debug` introduces what it opened. */
export function describeSession(view: SessionView, processName: string, { colors }: Page): string {
  const { action, message, nonce, stop } = view;
  const what = action === undefined ? 'a message' : action;
  const lines = stop.length === 1 ? '1 line' : `${formatCount(stop.length)} lines`;
  return colors.dim(`${what} (${shortId(message)}) at ${processName} #${nonce}: ${lines} of Lua`);
}

export function describeFrames(
  frames: readonly FrameView[],
  selected: number,
  withKernel: boolean,
  { colors }: Page,
): string[] {
  const shown = frames.filter(({ isKernel }) => withKernel || !isKernel);
  const rows = shown.map(({ frame, name, source, line }) => [
    frame === selected ? '>' : ' ',
    `#${frame}`,
    name,
    line > 0 ? `${source}:${line}` : source,
  ]);
  const hidden = frames.length - shown.length;
  const kernels = hidden === 1 ? "1 of the kernel's" : `${hidden} of the kernel's`;
  const rest = hidden === 0 ? [] : [colors.dim(`  and ${kernels}: stack all shows them`)];
  return [...alignColumns(rows), ...rest];
}

export function describeVariables(variables: readonly Variable[], page: Page): string[] {
  const width = Math.min(28, Math.max(0, ...variables.map(({ name }) => name.length)));
  return variables.map(({ name, text }) => oneLine(`  ${name.padEnd(width)} = ${text}`, page));
}

function oneLine(text: string, { columns }: Page, less = 0): string {
  return truncate(text.replace(/\s*\n\s*/g, ' ').replace(/\p{Cc}/gu, ' '), columns() - less);
}
