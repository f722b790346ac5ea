/**
 * The road: what is sent waits on it until it is delivered. As long as nothing is to go wrong and the
 * crank turns by itself it is a plain queue. Otherwise every message is judged when its turn comes,
 * and what has to wait stands aside until a rule ends or time passes; then its old turn comes again.
 */

import type { MemoryJobs } from '../memory-ports.js';
import { type Parcel, wayOf } from '../messenger/parcel.js';
import { partsOf } from '../messenger/parts.js';
import type { Cascade } from '../messenger/trace.js';
import type { Jobs } from '../ports.js';
import type { Journey, WaitReason } from './journey.js';
import { createJudge, type JudgeOptions, type Traveller, type Verdict } from './judge.js';
import { fits, type Link } from './rule.js';

export interface RoadOptions extends Omit<JudgeOptions, 'onCopy'> {
  /** Where messages wait on the open road. */
  readonly queue: MemoryJobs<Parcel>;
  readonly crank: 'auto' | 'manual';
  /** Processes that one assignment may name. */
  readonly assigneesMax: number;
}

/** A message that does not move by itself. */
export interface Waiting {
  readonly parcel: Traveller;
  readonly reason: WaitReason;
  /** When it goes on, if that is known. */
  readonly dueMs?: number;
}

export interface Road extends Jobs<Parcel> {
  /** True while nothing can happen to a message: then those from outside need not wait at all. */
  readonly isOpen: boolean;
  /** Adds what the message taken last was taken apart into: it goes before all others. */
  addBehind(parcels: readonly Parcel[]): void;
  /** With a manual crank: so many messages more may be taken. */
  allow(count: number): void;
  /** Looks at what stands aside again, after a rule has ended or time has passed. */
  reopen(): void;
  /** Lets what a rule holds now, and a link fits, through. */
  release(link: Link): void;
  /** The next moment at which something goes on; Infinity without any. */
  nextDueMs(): number;
  /** In the order of sending. */
  waiting(): readonly Waiting[];
  countWaiting(cascade: Cascade): number;
  /** Whether a condition holds for something that is on a road that is not open. */
  some(condition: (parcel: Parcel) => boolean): boolean;
  /** All that is on the road, in the order of sending. */
  capture(): readonly Parcel[];
}

