/**
 * What becomes of an outbox entry that cannot be sent: it is told, recorded at the delivery that asked
 * for it, and left as a notice beside the sender's result.
 */

import type { Refusal } from '../compute/result.js';
import { type ErrorReport, reportError } from '../errors.js';
import type { NetworkEvent } from '../events.js';
import type { Errand } from './delivery.js';
import type { Notices } from './notices.js';
import type { Delivery, Trace } from './trace.js';

export interface RefusalPorts {
  readonly trace: Trace;
  readonly notices: Notices;
  readonly emit: (event: NetworkEvent) => void;
}

/** @param delivery the part of the errand that failed: what asked for it, or what was sent already */
export function refuse(
  { trace, notices, emit }: RefusalPorts,
  errand: Errand,
  delivery: Delivery,
  error: unknown,
): void {
  const { details } = error as { details?: { tag?: unknown; name?: unknown } };
  const tag = details?.tag ?? details?.name;
  const report = reportError(error, 'UNSENDABLE_MESSAGE', {
    process: errand.origin.process.id,
    message: errand.parent.id,
    ...(typeof tag === 'string' ? { tag } : {}),
  });
  trace.fail(delivery, report);
  emit({ type: 'error', error: report });
  if (LATER.has(report.code)) return;
  const refusal = toRefusal(errand, delivery, report);
  const { origin } = errand;
  notices.add(origin.process.id, origin.evaluation, refusal);
}

/** What keeps this run from sending it, and not the next. */
const LATER: ReadonlySet<string> = new Set(['NETWORK_CLOSED', 'STORE_FAILED', 'STORE_CLOSED']);

function toRefusal(errand: Errand, delivery: Delivery, report: ErrorReport): Refusal {
  const { code, text, hint, tag, limit, got } = report;
  // What goes wrong after it was sent is its Assignments, or the notice of a spawn.
  const kind = errand.kind === 'spawned' ? 'message' : errand.kind;
  const laterKind = errand.kind === 'spawn' ? 'message' : 'assignment';
  return {
    kind: delivery === errand.parent ? kind : laterKind,
    index: errand.origin.index,
    code,
    text,
    ...(hint === undefined ? {} : { hint }),
    ...(tag === undefined ? {} : { tag }),
    ...(limit === undefined ? {} : { limit }),
    ...(got === undefined ? {} : { got }),
  };
}
