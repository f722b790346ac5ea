/**
 * What can be typed while a debugger stands still: commands of one table, from which help derives,
 * each by its name or its first letters. Anything else is Lua, evaluated in the call that is selected.
 */
import type { Breakpoint, SessionView } from '../../index.js';
import { CliError } from '../errors.js';
import { alignColumns } from '../format.js';
import type { Terminal } from '../terminal.js';
import { describeBreakpoints, typeBreakpoint, withoutBreakpoint } from './breakpoints.js';
import type { DebugSessionClient } from './client.js';
import { describeFrames, describeStop, describeVariables } from './lines.js';

/** A session with a person at it. */
export interface Bench {
  readonly terminal: Pick<Terminal, 'colors' | 'columns'>;
  readonly session: DebugSessionClient;
  /** The call whose variables are seen. */
  frame: number;
  breakpoints: readonly Breakpoint[];
  /** Called when they change. */
  readonly onBreakpoints: (breakpoints: readonly Breakpoint[]) => Promise<void>;
  print(line: string): void;
  /** Set when the person is done. */
  left: boolean;
}

export interface BenchCommand {
  readonly names: readonly string[];
  readonly usage: string;
  readonly summary: string;
  run(bench: Bench, rest: string): Promise<void>;
}

const move = (how: Parameters<DebugSessionClient['move']>[0]) => async (bench: Bench) => {
  const before = bench.session.view.stop.place;
  const view = await bench.session.move(how);
  const isStuck = before === 0 && view.stop.place === 0;
  if (isStuck)
    bench.print(bench.terminal.colors.dim('this is the first line: nothing ran before it'));
  else await showStop(bench, view);
};

export const BENCH_COMMANDS: readonly BenchCommand[] = [
  {
    names: ['next', 'n'],
    usage: 'next',
    summary: 'the next line here, over calls',
    run: move('next'),
  },
  { names: ['step', 's'], usage: 'step', summary: 'the next line, into calls', run: move('step') },
  { names: ['out', 'o', 'finish'], usage: 'out', summary: 'back to the caller', run: move('out') },
  {
    names: ['continue', 'c'],
    usage: 'continue',
    summary: 'to the next breakpoint or error, or to the end',
    run: goOn,
  },
  {
    names: ['back', 'b'],
    usage: 'back',
    summary: 'the line before, over calls',
    run: move('back'),
  },
  {
    names: ['step-back', 'sb'],
    usage: 'step-back',
    summary: 'the line that ran before this one',
    run: move('step-back'),
  },
  {
    names: ['reverse', 'r'],
    usage: 'reverse',
    summary: 'back to the breakpoint before, or to the first line',
    run: move('reverse'),
  },
  { names: ['go', 'g'], usage: 'go N', summary: 'to line N of those that run', run: go },
  { names: ['stack', 'where', 'bt'], usage: 'stack [all]', summary: 'the calls', run: showStack },
  { names: ['frame', 'f'], usage: 'frame N', summary: 'look into call #N', run: selectFrame },
  {
    names: ['locals', 'l'],
    usage: 'locals',
    summary: 'variables of this call',
    run: show('locals'),
  },
  {
    names: ['upvalues', 'u'],
    usage: 'upvalues',
    summary: 'variables from around its function',
    run: show('upvalues'),
  },
  { names: ['globals'], usage: 'globals', summary: "the program's globals", run: show('globals') },
  {
    names: ['break'],
    usage: 'break PLACE [if LUA]',
    summary: 'stop at FILE:LINE, a handler, or error; without PLACE: list',
    run: addBreakpoint,
  },
  {
    names: ['unbreak'],
    usage: 'unbreak [N]',
    summary: 'forget breakpoint N, or all',
    run: unbreak,
  },
  { names: ['list'], usage: 'list', summary: 'where this is, once more', run: list },
  { names: ['print', 'p'], usage: 'print LUA', summary: 'what LUA gives here', run: print },
  { names: ['help', 'h', '?'], usage: 'help', summary: 'this list', run: help },
  { names: ['quit', 'q', 'exit'], usage: 'quit', summary: 'leave the debugger', run: quit },
];

