/**
 * Faults as a test asks for them: links by names and handles, times in words. A rule is known by its
 * number, so that it can be ended in a fork, and after a revert, as well.
 */
import type { FaultRule, Faults } from '../actors/faults/faults.js';
import type { Chance, Link } from '../actors/faults/rule.js';
import type { ActorNetwork } from '../actors/network.js';
import type { Ref } from './people/refs.js';
import { type Duration, parseDuration } from './time/durations.js';

/** Messages that a fault is about: those of which all that is given is true. */
export interface KitLink extends Omit<Link, 'from' | 'to'> {
  readonly from?: Ref;
  readonly to?: Ref;
}

/** What can crash: the scheduler, messenger or compute unit, or one process. */
export type CrashTarget = 'su' | 'mu' | 'cu' | Exclude<Ref, string> | (string & {});

export interface KitFaults extends Faults {
  hold(link?: KitLink): FaultRule;
  release(link?: KitLink): Promise<void>;
  drop(link?: KitLink, chance?: Chance): FaultRule;
  duplicate(link?: KitLink, chance?: Chance): FaultRule;
  delay(
    link: KitLink,
    time: Duration | { readonly min: Duration; readonly max: Duration },
  ): FaultRule;
  reorder(link?: KitLink, options?: { readonly within?: number }): FaultRule;
  partition(groupA: readonly Ref[], groupB: readonly Ref[]): FaultRule;
  crash(target: CrashTarget): FaultRule;
  restart(target?: CrashTarget): Promise<void>;
  busy(target: CrashTarget, time: Duration): FaultRule;
}

/**
 * What is no link, group or time at all goes to the core as it is, which refuses it by name.
 * @param self by which a rule ends itself
 * @throws {UNKNOWN_NAME, AMBIGUOUS_NAME, BAD_DURATION} and BAD_FAULT of the core
 */
export function createKitFaults(
  current: () => ActorNetwork,
  idOf: (ref: Ref) => string,
  self: () => KitFaults,
): KitFaults {
  const faults = () => current().faults;
  const linkOf = (link: KitLink = {}): Link => {
    if (typeof link !== 'object' || link === null) return link;
    const { from, to, ...rest } = link;
    return {
      ...rest,
      ...(from !== undefined && { from: idOf(from) }),
      ...(to !== undefined && { to: idOf(to) }),
    };
  };
  const groupOf = (refs: readonly Ref[]): readonly string[] =>
    Array.isArray(refs) ? refs.map(idOf) : (refs as never);
  const targetOf = (target: CrashTarget) =>
    typeof target === 'string' && UNITS.has(target) ? target : idOf(target);
  /** The rule of that number in whichever network is the current one. */
  const known = ({ number, fault, struck }: FaultRule): FaultRule => ({
    number,
    fault,
    get struck() {
      return (
        faults()
          .list()
          .find((rule) => rule.number === number)?.struck ?? struck
      );
    },
    end: () => self().end(number),
  });
  return {
    hold: (link) => known(faults().hold(linkOf(link))),
    release: (link) => faults().release(link && linkOf(link)),
    drop: (link, chance) => known(faults().drop(linkOf(link), chance)),
    duplicate: (link, chance) => known(faults().duplicate(linkOf(link), chance)),
    delay: (link, time) => known(faults().delay(linkOf(link), readTime(time))),
    reorder: (link, options) => known(faults().reorder(linkOf(link), options)),
    partition: (groupA, groupB) => known(faults().partition(groupOf(groupA), groupOf(groupB))),
    heal: () => faults().heal(),
    crash: (target) => known(faults().crash(targetOf(target))),
    restart: (target) => faults().restart(target === undefined ? target : targetOf(target)),
    busy: (target, time) => known(faults().busy(targetOf(target), parseDuration(time))),
    list: () => faults().list(),
    end: (number) => faults().end(number),
    clear: () => faults().clear(),
  };
}

const UNITS: ReadonlySet<string> = new Set(['su', 'mu', 'cu']);

function readTime(time: Duration | { readonly min: Duration; readonly max: Duration }) {
  if (typeof time !== 'object' || time === null) return parseDuration(time);
  return { min: parseDuration(time.min), max: parseDuration(time.max) };
}
