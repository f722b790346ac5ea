/**
 * The breakpoints of an editor: one list for each file, one of handlers, one of filters. Each request
 * replaces one of them; a session wants them all together, and the editor is told what will come of
 * each, as soon as that is known and whenever it changes.
 */
import type { Breakpoint, BreakpointCheck } from '../../index.js';
import { CliError } from '../errors.js';

type Arguments = Readonly<Record<string, unknown>>;

/** A breakpoint as the protocol has it. */
export interface DapBreakpoint {
  readonly id: number;
  readonly verified: boolean;
  readonly line?: number;
  readonly message?: string;
}

export interface EditorBreakpoints {
  /** Where a session is to stop. */
  all(): readonly Breakpoint[];
  /** Paths of files that have had some. */
  paths(): Iterable<string>;
  /** Of `setBreakpoints`, `setFunctionBreakpoints` (handlers by their names) and the like; answers ids. */
  set(command: string, args: Arguments): readonly number[];
  /** What the editor is told of some. */
  told(ids: readonly number[]): readonly DapBreakpoint[];
  /** Whether one waits for its file or handler, or for a network. */
  readonly isPending: boolean;
  /** Asks what will come of all. @returns those of which there is something new to tell */
  check(
    ask: (list: readonly Breakpoint[]) => Promise<readonly BreakpointCheck[]>,
  ): Promise<readonly DapBreakpoint[]>;
}

interface Entry {
  /** As the editor wants it; a line without code stands for the next one that has some. */
  readonly wanted: Breakpoint;
  told: DapBreakpoint;
}

const NOT_ATTACHED = 'not attached to a process yet';

export function createEditorBreakpoints(): EditorBreakpoints {
  const files = new Map<string, readonly Entry[]>();
  let handlers: readonly Entry[] = [];
  let errors: readonly Breakpoint[] = [{ kind: 'error' }];
  let lastId = 0;
  const entries = () => [...[...files.values()].flat(), ...handlers];
  const enter = (wanted: Breakpoint): Entry => {
    lastId++;
    const line = wanted.kind === 'line' ? { line: wanted.line } : {};
    return { wanted, told: { id: lastId, verified: false, message: NOT_ATTACHED, ...line } };
  };
  return {
    all: () => [...entries().map(placed), ...errors],
    paths: () => files.keys(),
    set(command, args) {
      if (command === 'setExceptionBreakpoints') {
        const isWanted = Array.isArray(args.filters) && args.filters.includes('error');
        errors = isWanted ? [{ kind: 'error' }] : [];
        return [];
      }
      const isLines = command === 'setBreakpoints';
      const file = isLines ? fileOf(args) : '';
      const list = listOf(args).map((one) => enter(isLines ? readLine(file, one) : readName(one)));
      if (isLines) files.set(file, list);
      else handlers = list;
      return list.map(({ told }) => told.id);
    },
    told: (ids) => {
      const byId = new Map(entries().map(({ told }) => [told.id, told]));
      return ids.map((id) => byId.get(id)).filter((told) => told !== undefined);
    },
    get isPending() {
      return entries().some(({ told }) => !told.verified);
    },
    async check(ask) {
      const asked = entries();
      const checks = asked.length === 0 ? [] : await ask(asked.map(({ wanted }) => wanted));
      const news = asked.filter((entry, index) => {
        const before = JSON.stringify(entry.told);
        entry.told = tell(entry, checks[index] ?? { state: 'set' });
        return JSON.stringify(entry.told) !== before;
      });
      const known = new Set(entries()); // those that were replaced meanwhile are none any more
      return news.filter((entry) => known.has(entry)).map(({ told }) => told);
    },
  };
}

function placed({ wanted, told }: Entry): Breakpoint {
  const isMoved = wanted.kind === 'line' && told.line !== undefined;
  return isMoved ? { ...wanted, line: told.line } : wanted;
}

function tell({ wanted, told }: Entry, check: BreakpointCheck): DapBreakpoint {
  const { state, message } = check;
  const line = wanted.kind === 'line' ? { line: check.line ?? wanted.line } : {};
  const about = message === undefined ? {} : { message };
  return { id: told.id, verified: state === 'set', ...about, ...line };
}

function fileOf({ source }: Arguments): string {
  const { path = '', name = '' } = (source ?? {}) as { path?: string; name?: string };
  return path || name;
}

function listOf({ breakpoints }: Arguments): readonly Arguments[] {
  if (!Array.isArray(breakpoints)) return [];
  return breakpoints.map((one: Arguments | null) => one ?? {});
}

function readLine(file: string, one: Arguments): Breakpoint {
  const { line } = one;
  if (!Number.isSafeInteger(line)) throw unreadable('line', line);
  return { kind: 'line', file, line: line as number, ...conditionOf(one) };
}

function readName(one: Arguments): Breakpoint {
  const { name } = one;
  if (typeof name !== 'string') throw unreadable('name', name);
  return { kind: 'handler', handler: name, ...conditionOf(one) };
}

function conditionOf({ condition }: Arguments): { condition?: string } {
  return typeof condition === 'string' && condition.trim() !== '' ? { condition } : {};
}

function unreadable(field: string, value: unknown): CliError {
  return new CliError('USAGE', `a breakpoint has the ${field} ${JSON.stringify(value)}`, '');
}
