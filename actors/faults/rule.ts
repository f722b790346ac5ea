/**
 * Faults as plain values: what is to go wrong, on which links, and what it did to a message. A rule is
 * data, so that a fault can stand in a file and travel with the state of a network.
 */

/** Which messages a fault is about: each field that is given must fit. */
export interface Link {
  /** Process or wallet that sends. */
  readonly from?: string;
  /** Process or wallet that it is for. A spawn is for nobody yet. */
  readonly to?: string;
  readonly action?: string;
  readonly kind?: 'message' | 'spawn' | 'assignment';
}

/** Where a message is on its way from and to. */
export interface Way {
  readonly from: string;
  readonly to?: string | undefined;
  readonly action?: string | undefined;
  readonly kind: 'message' | 'spawn' | 'assignment';
}

/** How often a fault strikes. */
export interface Chance {
  /** Messages that it strikes; then it is over. @default all */
  readonly times?: number;
  /** Of one message, from 0 to 1. @default 1 */
  readonly probability?: number;
}

/** The scheduler, messenger and compute unit. */
export type UnitName = 'su' | 'mu' | 'cu';

/** What a crash can hit: a unit, or a process by its id. */
export type Target = UnitName | (string & {});

type Spec =
  | { readonly fault: 'hold'; readonly link: Link }
  | ({ readonly fault: 'drop'; readonly link: Link } & Chance)
  | ({ readonly fault: 'duplicate'; readonly link: Link } & Chance)
  | { readonly fault: 'delay'; readonly link: Link; readonly minMs: number; readonly maxMs: number }
  | { readonly fault: 'reorder'; readonly link: Link; readonly within: number }
  | {
      readonly fault: 'partition';
      readonly groups: readonly [readonly string[], readonly string[]];
    }
  | { readonly fault: 'crash'; readonly target: Target }
  | { readonly fault: 'busy'; readonly target: Target; readonly untilMs: number };

export type RuleSpec = Spec;
export type FaultKind = Spec['fault'];

/** A fault in force. */
export type RuleInfo<Fault extends FaultKind = FaultKind> = Extract<
  Spec,
  { readonly fault: Fault }
> & {
  /** Counts the faults of a network from 1 on; the random choices of a fault follow from it. */
  readonly number: number;
  /** Messages that it struck. */
  readonly struck: number;
};

/** What a fault did to one message. */
export interface FaultNote {
  readonly fault: FaultKind;
  /** Number of the rule. */
  readonly rule: number;
  /** Moment at which it struck, in milliseconds since 1970. */
  readonly atMs: number;
  /** The same for people, e.g. `held for 1500 ms`. */
  readonly text: string;
}

export function fits({ from, to, action, kind }: Link, way: Way): boolean {
  return (
    (from === undefined || from === way.from) &&
    (to === undefined || to === way.to) &&
    (action === undefined || action === way.action) &&
    (kind === undefined || kind === way.kind)
  );
}

export function isSameLink(a: Link, b: Link): boolean {
  return a.from === b.from && a.to === b.to && a.action === b.action && a.kind === b.kind;
}

/** Whether a way leads from one side of a partition to the other. */
export function isParted([a, b]: RuleInfo<'partition'>['groups'], { from, to = '' }: Way): boolean {
  return (a.includes(from) && b.includes(to)) || (b.includes(from) && a.includes(to));
}
