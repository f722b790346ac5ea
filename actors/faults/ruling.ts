/** Beginning and ending faults, and what a network does then. */
import type { Gateway } from '../../arlocal/gateway.js';
import type { ComputeUnit } from '../compute/compute.js';
import { ActorError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Crank } from '../messenger/crank.js';
import type { SchedulerUnit } from '../scheduler/scheduler.js';
import { describeRule } from './describing.js';
import type { FaultRule } from './faults.js';
import type { Road } from './road.js';
import type { RuleSpec } from './rule.js';
import type { Rule, Rules } from './rules.js';

export interface Ruling {
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

/** @throws {FAULTS_NEED_MEMORY} */
export function begin(ruling: Ruling, spec: RuleSpec): FaultRule {
  if (ruling.gateway.records) throw needsMemory('faults');
  const rule = ruling.rules.add(spec);
  tell(ruling, rule, describeRule(rule));
  const { number, fault } = rule;
  return {
    number,
    fault,
    get struck() {
      return rule.struck;
    },
    end: () => end(ruling, (other) => other === rule),
  };
}

/** Begins a fault that stops something. */
export function halt(
  ruling: Ruling,
  spec: RuleSpec & { readonly fault: 'crash' | 'busy' },
): FaultRule {
  const { compute, crank } = ruling;
  const handle = begin(ruling, spec);
  const { fault, target } = spec;
  if (fault === 'crash' && target === 'cu') compute.crash();
  else if (fault === 'crash' && target !== 'su' && target !== 'mu') compute.crash(target);
  crank.updateHalts();
  crank.run();
  return handle;
}

/** Ends faults; resolves when nothing moves by itself any more. */
export async function end(ruling: Ruling, isOver: (rule: Rule) => boolean): Promise<void> {
  const { rules, crank } = ruling;
  const over = rules.all().filter(isOver);
  rules.end(isOver);
  for (const rule of over) tell(ruling, rule, `over: ${describeRule(rule)}`);
  if (over.length > 0) goOn(ruling);
  await crank.restAll();
  if (over.some(({ fault }) => fault === 'crash' || fault === 'busy')) await ruling.sendCrons();
}

/** Has everything go on that nothing keeps back any more. */
export function goOn({ road, compute, crank }: Ruling): void {
  const turn = crank.hold(); // until it is known what takes a while
  road.reopen();
  compute.proceed();
  crank.updateHalts();
  turn();
}

/** The next moment after now at which something goes on; Infinity without any. */
export function nextDueMs({ rules, road, now }: Ruling): number {
  const nowMs = now();
  const times = rules.of('busy').map(({ untilMs }) => untilMs);
  return Math.min(...[...times, road.nextDueMs()].filter((dueMs) => dueMs > nowMs));
}

/** Has what is due by now go on. @returns true if anything was */
export function tick(ruling: Ruling): boolean {
  const { rules, road, now } = ruling;
  const nowMs = now();
  const ended = rules.end((rule) => rule.fault === 'busy' && rule.untilMs <= nowMs);
  const isDue = ended > 0 || road.nextDueMs() <= nowMs;
  if (isDue) goOn(ruling);
  return isDue;
}

function tell({ emit }: Ruling, { fault, number }: Rule, text: string): void {
  emit({ type: 'fault', fault, rule: number, text });
}

export function needsMemory(what: string): ActorError {
  return new ActorError('FAULTS_NEED_MEMORY', `a network over a store that lasts has no ${what}`, {
    hint: 'Make the network without a store; to lose power for real, end the program.',
  });
}
