/**
 * The road: what is sent waits on it until it is delivered. As long as nothing is to go wrong and the
 * crank turns by itself it is a plain queue. Otherwise every message is judged when its turn comes,
 * and what has to wait stands aside until a rule ends or time passes; then its old turn comes again.
 */
import type { MemoryJobs } from '../memory-ports.js';
import { isFromOutside, type Parcel, wayOf } from '../messenger/parcel.js';
import { partsOf } from '../messenger/parts.js';
import type { Cascade } from '../messenger/trace.js';
import type { Jobs } from '../ports.js';
import type { Journey, WaitReason } from './journey.js';
import { type Court, judge, reasonOf, strike, type Traveller, type Verdict } from './judge.js';
import { fits, type Link } from './rule.js';

export interface RoadOptions extends Omit<Court, 'onCopy'> {
  /** Where messages wait on the open road. */
  readonly queue: MemoryJobs<Parcel>;
  readonly crank: 'auto' | 'manual';
  /** Processes that one assignment may name. */
  readonly assigneesMax: number;
  /** Messages that were sent before, while the road was watched. @default 0 */
  readonly sent?: number | undefined;
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
  /** Lets what is held now, and a link fits, through. */
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
  /** Messages that were sent so far, while the road was watched. */
  readonly sent: number;
}

type Place = Pick<Journey, 'place' | 'part'>;

interface RoadCore extends RoadOptions {
  readonly court: Court;
  /** Whose turn comes, in that order. */
  ready: Traveller[];
  aside: Waiting[];
  /** With a manual crank: how many may be taken. */
  allowed: number;
  /** Of the message sent last, and of the one taken last. */
  place: number;
  last: Place;
}

export function createRoad(options: RoadOptions): Road {
  const { queue, crank } = options;
  const court: Court = { ...options, onCopy: (copy) => insert(core, [copy]) };
  const start: Place = { place: 0, part: 0 };
  const core: RoadCore = {
    ...{ ...options, court, ready: [], aside: [], allowed: 0, place: options.sent ?? 0 },
    last: start,
  };
  return {
    get isOpen() {
      return isOpen(core);
    },
    get size() {
      const there = core.ready.length + queue.size;
      return crank === 'auto' ? there : Math.min(core.allowed, there);
    },
    add(parcels) {
      if (isOpen(core)) queue.add(parcels);
      else push(core, parcels);
    },
    addBehind: (parcels) => insert(core, parcels),
    take: () => (isOpen(core) ? queue.take() : takeNext(core)),
    allow(count) {
      core.allowed = count;
    },
    reopen() {
      core.ready = inOrder(core);
      core.aside = [];
      if (crank === 'manual') for (const parcel of core.ready) mark(parcel, 'step');
    },
    release: (link) => release(core, link),
    nextDueMs() {
      const times = core.aside.flatMap(({ dueMs }) => dueMs ?? []);
      return times.reduce((min, dueMs) => Math.min(min, dueMs), Number.POSITIVE_INFINITY);
    },
    waiting: () => listWaiting(core),
    countWaiting: (cascade) => countWaiting(core, cascade),
    some: (condition) =>
      core.ready.some(condition) || core.aside.some(({ parcel }) => condition(parcel)),
    capture: () => (isOpen(core) ? queue.capture() : inOrder(core)),
    get sent() {
      return core.place;
    },
  };
}

function isOpen({ crank, rules, ready, aside }: RoadCore): boolean {
  return crank === 'auto' && rules.isEmpty && ready.length === 0 && aside.length === 0;
}

/** Puts messages at the end, each delivery for itself; what came on the open road stays before them. */
function push(core: RoadCore, parcels: readonly Parcel[]): void {
  const { queue } = core;
  for (let parcel = queue.take(); parcel; parcel = queue.take()) depart(core, parcel);
  for (const parcel of parcels) depart(core, parcel);
}

function depart(core: RoadCore, parcel: Parcel): void {
  const parts = partsOf(parcel, core.assigneesMax);
  parcel.cascade.pending += parts.length - 1; // who adds one counts one
  for (const part of parts) {
    part.journey ??= startJourney(++core.place, core.now());
    if (core.crank === 'manual') mark(part, 'step');
    core.ready.push(part as Traveller);
  }
}

function startJourney(place: number, sentMs: number): Journey {
  return { place, part: 0, sentMs, passed: [], dues: [], overtaken: 0, notes: [] };
}

/** Puts messages right behind the one taken last, and counts them. */
function insert(core: RoadCore, parcels: readonly Parcel[]): void {
  push(core, []);
  const behind = parcels.map((parcel) => {
    parcel.cascade.pending++;
    core.last = { place: core.last.place, part: core.last.part + 1 };
    parcel.journey = { ...(parcel.journey ?? startJourney(0, core.now())), ...core.last };
    return parcel as Traveller;
  });
  const { ready, last } = core;
  const index = ready.findIndex(({ journey }) => comparePlaces(journey, last) > 0);
  ready.splice(index < 0 ? ready.length : index, 0, ...behind);
}