/** Does what a line asks for. @throws {CliError} */
export async function enterBench(bench: Bench, line: string): Promise<void> {
  const text = line.trim().replace(/^\./, '');
  if (text === '') return;
  const [, word = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  const command = BENCH_COMMANDS.find(({ names }) => names.includes(word));
  const isCommand = command !== undefined && (rest === '' || command.usage.includes(' '));
  if (isCommand) await command.run(bench, rest.trim());
  else await print(bench, text);
}

export async function showStop(bench: Bench, view: SessionView): Promise<void> {
  bench.frame = view.frames.find(({ isKernel }) => !isKernel)?.frame ?? 0;
  const { locals } = await bench.session.scopes(bench.frame);
  const seen = view.frames.length === 0 ? [] : await bench.session.variables(locals);
  for (const line of describeStop(view, seen, bench.terminal)) bench.print(line);
}

async function goOn(bench: Bench): Promise<void> {
  const { live } = bench.session.view;
  const view = await bench.session.move('continue');
  if (live && !view.live) {
    bench.left = true; // the network has it again
    bench.print(bench.terminal.colors.dim('goes on'));
    return;
  }
  await showStop(bench, view);
}

async function go(bench: Bench, rest: string): Promise<void> {
  const place = Number(rest);
  if (!Number.isSafeInteger(place) || place < 1) throw usage('go', 'go N', 'N counts from 1.');
  await showStop(bench, await bench.session.go(place - 1));
}

async function showStack(bench: Bench, rest: string): Promise<void> {
  const { frames } = bench.session.view;
  const lines = describeFrames(frames, bench.frame, rest === 'all', bench.terminal);
  for (const line of frames.length === 0 ? ['no call is under way'] : lines) bench.print(line);
}

async function selectFrame(bench: Bench, rest: string): Promise<void> {
  const number = Number(rest.replace(/^#/, ''));
  const { frames } = bench.session.view;
  if (rest === '' || frames[number] === undefined) {
    throw usage('frame', 'frame N', 'stack lists the calls with their numbers.');
  }
  bench.frame = number;
  for (const line of describeFrames([frames[number]], number, true, bench.terminal)) {
    bench.print(line);
  }
}

function show(scope: 'locals' | 'upvalues' | 'globals') {
  return async (bench: Bench) => {
    const scopes = await bench.session.scopes(bench.frame);
    const isOver = bench.session.view.frames.length === 0;
    const variables = isOver ? [] : await bench.session.variables(scopes[scope]);
    const lines = describeVariables(variables, bench.terminal);
    for (const line of lines.length === 0 ? ['  none'] : lines) bench.print(line);
  };
}

async function addBreakpoint(bench: Bench, rest: string): Promise<void> {
  const typed = rest === '' ? undefined : await typeBreakpoint(rest, bench.session.check);
  if (typed) await changeBreakpoints(bench, [...bench.breakpoints, typed.breakpoint]);
  listBreakpoints(bench, typed?.about);
}

async function unbreak(bench: Bench, rest: string): Promise<void> {
  await changeBreakpoints(bench, withoutBreakpoint(bench.breakpoints, rest));
  listBreakpoints(bench);
}

function listBreakpoints({ breakpoints, terminal, print }: Bench, about?: string): void {
  for (const line of describeBreakpoints(breakpoints, terminal, about)) print(line);
}

async function changeBreakpoints(bench: Bench, list: readonly Breakpoint[]): Promise<void> {
  await bench.session.setBreakpoints(list);
  bench.breakpoints = list;
  await bench.onBreakpoints(list);
}

async function list(bench: Bench): Promise<void> {
  await showStop(bench, bench.session.view);
}

async function print(bench: Bench, code: string): Promise<void> {
  if (code === '') throw usage('print', 'print LUA', 'Any variable or expression of this call.');
  const { colors } = bench.terminal;
  if (bench.session.view.frames.length === 0) {
    bench.print(colors.dim('no call is under way here: back leads into the message again'));
    return;
  }
  const { values, error } = await bench.session.evaluate(code, bench.frame);
  if (error !== undefined) bench.print(colors.red(`error: ${error}`));
  for (const { text, reference } of values) {
    // What does not fit on a line is listed, field by field.
    const isShort = reference === 0 || text.length < bench.terminal.columns();
    const fields = isShort ? [] : await bench.session.variables(reference);
    const lines = isShort ? [text] : describeVariables(fields, bench.terminal);
    for (const line of lines) bench.print(line);
  }
}

async function help(bench: Bench): Promise<void> {
  const rows = BENCH_COMMANDS.map(({ names, usage: how, summary }) => {
    return [`  ${how}`, names.slice(1).join(' '), summary];
  });
  for (const line of alignColumns(rows)) bench.print(line);
  bench.print(
    '  Anything else is Lua, evaluated in the selected call; what it changes is forgotten.',
  );
}

async function quit(bench: Bench): Promise<void> {
  await bench.session.resume();
  bench.left = true;
}

function usage(command: string, how: string, hint: string): CliError {
  return new CliError('USAGE', `${command}: write it as ${how}`, hint);
}
