/**
 * `toMatchTrace` over vitest's own snapshots, so that a golden trace is written, shown as a difference
 * and brought up to date like any other.
 */
import type { MatcherState } from 'vitest';
import * as vitest from 'vitest';
import { KitError, show } from '../errors.js';
import { goldenTrace } from '../match/golden.js';
import type { Subject } from '../match/subject.js';
import type { TraceOptions } from './matcher-types.js';

/** A trace on its way into a snapshot: written as it is, and not as a quoted text. */
interface Golden {
  readonly goldenTrace: string;
}

type Result = ReturnType<typeof vitest.Snapshots.toMatchSnapshot>;

export const traceSerializer = {
  test: (value: unknown): value is Golden =>
    typeof (value as Partial<Golden> | null)?.goldenTrace === 'string',
  serialize: (value: unknown) => (value as Golden).goldenTrace,
};

export function matchTrace(
  state: MatcherState,
  subject: Subject,
  golden?: string | TraceOptions,
  options: TraceOptions = {},
) {
  const { file, ...detail } = typeof golden === 'object' ? golden : options;
  checkGolden(golden, file);
  const trace = goldenTrace(subject, detail);
  const snapshots = snapshotsOf(vitest);
  if (file !== undefined) {
    return snapshots.toMatchFileSnapshot.call(state, `${trace}\n`, file).then(explain);
  }
  if (typeof golden !== 'string') {
    return explain(snapshots.toMatchSnapshot.call(state, { goldenTrace: trace }));
  }
  const inline = golden.trim() === '' ? undefined : golden;
  return explain(snapshots.toMatchInlineSnapshot.call(state, { goldenTrace: trace }, inline));
}

/** Of a snapshot that is neither there nor written, vitest only says that it is mismatched. */
function explain(result: Result): Result {
  if (result.pass || result.expected !== undefined) return result;
  // Nothing is expected, so that the trace is shown as a difference.
  return { ...result, expected: '', message: () => NOT_WRITTEN };
}

const NOT_WRITTEN = `there is no golden trace yet, and this run writes none
  vitest writes it where CI is not set: run the test on your own machine and commit what it writes.`;

function checkGolden(golden: unknown, file: unknown): void {
  const isKnown = golden === undefined || typeof golden === 'string' || typeof golden === 'object';
  if (isKnown && (file === undefined || (typeof file === 'string' && file !== ''))) return;
  throw new KitError('BAD_MATCHER', `the golden trace is ${show(isKnown ? file : golden)}`, {
    hint: "Give the trace as text, '' to have it filled in, { file: 'x.trace' }, or nothing.",
  });
}

function snapshotsOf({ Snapshots }: Partial<typeof vitest>): NonNullable<typeof Snapshots> {
  if (Snapshots) return Snapshots;
  throw new KitError('BAD_MATCHER', 'this vitest has no snapshots for matchers', {
    hint: 'toMatchTrace needs vitest 4.1 or later.',
  });
}
