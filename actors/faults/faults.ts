/**
 * Faults: what goes wrong in a network because somebody wants to see what happens then. Everything a
 * fault does is in the trace (`Delivery.faults`) and told as an event. None of this is in AO: there it
 * happens by itself.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { ComputeUnit } from '../compute/compute.js';
import { ActorError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Crank } from '../messenger/crank.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import { checkChance, checkGroups, checkLink, checkNumber, checkTarget } from './checks.js';
import { describeRule } from './describing.js';
import type { Road } from './road.js';
import {
  type Chance,
  type FaultKind,
  isSameLink,
  type Link,
  type RuleInfo,
  type RuleSpec,
  type Target,
} from './rule.js';
import type { Rule, Rules } from './rules.js';

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

export interface FaultsOptions {
  readonly rules: Rules;
  readonly road: Road;
  readonly crank: Crank;
  readonly compute: ComputeUnit;
  readonly scheduler: Pick<SchedulerUnit, 'requireProcess'>;
  /** With a store that outlasts the run there are no faults. */
  readonly gateway: Pick<Gateway, 'records'>;
  readonly now: () => number;
  readonly emit: (event: NetworkEvent) => void;
  /** Sends on the crons of monitored processes that were halted. */
  readonly sendCrons: () => Promise<void>;
}

export function createFaults(options: FaultsOptions): FaultsUnit {
  const { rules, road, crank, compute, scheduler, gateway, now, emit } = options;

  const tell = (rule: Rule, text: string) =>
    emit({ type: 'fault', fault: rule.fault, rule: rule.number, text });
  const goOn = () => {
    road.reopen();
    compute.proceed();
    crank.updateHalts();
    crank.run();
  };
  const end = async (isOver: (rule: Rule) => boolean): Promise<void> => {
    const over = rules.all().filter(isOver);
    rules.end(isOver);
    for (const rule of over) tell(rule, `over: ${describeRule(rule)}`);
    if (over.length > 0) goOn();
    await crank.restAll();
    if (over.some(isOutage)) await options.sendCrons();
  };
  const begin = (spec: RuleSpec): FaultRule => {
    if (gateway.records) throw needsMemory('faults');
    const rule = rules.add(spec);
    tell(rule, describeRule(rule));
    const { number, fault } = rule;
    return {
      number,
      fault,
      get struck() {
        return rule.struck;
      },
      end: () => end((other) => other === rule),
    };
  };
  const halt = (spec: RuleSpec & { readonly fault: 'crash' | 'busy' }): FaultRule => {
    const handle = begin(spec);
    const { fault, target } = spec;
    if (fault === 'crash' && target === 'cu') compute.crash();
    else if (fault === 'crash' && target !== 'su' && target !== 'mu') compute.crash(target);
    crank.updateHalts();
    crank.run();
    return handle;
  };

  return {
    hold: (link = {}) => begin({ fault: 'hold', link: checkLink(link) }),
    release(link) {
      if (link) road.release(checkLink(link));
      else road.release({});
      const isMeant = (rule: Rule) =>
        rule.fault === 'hold' && (link === undefined || isSameLink(rule.link, link));
      if (!rules.all().some(isMeant)) goOn();
      return end(isMeant);
    },
    drop: (link = {}, chance = {}) =>
      begin({ fault: 'drop', link: checkLink(link), ...checkChance(chance) }),
    duplicate: (link = {}, chance = {}) =>
      begin({ fault: 'duplicate', link: checkLink(link), ...checkChance(chance) }),
    delay(link, ms) {
      const { min, max } = typeof ms === 'object' ? ms : { min: ms, max: ms };
      const minMs = checkNumber(min, 'a delay', 0);
      const maxMs = checkNumber(max, 'a delay', minMs);
      return begin({ fault: 'delay', link: checkLink(link), minMs, maxMs });
    },
    reorder(link = {}, { within = 3 } = {}) {
      checkNumber(within, 'within', 1);
      return begin({ fault: 'reorder', link: checkLink(link), within });
    },
    partition: (groupA, groupB) =>
      begin({ fault: 'partition', groups: checkGroups(groupA, groupB) }),
    heal: () => end(({ fault }) => fault === 'partition'),
    crash(target) {
      return halt({ fault: 'crash', target: checkTarget(target, scheduler.requireProcess) });
    },
    restart: (target) =>
      end((rule) => rule.fault === 'crash' && (target ?? rule.target) === rule.target),
    busy(target, ms) {
      if (target === 'su' || target === 'mu') throw onlyCompute(target);
      const untilMs = now() + checkNumber(ms, 'a time', 1);
      return halt({
        fault: 'busy',
        target: checkTarget(target, scheduler.requireProcess),
        untilMs,
      });
    },
    list: () => rules.all().map(toInfo),
    clear: () => end(() => true),
    nextDueMs() {
      const nowMs = now();
      const times = rules.of('busy').map(({ untilMs }) => untilMs);
      return Math.min(...[...times, road.nextDueMs()].filter((dueMs) => dueMs > nowMs));
    },
    tick() {
      const nowMs = now();
      const isOver = (rule: Rule) => rule.fault === 'busy' && rule.untilMs <= nowMs;
      const isDue = rules.end(isOver) > 0 || road.nextDueMs() <= nowMs;
      if (isDue) goOn();
      return isDue;
    },
  };
}

function isOutage({ fault }: Rule): boolean {
  return fault === 'crash' || fault === 'busy';
}

function toInfo({ dueMs, drawn, ...info }: Rule): RuleInfo {
  return structuredClone(info);
}

export function needsMemory(what: string): ActorError {
  return new ActorError('FAULTS_NEED_MEMORY', `a network over a store that lasts has no ${what}`, {
    hint: 'Make the network without a store (no --db); to lose power for real, end the program.',
  });
}

function onlyCompute(target: string): ActorError {
  return new ActorError('BAD_FAULT', `"${target}" cannot be busy, only the compute unit can`, {
    hint: "Give 'cu' or the id of a process.",
    details: { target },
  });
}