function takeNext(core: RoadCore): Traveller | undefined {
  push(core, []);
  if (core.crank === 'manual' && core.allowed === 0) return undefined;
  while (core.ready.length > 0) {
    const index = choose(core);
    const [parcel] = core.ready.splice(index, 1);
    if (!parcel) return undefined;
    core.last = parcel.journey; // what comes of it goes right behind it
    const verdict = judgeFirmly(core, parcel);
    if (verdict.kind === 'wait') {
      core.aside.push({ parcel, ...verdict });
      mark(parcel, verdict.reason);
      continue;
    }
    if (core.crank === 'manual') core.allowed--;
    return arrive(core, parcel, verdict);
  }
  return undefined;
}

/** Who is told of a fault may end it: then it has no say any more. */
function judgeFirmly({ court, rules }: RoadCore, parcel: Traveller): Verdict {
  for (;;) {
    const before = rules.all();
    const verdict = judge(court, parcel);
    if (verdict.kind !== 'wait' || rules.all() === before) return verdict;
  }
}

/** Place in `ready` of the message whose turn it is. */
function choose({ court, rules, ready }: RoadCore): number {
  const [head] = ready;
  const rule = head && rules.of('reorder').find(({ link }) => fits(link, wayOf(head)));
  if (!rule) return 0;
  const { link, within } = rule;
  const alike: Traveller[] = [];
  for (const parcel of ready) {
    if (!fits(link, wayOf(parcel))) continue;
    alike.push(parcel);
    if (alike.length > within || parcel.journey.overtaken >= within) break;
  }
  const chosen = alike.length > 1 ? Math.floor(rules.draw(rule) * alike.length) : 0;
  const parcel = alike[chosen];
  if (!parcel || chosen === 0) return 0;
  for (const slow of alike.slice(0, chosen)) {
    slow.journey = { ...slow.journey, overtaken: slow.journey.overtaken + 1 };
    strike(court, rule, slow, 'overtaken');
  }
  strike(court, rule, parcel, `overtook ${chosen} of its link`);
  return ready.indexOf(parcel);
}

/** The end of a journey. */
function arrive({ now }: RoadCore, parcel: Traveller, { kind }: Verdict): Traveller {
  mark(parcel, undefined);
  const { journey } = parcel;
  const nowMs = now();
  const notes = journey.notes.map((note) => {
    const ms = nowMs - note.atMs;
    const isLong = KEPT_BACK.has(note.fault) && ms > 0;
    return isLong ? { ...note, text: `${note.text} for ${ms} ms` } : note;
  });
  parcel.journey = { ...journey, notes, ...(kind === 'lose' ? { isLost: true } : {}) };
  return parcel;
}

const KEPT_BACK: ReadonlySet<string> = new Set(['hold', 'partition', 'crash']);

function release(core: RoadCore, link: Link): void {
  const holds = core.rules.of('hold').map(({ number }) => number);
  const waiting = core.aside.map(({ parcel }) => parcel);
  const all = core.crank === 'manual' ? [...waiting, ...core.ready] : waiting;
  for (const parcel of all) {
    if (!fits(link, wayOf(parcel))) continue;
    parcel.journey = { ...parcel.journey, passed: [...parcel.journey.passed, ...holds] };
  }
}

function listWaiting(core: RoadCore): Waiting[] {
  if (isOpen(core)) return [];
  if (core.crank === 'auto') return core.aside.toSorted(compareWaiting);
  push(core, []);
  const byStep = core.ready.map((parcel): Waiting => {
    return { parcel, reason: reasonOf(core.court, parcel) ?? 'step' };
  });
  return [...core.aside, ...byStep].sort(compareWaiting);
}

function countWaiting(core: RoadCore, cascade: Cascade): number {
  push(core, []);
  const isIts = (parcel: Parcel) => parcel.cascade === cascade;
  const byStep = core.crank === 'manual' ? core.ready.filter(isIts).length : 0;
  return byStep + core.aside.filter(({ parcel }) => isIts(parcel)).length;
}

function inOrder(core: RoadCore): Traveller[] {
  push(core, []);
  const all = [...core.ready, ...core.aside.map(({ parcel }) => parcel)];
  return all.sort((a, b) => comparePlaces(a.journey, b.journey));
}

function compareWaiting(a: Waiting, b: Waiting): number {
  return comparePlaces(a.parcel.journey, b.parcel.journey);
}

function comparePlaces(a: Place, b: Place): number {
  return a.place - b.place || a.part - b.part;
}

/** Has the root of a cascade say why it has not arrived. */
function mark(parcel: Parcel, reason: WaitReason | undefined): void {
  if (isFromOutside(parcel)) parcel.cascade.root.undelivered = reason;
}
