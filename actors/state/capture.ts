/**
 * Capturing a network: nothing is delivered any more, what is being evaluated comes to its end, and in
 * that moment all of it is written down at once. Then it goes on as if nothing had been; only hosts
 * that answer later may still be copying memories, which are of that moment too.
 */
import type { Gateway } from '../../arlocal/gateway.js';
import type { Clock } from '../clock.js';
import type { CapturedMemory } from '../compute/capturing.js';
import type { ComputeUnit } from '../compute/compute.js';
import { invariant, networkClosed } from '../errors.js';
import type { Road } from '../faults/road.js';
import type { Rules } from '../faults/rules.js';
import type { Crank } from '../messenger/crank.js';
import { writeHalted, writeJob } from '../messenger/job-state.js';
import type { Cascade, Trace } from '../messenger/trace.js';
import { createNumbers } from '../messenger/trace-state.js';
import type { NetworkPorts } from '../network-ports.js';
import type { SavedState } from '../ports.js';
import type { History, UnitsState } from './network-state.js';

export interface Captured {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly ports: NetworkPorts;
  readonly trace: Trace;
  readonly crank: Crank;
  readonly road: Road;
  readonly rules: Rules;
  readonly compute: ComputeUnit;
  readonly history: History;
  readonly isClosed: () => boolean;
}

/**
 * @param take reads what else belongs to the state, in that moment
 * @throws {SNAPSHOT_NEEDS_MEMORY, NETWORK_CLOSED}
 */
export async function capture<More extends object>(
  units: Captured,
  take: () => More,
): Promise<UnitsState & More> {
  const { crank, compute, isClosed } = units;
  await undefined; // whoever asks may be in the middle of a delivery
  const goOn = crank.hold();
  let memories: readonly CapturedMemory[];
  let state: UnitsState & More;
  try {
    for (let wait = crank.away ?? compute.busy; wait; wait = crank.away ?? compute.busy) await wait;
    if (isClosed()) throw networkClosed();
    state = { ...takeAll(units), ...take() };
    memories = compute.capture();
  } finally {
    goOn();
  }
  return { ...state, checkpoints: await addMemories(state.checkpoints, memories) };
}

function takeAll(units: Captured): UnitsState {
  const { gateway, clock, ports, trace, history, road, rules, crank } = units;
  const store = gateway.capture(); // refuses where there are no snapshots
  const captured = ports.capture?.();
  invariant(captured, 'over a store in memory, ports are in memory');
  const waiting = road.capture();
  const halted = crank.halted();
  const cascades = createNumbers<Cascade>();
  for (const { cascade } of [...waiting, ...halted]) cascades.of(cascade);
  const { state, numbers: deliveries } = trace.capture(cascades.all);
  return {
    ...captured,
    nowMs: clock.now(),
    gateway: store,
    trace: state,
    jobs: waiting.map((parcel) => writeJob(parcel, { cascades, deliveries })),
    sent: road.sent,
    halted: halted.map((follow) => writeHalted(follow, { cascades, deliveries })),
    faults: rules.capture(),
    history,
  };
}

/** A memory that is lost with its thread while it is copied follows from the log again. */
async function addMemories(
  asleep: ReadonlyMap<string, SavedState>,
  awake: readonly CapturedMemory[],
): Promise<ReadonlyMap<string, SavedState>> {
  const all = new Map(asleep);
  const copies = await Promise.allSettled(awake.map(({ memory }) => memory));
  for (const [i, { process, evaluations }] of awake.entries()) {
    const copy = copies[i];
    if (copy?.status === 'fulfilled') all.set(process, { evaluations, checkpoint: copy.value });
  }
  return all;
}
