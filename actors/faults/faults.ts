/**
 * Faults: what goes wrong in a network because somebody wants to see what happens then. Everything a
 * fault does is in the trace (`Delivery.faults`) and told as an event. None of this is in AO: there it
 * happens by itself.
 */
import { ActorError } from '../errors.js';
import {
  checkChance,
  checkFields,
  checkGroups,
  checkLink,
  checkNumber,
  checkTarget,
} from './checks.js';
import {
  type Chance,
  type FaultKind,
  isSameLink,
  type Link,
  type RuleInfo,
  type Target,
} from './rule.js';
import type { Rule } from './rules.js';
import { begin, end, goOn, halt, nextDueMs, type Ruling, tick } from './ruling.js';

export type { Link } from './rule.js';

/** A fault that was asked for. */
export interface FaultRule {
  /** Counts the faults of a network from 1 on. */
  readonly number: number;
  readonly fault: FaultKind;
  /** Messages that it struck. */
  readonly struck: number;
  /** Ends it; resolves when nothing moves by itself any more. */
  end(): Promise<void>;
}

/**
 * Links name ids; without a link all messages are meant. What is asked for later also befalls what was
 * sent before and has not arrived. A message that comes upon several faults meets them in the order in
 * which they were asked for. Messages of one sender to one process arrive in the order of sending but
 * for `reorder`, and but for faults that are about some of them only.
 */
export interface Faults {
  /** Messages wait until `release`. */
  hold(link?: Link): FaultRule;
  /** Lets what is held now, and fits, through, and ends the holds of that very link; of all without one. */
  release(link?: Link): Promise<void>;
  /** Messages are lost on their way: they are in the trace, and never in a log or on the gateway. */
  drop(link?: Link, chance?: Chance): FaultRule;
  /**
   * The messenger unit signs again, with another anchor, what it has sent: the process is given two
   * messages. Only what processes send; assignments are not, because the scheduler unit takes none twice.
   */
  duplicate(link?: Link, chance?: Chance): FaultRule;
  /** Messages arrive later, by virtual time: move the clock. @param ms whole milliseconds, or from and to */
  delay(link: Link, ms: number | { readonly min: number; readonly max: number }): FaultRule;
  /**
   * Messages that are on the way at the same time arrive in a random order.
   * @param options `within`: how many may overtake one of them, 3 by default
   */
  reorder(link?: Link, options?: { readonly within?: number }): FaultRule;
  /** Messages between the groups wait, either way, until `heal`. Groups are of processes and wallets. */
  partition(groupA: readonly string[], groupB: readonly string[]): FaultRule;
  /** Ends all partitions. */
  heal(): Promise<void>;
  /**
   * Something stops, and forgets what it had in memory. `su`: nothing is scheduled; what the messenger
   * unit took waits, and who asks the scheduler unit itself is told UNIT_DOWN. `mu`: nothing comes in
   * (UNIT_DOWN), and what processes send waits. `cu`, or a process: messages are scheduled and not
   * evaluated; who asks for results or state is told UNIT_DOWN or PROCESS_DOWN.
   * @throws {UNKNOWN_PROCESS}
   */
  crash(target: Target): FaultRule;
  /** Goes on after a crash, with what waited; of all that has crashed without a target. */
  restart(target?: Target): Promise<void>;
  /**
   * The compute unit evaluates nothing, or nothing of one process, for so long; who asks is told
   * UNIT_BUSY.
   * @throws {UNKNOWN_PROCESS}
   */
  busy(target: Target, ms: number): FaultRule;
  /** Faults in force, as plain values. */
  list(): readonly RuleInfo[];
  /** Ends the fault of this number, if it is not over. */
  end(number: number): Promise<void>;
  /** Ends all faults: what waits goes on. */
  clear(): Promise<void>;
}

/** The faults as the units of the network use them. */
export interface FaultsUnit extends Faults {
  /** The next moment after now at which something goes on; Infinity without any. */
  nextDueMs(): number;
  /** Has what is due by now go on. @returns true if anything was */
  tick(): boolean;
}

export function createFaults(ruling: Ruling): FaultsUnit {
  const { rules, road, now } = ruling;
  const { requireProcess } = ruling.scheduler;
  return {
    hold: (link = {}) => begin(ruling, { fault: 'hold', link: checkLink(link) }),
    release(link) {
      road.release(checkLink(link ?? {}));
      goOn(ruling);
      return end(
        ruling,
        (rule) => rule.fault === 'hold' && (link === undefined || isSameLink(rule.link, link)),
      );
    },
    drop: (link = {}, chance = {}) =>
      begin(ruling, { fault: 'drop', link: checkLink(link), ...checkChance(chance) }),
    duplicate: (link = {}, chance = {}) =>
      begin(ruling, { fault: 'duplicate', link: checkLink(link), ...checkChance(chance) }),
    delay(link, ms) {
      const { min, max } = typeof ms === 'object' && ms !== null ? ms : { min: ms, max: ms };
      const minMs = checkNumber(min, 'a delay', 0);
      const maxMs = checkNumber(max, 'a delay', minMs);
      return begin(ruling, { fault: 'delay', link: checkLink(link), minMs, maxMs });
    },
    reorder(link = {}, options = {}) {
      checkFields('what reorder is given', options, ['within']);
      const { within = 3 } = options;
      checkNumber(within, 'within', 1);
      return begin(ruling, { fault: 'reorder', link: checkLink(link), within });
    },
    partition: (groupA, groupB) =>
      begin(ruling, { fault: 'partition', groups: checkGroups(groupA, groupB) }),
    heal: () => end(ruling, ({ fault }) => fault === 'partition'),
    crash: (target) =>
      halt(ruling, { fault: 'crash', target: checkTarget(target, requireProcess) }),
    restart: (target) =>
      end(ruling, (rule) => rule.fault === 'crash' && (target ?? rule.target) === rule.target),
    busy(target, ms) {
      if (target === 'su' || target === 'mu') throw onlyCompute(target);
      const untilMs = now() + checkNumber(ms, 'a time', 1);
      const busy = checkTarget(target, requireProcess);
      return halt(ruling, { fault: 'busy', target: busy, untilMs });
    },
    list: () => rules.all().map(toInfo),
    end: (number) => end(ruling, (rule) => rule.number === number),
    clear: () => end(ruling, () => true),
    nextDueMs: () => nextDueMs(ruling),
    tick: () => tick(ruling),
  };
}

function toInfo({ dueMs, drawn, ...info }: Rule): RuleInfo {
  return structuredClone(info);
}

function onlyCompute(target: string): ActorError {
  return new ActorError('BAD_FAULT', `"${target}" cannot be busy, only the compute unit can`, {
    hint: "Give 'cu' or the id of a process.",
    details: { target },
  });
}
