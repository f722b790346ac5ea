/** Queueing: the outbox of a result becomes jobs that wait for their turn, or for another try. */
import type { Evaluation } from '../compute/evaluation.js';
import { unsentOf } from '../sent.js';
import { outboxTooLong } from './bounds.js';
import { attempt, type CrankCore } from './crank-core.js';
import { carry, type Job } from './delivery.js';
import { countJobs, jobsOf } from './jobs.js';
import { isOfRest } from './notices.js';
import type { Cascade, Delivery } from './trace.js';

/** @param isLate if it was evaluated before: then it may have been sent, whatever is noted of it */
export function push(
  core: CrankCore,
  cascade: Cascade,
  delivery: Delivery,
  evaluation: Evaluation,
  isLate = false,
): void {
  if (countJobs(evaluation.result) === 0) return;
  const process = core.scheduler.requireProcess(evaluation.process);
  const outbox = jobsOf(evaluation, process, cascade, delivery);
  const { crankDeliveries: max } = core.limits;
  const beyond = outbox[max];
  if (beyond) {
    attempt(core, beyond, delivery, () => {
      throw outboxTooLong(outbox.length, core.limits);
    });
  }
  const within = beyond ? outbox.slice(0, max) : outbox;
  if (isLate) enqueueLate(core, within);
  else enqueue(core, within);
}

/** Queues what was not sent of an outbox that another run may have sent. */
export function enqueueLate(core: CrankCore, outbox: readonly Job[]): void {
  const unsent = new Set(unsentOf(core.sent, outbox));
  enqueue(
    core,
    outbox,
    outbox.filter((job) => !unsent.has(job)),
  );
}

/** @param sent those of them that are over */
function enqueue(core: CrankCore, outbox: readonly Job[], sent: readonly Job[] = []): void {
  core.backlog?.queue(outbox);
  for (const job of sent) core.backlog?.finish(job);
  const unsent = sent.length === 0 ? outbox : outbox.filter((job) => !sent.includes(job));
  const [first] = unsent;
  if (!first) return;
  core.road.add(unsent);
  first.cascade.pending += unsent.length;
}

/** Tries one message of an outbox again that was refused; one that was sent stays sent. */
export function retry(
  core: CrankCore,
  cascade: Cascade,
  parent: Delivery,
  it: Evaluation,
  index: number,
): void {
  const { process: id, index: evaluation, result } = it;
  const entry = result.messages[index];
  const refused = core.notices
    .of(id, evaluation)
    .find((refusal) => refusal.kind === 'message' && refusal.index === index);
  if (entry === undefined || !refused) return;
  const process = core.scheduler.requireProcess(id);
  const origin = { process, evaluation, index, initial: cascade.id };
  const job: Job = { cascade, parent, origin, kind: 'message', entry };
  if (unsentOf(core.sent, [job]).length > 0) carry(core.carrier, job);
  core.notices.remove(id, evaluation, index);
  const next = isOfRest(refused, result) && jobsOf(it, process, cascade, parent)[index + 1];
  if (next) core.notices.add(id, evaluation, { ...refused, kind: next.kind, index: index + 1 });
  core.run();
}
