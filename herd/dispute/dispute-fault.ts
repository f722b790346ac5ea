/** The faults that a played dispute can have, and what is said of them. */
import { type FaultSpec, FAULT_KINDS as PLANTED_KINDS } from '../../opml/faults.js';

/** With `none` the worker is honest, and a dishonest challenger denies a true claim. */
export const FAULT_KINDS = [...PLANTED_KINDS, 'none'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Places that are left out are chosen so that the fault has an effect. */
export interface DisputeFault {
  readonly kind: FaultKind;
  /** Token whose computation is false, operator of it, step of that, from 0. */
  readonly token?: number | undefined;
  readonly operator?: number | undefined;
  readonly step?: number | undefined;
  /** Bit of the result that is turned, from 0. */
  readonly bit?: number | undefined;
}

/** What the liar's program does; the challenger of `none` gets an instruction wrong. */
export function toFaultSpec({ kind, ...place }: DisputeFault): FaultSpec {
  const given = Object.entries(place).filter(([, value]) => value !== undefined);
  return { kind: kind === 'none' ? 'instruction' : kind, ...Object.fromEntries(given) };
}

const DEEDS: Record<FaultKind, string> = {
  token: 'answers with another token than the model chose',
  operator: 'turns a bit in the result of one operator',
  instruction: 'turns a bit in the result of one instruction',
  input: 'answers another question than was asked',
  weights: 'computes with weights that were tampered with',
  parameters: 'samples with other parameters than were asked for',
  truncation: 'stops before the answer is over',
  none: 'is honest, the challenger is not: it turns a bit in the result of one instruction',
};

/** One sentence about who does what. */
export function describeFault({ kind, ...place }: DisputeFault, worker: string): string {
  const where = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`);
  return `${worker} ${DEEDS[kind]}${where.length > 0 ? ` (${where.join(', ')})` : ''}`;
}
