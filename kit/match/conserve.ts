/**
 * `toConserve`: a quantity that is the same after as before, however it is spread. A quantity tells
 * its parts, so that a failure says who lost and who won.
 */
import { KitError, show } from '../errors.js';
import type { Verdict } from './verdict.js';

/** Something that can be added up, e.g. the balances of a ledger. */
export interface Quantity {
  /** For sentences: `wAR`. */
  readonly name: string;
  /** What each holder has, by id; or the sum alone. */
  readonly read: () => Promise<Parts | bigint> | Parts | bigint;
  /** Names of holders, for failures. */
  readonly names?: ReadonlyMap<string, string> | undefined;
}

export type Parts = ReadonlyMap<string, bigint>;

const SHOWN = 12;

/** What a quantity is now. @throws {BAD_MATCHER} if it is neither amounts nor an amount */
export async function readQuantity({ name, read }: Quantity): Promise<Parts | bigint> {
  const found: unknown = await read();
  if (typeof found === 'bigint') return found;
  const isParts = found instanceof Map;
  const odd = isParts ? [...found.values()].find((one) => typeof one !== 'bigint') : found;
  if (isParts && odd === undefined) return found as Parts;
  throw new KitError('BAD_MATCHER', `${isParts ? 'a part of ' : ''}${name} is ${show(odd)}`, {
    hint: 'A quantity reads a bigint, or a Map of holder -> bigint: 5n, BigInt(text).',
    details: { quantity: name },
  });
}

/** Compares what was read before with what was read after. */
export function checkConserved(
  name: string,
  before: Parts | bigint,
  after: Parts | bigint,
  names: ReadonlyMap<string, string> = new Map(),
): Verdict {
  const [was, is] = [sum(before), sum(after)];
  return {
    pass: was === is,
    message: () =>
      was === is
        ? `${name} is conserved: ${was} before and after`
        : [
            `${name} is not conserved: ${was} before, ${is} after, ${signed(is - was)}`,
            ...(before instanceof Map && after instanceof Map
              ? ['', ...describeChanges(before, after, names)]
              : []),
          ].join('\n'),
  };
}

function describeChanges(
  before: Parts,
  after: Parts,
  names: ReadonlyMap<string, string>,
): string[] {
  const rows = [...new Set([...before.keys(), ...after.keys()])]
    .map((id) => ({ who: names.get(id) ?? id, was: before.get(id) ?? 0n, is: after.get(id) ?? 0n }))
    .filter(({ was, is }) => was !== is)
    .map(({ who, was, is }) => [who, `${was} -> ${is}`, signed(is - was)] as const);
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const lines = rows
    .slice(0, SHOWN)
    .map(([who, change, by]) => `  ${who.padEnd(width(0))}  ${change.padEnd(width(1))}  ${by}`);
  return rows.length > SHOWN ? [...lines, `  and ${rows.length - SHOWN} more`] : lines;
}

function signed(amount: bigint): string {
  return amount > 0n ? `+${amount}` : `${amount}`;
}

function sum(parts: Parts | bigint): bigint {
  if (typeof parts === 'bigint') return parts;
  return [...parts.values()].reduce((total, one) => total + one, 0n);
}
