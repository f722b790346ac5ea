/**
 * Faults as plain values, and an actor that makes some by chance: links lose, hold, delay and mix up
 * messages, processes and units crash and come back.
 */
import type { Link } from '../../actors/faults/faults.js';
import { KitError, show } from '../errors.js';
import type { Network } from '../network.js';
import type { SimulatedActor } from './run.js';

export type FaultAction =
  | { readonly kind: 'hold' | 'release'; readonly link?: Link }
  | { readonly kind: 'drop'; readonly link?: Link; readonly times?: number }
  | { readonly kind: 'duplicate'; readonly link?: Link; readonly times?: number }
  | { readonly kind: 'delay'; readonly link?: Link; readonly ms: number }
  | { readonly kind: 'reorder'; readonly link?: Link; readonly within: number }
  /** A unit (su, mu, cu), or the name or id of a process. */
  | { readonly kind: 'crash' | 'restart'; readonly target: string }
  | { readonly kind: 'busy'; readonly target: string; readonly ms: number }
  | { readonly kind: 'clear' };

export async function performFault({ faults }: Network, action: FaultAction): Promise<void> {
  switch (action.kind) {
    case 'hold':
      faults.hold(action.link);
      return;
    case 'release':
      return faults.release(action.link);
    case 'drop':
      faults.drop(action.link, limited(action.times));
      return;
    case 'duplicate':
      faults.duplicate(action.link, limited(action.times));
      return;
    case 'delay':
      faults.delay(action.link ?? {}, action.ms);
      return;
    case 'reorder':
      faults.reorder(action.link, { within: action.within });
      return;
    case 'crash':
      faults.crash(action.target);
      return;
    case 'restart':
      return faults.restart(action.target);
    case 'busy':
      faults.busy(action.target, action.ms);
      return;
    case 'clear':
      return faults.clear();
    default:
      throw unknownKind((action as { kind: unknown }).kind);
  }
}

const limited = (times: number | undefined) => (times === undefined ? {} : { times });

export interface RandomFaultsOptions {
  /** Faults that may happen. @default hold, duplicate, delay, reorder, crash of a process */
  readonly kinds?: readonly (
    | 'hold'
    | 'drop'
    | 'duplicate'
    | 'delay'
    | 'reorder'
    | 'crash'
    | 'busy'
  )[];
  /** Links that may suffer. @default every message between any two */
  readonly links?: readonly Link[];
  /** Processes and units that may crash or be busy. @default the compute unit */
  readonly targets?: readonly string[];
  /** Beside the weights of the other actors. @default 1 */
  readonly weight?: number;
  /** Longest delay in milliseconds. @default a minute */
  readonly delayMs?: number;
}

/**
 * Makes one fault at a turn, of a few messages or seconds at most, and ends all of them now and then.
 * `drop` is not among the faults unless it is asked for: few programs get over a loss.
 * @throws {BAD_OPTION}
 */
export function randomFaults(options: RandomFaultsOptions = {}): SimulatedActor {
  const { kinds = ['hold', 'duplicate', 'delay', 'reorder', 'crash'], links = [{}] } = options;
  const { targets = ['cu'], weight = 1, delayMs = 60_000 } = options;
  checkRandomFaults(options);
  return {
    name: 'faults',
    weight,
    act({ chance }) {
      if (chance.chance(END_PROBABILITY)) return { kind: 'clear' };
      const kind = chance.pick(kinds);
      const link = chance.pick(links);
      if (kind === 'hold') return { kind, link };
      if (kind === 'drop' || kind === 'duplicate')
        return { kind, link, times: chance.integer(1, 2) };
      if (kind === 'delay') return { kind, link, ms: chance.integer(1, delayMs) };
      if (kind === 'reorder') return { kind, link, within: chance.integer(2, 5) };
      const target = chance.pick(targets);
      return kind === 'crash' ? { kind, target } : { kind, target, ms: chance.integer(1, delayMs) };
    },
  };
}

const OPTIONS = ['kinds', 'links', 'targets', 'weight', 'delayMs'];
const RANDOM_KINDS = ['hold', 'drop', 'duplicate', 'delay', 'reorder', 'crash', 'busy'];

/** A misspelt kind would otherwise be found out in the middle of a run. */
function checkRandomFaults(options: RandomFaultsOptions): void {
  const refuse = (text: string, known: readonly string[]) =>
    new KitError('BAD_OPTION', text, {
      hint: `There are ${known.join(', ')}.`,
      details: { options },
    });
  const odd = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (odd !== undefined) throw refuse(`randomFaults has no option ${odd}`, OPTIONS);
  const { kinds = RANDOM_KINDS } = options;
  if (!Array.isArray(kinds) || kinds.length === 0) {
    throw refuse(`kinds of randomFaults is ${show(kinds)}`, RANDOM_KINDS);
  }
  const strange: unknown = kinds.find((kind) => !RANDOM_KINDS.includes(kind));
  if (strange === undefined) return;
  throw refuse(`${show(strange)} is no kind of randomFaults`, RANDOM_KINDS);
}

/** How often the faults are all over, so that something gets through. */
const END_PROBABILITY = 0.4;

function unknownKind(kind: unknown): KitError {
  return new KitError('BAD_OPTION', `an action of the kind "${kind}" is not known`, {
    hint: 'Kinds are send, eval, advance, mine, steps, and the faults.',
    details: { kind },
  });
}
