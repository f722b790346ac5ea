/**
 * Messages by what a person has of their ids: the whole id, its beginning, or both its ends as Corral
 * shows it (`mgd...H08`).
 */
import type { Delivery } from '../../actors/messenger/trace.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import { shortId } from '../render/names.js';

/** Candidates that an error names. */
const NAMED = 5;

/**
 * A delivery by its id; to one process, if that is named.
 * @returns undefined if no message has such an id
 * @throws {KitError} MESSAGE_AMBIGUOUS if several have
 */
export function findDelivery(
  network: ActorNetwork,
  id: string,
  process?: string,
): Delivery | undefined {
  const { trace } = network.units;
  const exact = trace.find(id);
  if (exact && (process === undefined || exact.target === process)) return exact;
  if (id === '') return undefined;
  const isMeant = matcherOf(id);
  const all = trace.all().flatMap((delivery) => [delivery, ...delivery.children]);
  const fits = new Set(
    all.filter((one) => isMeant(one.id) && (process ?? one.target) === one.target),
  );
  const [found] = fits;
  const ids = [...new Set([...fits].map((one) => one.id))];
  if (ids.length > 1) throw ambiguous(id, ids);
  return fits.size === 1 || exact ? found : undefined;
}

/** `mgd`, `mgd...H08` or, as some terminals write it, `mgd…H08`. */
function matcherOf(wanted: string): (id: string) => boolean {
  const [head = '', tail] = wanted.split(/\.\.\.|…/);
  return (id) => id.startsWith(head) && (tail === undefined || id.endsWith(tail));
}

function ambiguous(id: string, ids: readonly string[]): KitError {
  const text = `${ids.length} messages have an id like ${id}`;
  const named = ids.slice(0, NAMED).map((one) => `${shortId(one)} (${one})`);
  const rest = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  const hint = `Give more of it: ${named.join(', ')}${rest}.`;
  return new KitError('MESSAGE_AMBIGUOUS', text, {
    hint,
    details: { id, ids: ids.slice(0, NAMED) },
  });
}
