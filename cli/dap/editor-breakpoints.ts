/**
 * The breakpoints of an editor: one list for each file, one of handlers, one of filters. Each request
 * replaces one of them; a session wants them all together.
 */
import type { Breakpoint } from '../../index.js';

type Arguments = Readonly<Record<string, unknown>>;

export interface EditorBreakpoints {
  all(): readonly Breakpoint[];
  /** Paths of files that have had some. */
  paths(): Iterable<string>;
  /** Of `setBreakpoints`; answers its list. */
  setLines(args: Arguments): object[];
  /** Of `setFunctionBreakpoints`: handlers by their names. */
  setHandlers(args: Arguments): object[];
  /** Of `setExceptionBreakpoints`. */
  setErrors(args: Arguments): void;
}

export function createEditorBreakpoints(): EditorBreakpoints {
  const lines = new Map<string, readonly Breakpoint[]>();
  let handlers: readonly Breakpoint[] = [];
  let errors: readonly Breakpoint[] = [{ kind: 'error' }];
  return {
    all: () => [...[...lines.values()].flat(), ...handlers, ...errors],
    paths: () => lines.keys(),
    setLines(args) {
      const { path = '', name = '' } = (args.source ?? {}) as { path?: string; name?: string };
      const file = path || name;
      const wanted = listOf(args);
      lines.set(
        file,
        wanted.map((one) => ({ kind: 'line', file, line: Number(one.line), ...conditionOf(one) })),
      );
      return wanted.map(({ line }) => ({ verified: true, line }));
    },
    setHandlers(args) {
      const wanted = listOf(args);
      handlers = wanted.map((one) => {
        return { kind: 'handler', handler: String(one.name), ...conditionOf(one) };
      });
      return wanted.map(() => ({ verified: true }));
    },
    setErrors({ filters }) {
      const isWanted = Array.isArray(filters) && filters.includes('error');
      errors = isWanted ? [{ kind: 'error' }] : [];
    },
  };
}

function listOf({ breakpoints }: Arguments): readonly Arguments[] {
  return Array.isArray(breakpoints) ? (breakpoints as Arguments[]) : [];
}

function conditionOf({ condition }: Arguments): { condition?: string } {
  return typeof condition === 'string' && condition.trim() !== '' ? { condition } : {};
}
