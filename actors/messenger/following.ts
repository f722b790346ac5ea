/**
 * Following: a scheduled message is evaluated, and what its result asks to be sent is queued. Once,
 * however often somebody asks for it.
 */
import { NOT_RECORDED } from '../compute/evaluation.js';
import type { Halt } from '../faults/outages.js';
import { tagValue } from '../items/protocol.js';
import type { ProcessRecord } from '../scheduler/process-record.js';
import { wasTold } from '../sent.js';
import type { Follow } from './backlog.js';
import { type CrankCore, keep, keyOf, type OpenFollow, release, survive } from './crank-core.js';
import { carrySpawned } from './delivery.js';
import type { OutboxOrigin } from './outbox.js';
import { push } from './queueing.js';
import { type Cascade, type Delivery, startBurst } from './trace.js';

export function follow(core: CrankCore, it: Follow): void {
  const { cascade, delivery, process, nonce, spawnedBy } = it;
  const key = keyOf(process, nonce);
  const isOpen = core.open.has(key);
  const isPast = !isOpen && core.compute.isEvaluated(process, nonce);
  const isLate = isPast && core.unsent.delete(key);
  const isElsewhere = nonce < core.scheduler.adoptedUntil(process);
  const isSent = isOpen || isElsewhere || (isPast && !isLate);
  if (!isSent) core.open.add(key);
  if (!isSent) core.backlog?.begin(it);
  keep(core);
  cascade.pending++;
  let isAnswered = false;
  const entry: OpenFollow = { ...it, keepsBack: false };
  core.follows.add(entry);
  core.compute.evaluate(process, nonce, (evaluation) => {
    isAnswered = true;
    core.follows.delete(entry);
    if (entry.keepsBack) core.breathing--;
    core.trace.settle(delivery, evaluation);
    if (core.compute.takesTime(process)) delivery.burst = startBurst(delivery.depth);
    if (!isSent) core.open.delete(key);
    if (!isSent && evaluation.index !== NOT_RECORDED) {
      survive(core, delivery, () => {
        push(core, cascade, delivery, evaluation, isLate);
        const isTold = isLate && spawnedBy !== undefined && wasTold(core.sent, spawnedBy);
        if (spawnedBy && !isTold) carrySpawned(core.carrier, cascade, delivery, spawnedBy);
        core.backlog?.end(it);
      });
    }
    release(cascade);
    core.run();
  });
  if (isAnswered) return;
  const halt = core.outages.haltOf(process);
  if (halt) noteHalt(core, entry, halt);
  else if (core.ordered && !core.compute.takesTime(process)) keepBack(core, entry);
}

export function boot(
  core: CrankCore,
  cascade: Cascade,
  delivery: Delivery,
  process: ProcessRecord,
  spawnedBy?: OutboxOrigin,
): void {
  const { id, module, name, item } = process;
  const isPushed = item.address === core.wallet.address; // anybody can write the tag
  const parent = isPushed ? tagValue(item.tags, 'From-Process') : undefined;
  core.emit({
    type: 'spawned',
    process: id,
    module,
    ...(name === undefined ? {} : { name }),
    ...(parent === undefined ? {} : { parent }),
  });
  follow(core, { cascade, delivery, process: id, nonce: 0, spawnedBy });
}

/** A process was halted in the middle of evaluations: they wait, and keep back nothing else. */
export function haltFollows(core: CrankCore): void {
  for (const entry of core.follows) {
    const halt = core.outages.haltOf(entry.process);
    if (!halt) continue;
    if (entry.keepsBack) core.breathing--;
    entry.keepsBack = false;
    noteHalt(core, entry, halt);
  }
}

function keepBack(core: CrankCore, entry: OpenFollow): void {
  entry.keepsBack = true;
  core.breathing++;
}

/** Processes go on: what still takes a while keeps back the others again. */
export function resumeFollows(core: CrankCore): void {
  for (const entry of core.follows) {
    const { process, keepsBack } = entry;
    const isHalted = core.outages.isHalted(process);
    if (!isHalted && !keepsBack && core.ordered && !core.compute.takesTime(process)) {
      keepBack(core, entry);
    }
  }
}

function noteHalt({ rules }: CrankCore, { delivery }: OpenFollow, halt: Halt): void {
  const { rule, text } = halt;
  if (delivery.faults.some((note) => note.rule === rule.number)) return;
  const { id: message, from, target, action } = delivery;
  const note = rules.strike(rule, text, { message, from, target, action });
  delivery.faults = [...delivery.faults, note];
}
