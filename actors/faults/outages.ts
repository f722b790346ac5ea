/** What is down or busy: units that answer nobody, and processes that are evaluated later. */
import { ActorError } from '../errors.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import type { WaitReason } from './journey.js';
import type { Target, UnitName } from './rule.js';
import type { Rule, Rules } from './rules.js';

export interface Outages {
  /** Whether what a process was assigned waits. */
  isHalted(process: string): boolean;
  /** Why, and until when if that is known. */
  haltOf(process: string): Halt | undefined;
  /** @throws {UNIT_DOWN} */
  requireUnit(unit: 'su' | 'mu'): void;
  /** For who asks the compute unit about a process. @throws {UNIT_DOWN, PROCESS_DOWN, UNIT_BUSY} */
  requireAnswers(process: string): void;
}

export interface Halt {
  readonly rule: Rule<'crash' | 'busy'>;
  readonly reason: WaitReason;
  readonly dueMs?: number;
  /** What it does to a message. */
  readonly text: string;
}

/** Units as a sentence names them. */
export const UNIT_NAMES: Readonly<Record<UnitName, string>> = {
  su: 'the scheduler unit',
  mu: 'the messenger unit',
  cu: 'the compute unit',
};

/** @param nameOf what a process is called, for sentences */
export function createOutages(
  rules: Rules,
  now: () => number,
  nameOf: (process: string) => string | undefined,
): Outages {
  const haltOf = (process: string): Halt | undefined => {
    const hits = (target: Target) => target === 'cu' || target === process;
    const crash = rules.of('crash').find(({ target }) => hits(target));
    if (crash) {
      const isUnit = crash.target === 'cu';
      const text = `not evaluated at once: ${isUnit ? UNIT_NAMES.cu : 'the process'} had crashed`;
      return { rule: crash, reason: isUnit ? 'cu-down' : 'process-down', text };
    }
    const nowMs = now();
    const busy = rules.of('busy').filter(({ target, untilMs }) => hits(target) && untilMs > nowMs);
    const [last] = busy.sort((a, b) => b.untilMs - a.untilMs);
    const text = 'not evaluated at once: the compute unit was busy';
    return last && { rule: last, reason: 'busy', dueMs: last.untilMs, text };
  };
  return {
    isHalted: (process) => !rules.isEmpty && haltOf(process) !== undefined,
    haltOf,
    requireUnit(unit) {
      if (rules.isEmpty) return;
      if (rules.of('crash').some(({ target }) => target === unit)) throw unitDown(unit);
    },
    requireAnswers(process) {
      const halt = rules.isEmpty ? undefined : haltOf(process);
      if (!halt) return;
      if (halt.reason === 'cu-down') throw unitDown('cu');
      const shown = describeProcess(process, nameOf(process));
      throw halt.dueMs === undefined
        ? processDown(process, shown)
        : unitBusy(process, shown, halt.dueMs);
    },
  };
}

/** A scheduler unit that takes nothing while it is down. */
export function guardScheduler(unit: SchedulerUnit, outages: Outages): SchedulerUnit {
  const guard =
    <Args extends unknown[], Answer>(act: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      outages.requireUnit('su');
      return act(...args);
    };
  return {
    ...unit,
    start: guard(unit.start),
    schedule: guard(unit.schedule),
    assign: guard(unit.assign),
  };
}

function unitDown(unit: UnitName): ActorError {
  return new ActorError('UNIT_DOWN', `${UNIT_NAMES[unit]} has crashed and answers nobody`, {
    hint: `A fault did that: faults.restart('${unit}') brings it up again.`,
    details: { unit },
  });
}

/** `counter (mgd...)` */
function describeProcess(process: string, name: string | undefined): string {
  return name ? `${name} (${process})` : process;
}

function processDown(process: string, shown: string): ActorError {
  return new ActorError('PROCESS_DOWN', `the process ${shown} has crashed and answers nobody`, {
    hint: 'A fault did that: faults.restart with its name or id wakes it from its log.',
    details: { process },
  });
}

function unitBusy(process: string, shown: string, untilMs: number): ActorError {
  const text = `the compute unit is busy until ${untilMs} and does not answer for ${shown}`;
  return new ActorError('UNIT_BUSY', text, {
    hint: 'A fault did that: move the clock on, or end the fault.',
    details: { process, untilMs },
  });
}
