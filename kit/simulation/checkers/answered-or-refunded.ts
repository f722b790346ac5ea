/**
 * Nobody pays for nothing: every payment that reached the herder is answered or refunded in the end,
 * and never both, and never twice.
 */
import type { Evaluation } from '../../../actors/compute/evaluation.js';
import { outboxTag } from '../../../actors/compute/result.js';
import { tagValue } from '../../../actors/items/protocol.js';
import type { Network } from '../../network.js';
import { type Checker, Violation } from '../checker.js';

/**
 * @param herder name or id of the herder's process. @default 'llama-herder'
 * @param token name or id of the token that it is paid in. @default 'wAR'
 */
export function answeredOrRefunded(herder = 'llama-herder', token = 'wAR'): Checker {
  return {
    name: 'every request is answered or refunded once',
    watch(network) {
      const ids = { herder: network.idOf(herder), token: network.idOf(token) };
      /** Payments and outcomes by client and reference. */
      const requests = new Map<string, { payments: number; outcomes: number }>();
      const count = (client: unknown, reference: unknown) => {
        const key = `${client}, reference ${reference ?? '(none)'}`;
        const request = requests.get(key) ?? { payments: 0, outcomes: 0 };
        requests.set(key, request);
        return { key, request };
      };
      return {
        evaluated(evaluation) {
          if (evaluation.process !== ids.herder || evaluation.result.error) return;
          const payment = paymentOf(network, evaluation, ids);
          if (payment) count(payment.client, payment.reference).request.payments++;
          for (const { Target, Tags } of evaluation.result.messages) {
            const outcome = outcomeOf(Target, Tags, ids.token);
            if (!outcome) continue;
            const { key, request } = count(outcome.client, outcome.reference);
            request.outcomes++;
            if (request.outcomes > request.payments) {
              throw new Violation(
                `${key}: ${request.payments} payments and ${request.outcomes} answers or refunds`,
              );
            }
          }
        },
        ended() {
          for (const [key, { payments, outcomes }] of requests) {
            if (payments === outcomes) continue;
            throw new Violation(`${key}: paid ${payments} times, answered or refunded ${outcomes}`);
          }
        },
      };
    },
  };
}

interface Party {
  readonly client: unknown;
  readonly reference: unknown;
}

/** The payment that the herder was just told of; money that comes back to it is none. */
function paymentOf(
  network: Network,
  { message }: Evaluation,
  { herder, token }: { herder: string; token: string },
): Party | undefined {
  const item = message === undefined ? undefined : network.gateway.item(message);
  if (!item || tagValue(item.tags, 'Action') !== 'Credit-Notice') return undefined;
  const tag = (name: string) => tagValue(item.tags, name);
  if (tag('From-Process') !== token || tag('X-Reason') || tag('Sender') === herder)
    return undefined;
  return { client: tag('Sender'), reference: tag('X-Reference') };
}

function outcomeOf(target: unknown, tags: unknown, token: string): Party | undefined {
  const action = outboxTag(tags, 'Action');
  const reference = outboxTag(tags, 'X-Reference');
  if (action === 'Inference-Response') return { client: target, reference };
  if (action !== 'Transfer' || target !== token) return undefined;
  return { client: outboxTag(tags, 'Recipient'), reference };
}
