/**
 * The crank: has messages evaluated, queues what their results ask to be sent, and delivers it, until
 * nothing is left to send. Deliveries stand on one road and leave it in the order of sending, unless
 * a fault wants it otherwise. As long as every evaluation is made at once, `run` returns when nothing
 * moves by itself any more; a crank that is turned by hand delivers one at a time.
 */
import type { Evaluation } from '../compute/evaluation.js';
import { networkClosed } from '../errors.js';
import { type Accepted, announce, arrive, type Outside } from './arrival.js';
import type { Follow } from './backlog.js';
import {
  attempt,
  type CrankCore,
  type CrankOptions,
  keep,
  keyOf,
  release,
  survive,
} from './crank-core.js';
import { type Carrier, carry, type Job } from './delivery.js';
import { boot, follow, haltFollows, resumeFollows } from './following.js';
import { countJobs } from './jobs.js';
import { lose } from './losing.js';
import { absentFor, missingFor } from './missing.js';
import { type FromOutside, isFromOutside, type Parcel } from './parcel.js';
import { enqueueLate, push, retry } from './queueing.js';
import { createRest } from './rest.js';
import { resume } from './resuming.js';
import type { Cascade, Delivery } from './trace.js';

export interface Crank {
  /** Takes what came from outside: it is delivered at once on an open road. */
  arrive(it: Outside): Accepted;
  /** Has a scheduled message evaluated, and sends on what comes of it: once, however often asked. */
  follow(cascade: Cascade, delivery: Delivery, process: string, nonce: number): void;
  /** The same for what waited for its evaluation in another network. */
  followAgain(halted: Follow): void;
  /** Queues the outbox of an evaluation. */
  push(cascade: Cascade, delivery: Delivery, evaluation: Evaluation): void;
  /**
   * Tries one message of an outbox again that was refused; one that was sent stays sent.
   * @throws whatever makes it unsendable
   */
  retry(cascade: Cascade, delivery: Delivery, evaluation: Evaluation, index: number): void;
  /** Delivers what is queued. */
  run(): void;
  /** Delivers one message of those that wait for it; undefined if there is none. */
  step(): Promise<Delivery | undefined>;
  /** Resolves when nothing of it moves by itself: it is over, or waits for a step, a release or time. */
  rest(cascade: Cascade): Promise<void>;
  /** The same for everything. */
  restAll(): Promise<void>;
  /** Some processes are halted, or not any more. */
  updateHalts(): void;
  /** Messages that are scheduled and wait for their evaluation, because their process is halted. */
  halted(): readonly Follow[];
  /** To be told of every evaluation of a message, before those who wait for it. */
  note(evaluation: Evaluation): void;
  /** Goes on with what an earlier run left; resolves when that is over. */
  resume(): Promise<void>;
  /** Delivers nothing until what it answers is called; what is being evaluated comes to its end. */
  hold(): () => void;
  /** Jobs that are on no road, because the gateway behind is asked for something first. */
  readonly away: Promise<unknown> | undefined;
  /** What is still queued ends as NETWORK_CLOSED. */
  close(): void;
}

/** What a delivery is counted as, apart from the evaluation it leads to: a third of a millisecond. */
const DELIVERY_GAS = 30_000;

export function createCrank(options: CrankOptions): Crank {
  const carrier: Carrier = {
    ...options,
    follow: (cascade, delivery, process, nonce) =>
      follow(core, { cascade, delivery, process, nonce }),
    boot: (cascade, delivery, process, spawnedBy) =>
      boot(core, cascade, delivery, process, spawnedBy),
    attempt: (errand, delivery, act) => attempt(core, errand, delivery, act),
    keep: () => keep(core),
  };
  const core: CrankCore = {
    ...options,
    carrier,
    sent: { ...options, messenger: options.wallet.address },
    rest: createRest(),
    cascadeRest: createRest(),
    open: new Set(),
    follows: new Set(),
    asked: new WeakSet(),
    asking: new Set(),
    holders: 0,
    delivered: undefined,
    running: false,
    breathing: 0,
    keeping: false,
    closed: false,
    run: () => run(core),
  };
  let steps: Promise<unknown> = Promise.resolve();
  return {
    arrive: (it) => accept(core, it),
    follow: carrier.follow,
    followAgain: (halted) => follow(core, halted),
    push: (cascade, delivery, evaluation) => push(core, cascade, delivery, evaluation),
    retry: (cascade, delivery, evaluation, index) =>
      retry(core, cascade, delivery, evaluation, index),
    run: () => run(core),
    step() {
      const next = steps.then(() => step(core));
      steps = Promise.allSettled([next]); // who asked for a step is told how it went
      return next;
    },
    rest: (cascade) => rest(core, cascade),
    restAll: () => core.rest.until(() => isAllAtRest(core)),
    updateHalts() {
      haltFollows(core);
      resumeFollows(core);
    },
    halted: () => haltedOf(core),
    note: (evaluation) => note(core, evaluation),
    async resume() {
      const ports = {
        ...options,
        follow: (it: Follow) => follow(core, it),
        enqueue: (outbox: readonly Job[]) => enqueueLate(core, outbox),
        release,
      };
      const cascades = core.closed ? [] : [...resume(ports, core.backlog?.left ?? [])];
      run(core);
      await Promise.all(cascades.map((cascade) => rest(core, cascade)));
    },
    hold() {
      core.holders++;
      return () => {
        core.holders--;
        run(core);
      };
    },
    get away() {
      return core.asking.size > 0 ? Promise.all(core.asking) : undefined;
    },
    close() {
      core.closed = true;
      core.backlog?.close();
      core.rules.end(() => true); // nothing is kept back any more: all of it ends
      core.road.allow(Number.POSITIVE_INFINITY);
      core.road.reopen();
      run(core);
    },
  };
}