export function createRoad(options: RoadOptions): Road {
  const { queue, rules, crank, now } = options;
  let ready: Traveller[] = [];
  let aside: Waiting[] = [];
  let allowed = 0;
  let place = 0;
  /** Of the message taken last. */
  let last: Pick<Journey, 'place' | 'part'> = { place: 0, part: 0 };

  const isOpen = () =>
    crank === 'auto' && rules.isEmpty && ready.length === 0 && aside.length === 0;
  const depart = (parcel: Parcel): Traveller => {
    place = Math.max(place, parcel.journey?.place ?? 0) + 1;
    parcel.journey ??= startJourney(place, now());
    if (crank === 'manual') mark(parcel, 'step');
    return parcel as Traveller;
  };
  const push = (parcels: readonly Parcel[]) => {
    for (const parcel of parcels) {
      const parts = partsOf(parcel, options.assigneesMax);
      parcel.cascade.pending += parts.length - 1; // who adds one counts one
      ready.push(...parts.map(depart));
    }
  };
  const gather = () => {
    for (let parcel = queue.take(); parcel; parcel = queue.take()) push([parcel]);
  };
  const addBehind = (parcels: readonly Parcel[]) => {
    const behind = parcels.map((parcel) => {
      last = { place: last.place, part: last.part + 1 };
      const journey = { ...(parcel.journey ?? startJourney(0, now())), ...last };
      return Object.assign(parcel, { journey });
    });
    for (const { cascade } of behind) cascade.pending++;
    const index = ready.findIndex(({ journey }) => comparePlaces(journey, last) > 0);
    ready.splice(index < 0 ? ready.length : index, 0, ...behind);
  };
  const { judge, strike } = createJudge({ ...options, onCopy: (copy) => addBehind([copy]) });

  /** Place in `ready` of the message whose turn it is. */
  const choose = (): number => {
    const [head] = ready;
    const rule = head && rules.of('reorder').find(({ link }) => fits(link, wayOf(head)));
    if (!rule) return 0;
    const { link, within } = rule;
    const alike: Traveller[] = [];
    for (const parcel of ready) {
      if (alike.length > within) break;
      if (fits(link, wayOf(parcel))) alike.push(parcel);
    }
    const stuck = alike.findIndex(({ journey }) => journey.overtaken >= within);
    const choices = stuck < 0 ? alike.length : stuck + 1;
    const chosen = choices > 1 ? Math.floor(rules.draw(rule) * choices) : 0;
    const parcel = alike[chosen];
    if (!parcel || chosen === 0) return 0;
    for (const slow of alike.slice(0, chosen)) {
      slow.journey = { ...slow.journey, overtaken: slow.journey.overtaken + 1 };
      strike(rule, slow, 'overtaken');
    }
    strike(rule, parcel, `overtook ${chosen} of its link`);
    return ready.indexOf(parcel);
  };
  const next = (): Traveller | undefined => {
    while (ready.length > 0) {
      const [parcel] = ready.splice(choose(), 1);
      if (!parcel) return undefined;
      last = parcel.journey; // a copy goes right behind it
      const verdict = judge(parcel);
      if (verdict.kind !== 'wait') return arrived(parcel, verdict, now());
      aside.push({ parcel, ...verdict });
      mark(parcel, verdict.reason);
    }
    return undefined;
  };
  const inOrder = () =>
    [...ready, ...aside.map(({ parcel }) => parcel)].sort((a, b) =>
      comparePlaces(a.journey, b.journey),
    );

  return {
    get isOpen() {
      return isOpen();
    },
    get size() {
      const there = ready.length + queue.size;
      return crank === 'auto' ? there : Math.min(allowed, there);
    },
    add(parcels) {
      if (isOpen()) {
        queue.add(parcels);
        return;
      }
      gather();
      push(parcels);
    },
    addBehind(parcels) {
      gather();
      addBehind(parcels);
    },
    take() {
      if (isOpen()) return queue.take();
      gather();
      if (crank === 'manual' && allowed === 0) return undefined;
      const parcel = next();
      if (parcel && crank === 'manual') allowed--;
      return parcel;
    },
    allow(count) {
      allowed = count;
    },
    reopen() {
      if (crank === 'manual') for (const { parcel } of aside) mark(parcel, 'step');
      ready = inOrder();
      aside = [];
    },
    release(link) {
      for (const { parcel } of aside) {
        if (!fits(link, wayOf(parcel))) continue;
        const passed = rules.of('hold').map(({ number }) => number);
        parcel.journey = {
          ...parcel.journey,
          passed: [...parcel.journey.passed, ...passed],
        };
      }
    },
    nextDueMs: () =>
      aside.reduce((min, { dueMs }) => Math.min(min, dueMs ?? min), Number.POSITIVE_INFINITY),
    waiting() {
      const byStep: Waiting[] = [];
      if (crank === 'manual') {
        gather();
        byStep.push(...ready.map((parcel) => ({ parcel, reason: 'step' as const })));
      }
      return [...aside, ...byStep].sort((a, b) =>
        comparePlaces(a.parcel.journey, b.parcel.journey),
      );
    },
    countWaiting(cascade) {
      if (crank === 'manual') gather();
      const isIts = (parcel: Parcel) => parcel.cascade === cascade;
      const byStep = crank === 'manual' ? ready.filter(isIts).length : 0;
      return byStep + aside.filter(({ parcel }) => isIts(parcel)).length;
    },
    some: (condition) => ready.some(condition) || aside.some(({ parcel }) => condition(parcel)),
    capture() {
      if (isOpen()) return queue.capture();
      gather();
      return inOrder();
    },
  };
}

/** Has the root of a cascade say why it has not arrived. */
function mark({ kind, cascade: { root } }: Parcel, reason: WaitReason | undefined): void {
  if (kind === 'arrival' || kind === 'arriving-assignment') root.undelivered = reason;
}

function startJourney(place: number, sentMs: number): Journey {
  return { place, part: 0, sentMs, passed: [], dues: [], overtaken: 0, notes: [] };
}

type Place = Pick<Journey, 'place' | 'part'>;

function comparePlaces(a: Place, b: Place): number {
  return a.place - b.place || a.part - b.part;
}

/** Marks the end of a journey. */
function arrived(parcel: Traveller, { kind }: Verdict, nowMs: number): Traveller {
  mark(parcel, undefined);
  const { journey } = parcel;
  const notes = journey.notes.map((note) => {
    const ms = nowMs - note.atMs;
    return KEPT_BACK.has(note.fault) && ms > 0
      ? { ...note, text: `${note.text} for ${ms} ms` }
      : note;
  });
  parcel.journey = { ...journey, notes, ...(kind === 'lose' ? { isLost: true } : {}) };
  return parcel;
}

const KEPT_BACK: ReadonlySet<string> = new Set(['hold', 'partition', 'crash']);
