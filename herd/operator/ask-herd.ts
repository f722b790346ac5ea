/**
 * Answers by a herd: pays the herder as any client does and waits for the reply to its own wallet.
 * What comes back is an answer that a worker has put a bond on; its claim can be challenged.
 */
import { tagValue } from '../../actors/protocol.js';
import type { Tag } from '../../arlocal/tags.js';
import { calculateFee } from '../../pricing/fee.js';
import type { Corral } from '../corral.js';
import { OperatorError } from './errors.js';
import type { Answer, Answerer } from './requests.js';

/** The wallet that pays, and how much wAR it starts with: enough for some billion questions. */
const PAYER = 'http-operator';
const PAYER_WINSTON = 1_000_000_000_000n;

/** Most tokens of an answer; as in the original. */
export const ANSWER_TOKENS = 256;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** @throws {ANSWER_FAILED} if the payer cannot be given wAR */
export async function createHerdAnswerer({ network, info }: Corral): Promise<Answerer> {
  const { war, herder, workers } = info.processes;
  const payer = network.wallet(PAYER);
  const waiting = new Map<string, Waiting>();
  const transfer = async (from: typeof payer, tags: Readonly<Record<string, string>>) => {
    const { errors } = await network.send({ from, to: war, action: 'Transfer', tags });
    if (errors[0]) throw failed(errors[0].text);
  };
  // Replies go to a wallet, which is no process: they are on the gateway and told as an event.
  network.events.on('sent', ({ message, target, from, action }) => {
    if (target !== payer.address) return;
    const tags = network.gateway.item(message)?.tags ?? [];
    const asked = waiting.get(tagValue(tags, 'X-Reference') ?? '');
    if (from === herder && action === 'Inference-Response') {
      const text = Buffer.from(network.gateway.data(message) ?? []).toString();
      if (tagValue(tags, 'State-Root')) asked?.resolve(readAnswer(tags, text));
      else asked?.reject(failed('the answer came without a claim'));
    }
    const refusal = from === war ? (tagValue(tags, 'X-Reason') ?? tagValue(tags, 'Error')) : '';
    if (refusal) asked?.reject(failed(refusal));
  });
  await transfer(network.wallet('operator'), {
    Recipient: payer.address,
    Quantity: `${PAYER_WINSTON}`,
  });
  const terms = { feeBase: BigInt(info.terms.feeBase), feeToken: BigInt(info.terms.feeToken) };
  return {
    workers: workers.length,
    ask: async ({ reqId, prompt }) => {
      const answer = new Promise<Answer>((resolve, reject) => {
        waiting.set(reqId, { resolve, reject });
      });
      const paid = transfer(payer, {
        Recipient: herder,
        Quantity: `${calculateFee(terms, prompt, ANSWER_TOKENS)}`,
        'X-Prompt': prompt,
        'X-Tokens': `${ANSWER_TOKENS}`,
        'X-Reference': reqId,
      });
      try {
        // The payment is over when all that it set off is; an error on the way ends the wait.
        return await Promise.race([answer, paid.then(() => answer)]);
      } finally {
        waiting.delete(reqId);
      }
    },
  };
}

function readAnswer(tags: readonly Tag[], answer: string): Answer {
  const read = (name: string) => tagValue(tags, name) ?? '';
  return {
    answer,
    stateRoot: `0x${read('State-Root')}`,
    claim: read('Claim'),
    tokens: Number(read('Tokens')),
    stopReason: read('Stop-Reason'),
  };
}

function failed(reason: string): OperatorError {
  return new OperatorError('ANSWER_FAILED', reason, { hint: 'The reason is the herd’s own.' });
}