function note(core: CrankCore, { process, nonce, result }: Evaluation): void {
  const key = keyOf(process, nonce);
  const isElsewhere = nonce < core.scheduler.adoptedUntil(process); // it was sent on there
  if (!isElsewhere && !core.open.has(key) && countJobs(result) > 0) core.unsent.set(key, true);
}

function accept(core: CrankCore, it: Outside): Accepted {
  if (core.road.isOpen) return arrive(core.carrier, it);
  const cascade = announce(core.carrier, it);
  cascade.pending++;
  core.road.add([{ ...it, cascade }]);
  run(core);
  const { id, kind, target, nonce } = cascade.root;
  const isProcess = kind === 'spawn' || core.scheduler.process(target) !== undefined;
  return {
    id,
    cascade,
    ...(isProcess ? { process: target } : {}),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

function run(core: CrankCore): void {
  const { road, pace } = core;
  const isKeptBack = () => (core.breathing > 0 || core.holders > 0) && !core.closed;
  if (core.running) return;
  if (!isKeptBack()) {
    core.running = true;
    if (road.size > 0) keep(core);
    for (let parcel = road.take(); parcel; parcel = road.take()) {
      if (isWaiting(core, parcel)) continue;
      deliver(core, parcel);
      pace?.spend(DELIVERY_GAS);
      if (isKeptBack()) break;
      if (pace?.isDue && road.size > 0) {
        void pace.breathe().then(() => {
          core.running = false;
          run(core);
        });
        return;
      }
    }
    core.running = false;
  }
  core.rest.check();
  if (!road.isOpen) core.cascadeRest.check(); // on an open road each tells its own end
}

/** What came from outside, now that its turn has come. */
function deliverFromOutside(core: CrankCore, parcel: FromOutside): void {
  const { cascade, journey, ...it } = parcel;
  if (journey) cascade.root.faults = journey.notes;
  arrive(core.carrier, it, cascade);
}

function deliver(core: CrankCore, parcel: Parcel): void {
  const { carrier, closed } = core;
  const { cascade } = parcel;
  const before = cascade.deliveries.length;
  const act = () => {
    if (closed) throw networkClosed();
    if (parcel.journey?.isLost) lose(carrier, parcel);
    else if (isFromOutside(parcel)) deliverFromOutside(core, parcel);
    else carry(carrier, parcel);
  };
  if (isFromOutside(parcel)) survive(core, cascade.root, act);
  else attempt(core, parcel, parcel.parent, act);
  core.delivered = isFromOutside(parcel) ? cascade.root : cascade.deliveries[before];
  finish(core, parcel);
}

/**
 * Whether the gateway behind is asked for something first: then the job comes back to the end of the
 * queue, to succeed or fail by what is here by then, and the others go on.
 */
function isWaiting(core: CrankCore, parcel: Parcel): boolean {
  if (core.closed || parcel.journey?.isLost || core.asked.has(parcel)) return false;
  const ids = missingFor(core.gateway, parcel);
  const isHere = (process: string) => core.scheduler.process(process) !== undefined;
  const absent = absentFor(core.absent, isHere, parcel);
  if (ids.length + absent.length === 0 || isFromOutside(parcel)) return false;
  core.asked.add(parcel);
  const fail = (error: unknown) => {
    attempt(core, parcel, parcel.parent, () => {
      throw error;
    });
    finish(core, parcel);
  };
  const asked = Promise.all([
    core.gateway.fetchMissing(ids, { data: true }),
    ...absent.map((process) => core.absent?.bring(process)),
  ]);
  const back = asked
    .then(() => core.road.add([parcel]), fail)
    .then(() => {
      core.asking.delete(back);
      run(core);
    });
  core.asking.add(back);
  return true;
}

function finish(core: CrankCore, parcel: Parcel): void {
  if (!isFromOutside(parcel) && parcel.kind !== 'spawned') core.backlog?.finish(parcel);
  release(parcel.cascade);
}

/** Delivers one message by hand; what cannot be sent is refused, and the next one tried. */
async function step(core: CrankCore): Promise<Delivery | undefined> {
  const { road, rest } = core;
  for (core.delivered = undefined; core.delivered === undefined; ) {
    road.allow(1);
    if (road.size === 0) break;
    run(core);
    await rest.until(() => road.size === 0 && !isMoving(core));
  }
  road.allow(0);
  const { delivered } = core;
  await rest.until(() => !isUnderEvaluation(core, (it) => it.delivery === delivered));
  return delivered;
}

/** Whether something is under way that leads to deliveries. */
function isMoving({ running, asking, breathing }: CrankCore): boolean {
  return running || asking.size > 0 || breathing > 0;
}

function isUnderEvaluation({ follows, outages }: CrankCore, of = (_: Follow) => true): boolean {
  for (const it of follows) if (of(it) && !outages.isHalted(it.process)) return true;
  return false;
}

function haltedOf({ follows, outages }: CrankCore): Follow[] {
  return [...follows].filter(({ process }) => outages.isHalted(process));
}

function rest(core: CrankCore, cascade: Cascade): Promise<void> {
  if (cascade.pending === 0) return cascade.idle;
  return core.cascadeRest.until(() => isAtRest(core, cascade), cascade.idle);
}

/** Whether all that is not over of a cascade waits for something. */
function isAtRest(core: CrankCore, cascade: Cascade): boolean {
  if (core.road.isOpen) return cascade.pending === 0;
  const halted = haltedOf(core).filter((it) => it.cascade === cascade).length;
  return cascade.pending === halted + core.road.countWaiting(cascade);
}

function isAllAtRest(core: CrankCore): boolean {
  return core.road.size === 0 && !isMoving(core) && !isUnderEvaluation(core);
}
