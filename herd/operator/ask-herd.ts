/**
 * Answers by a herd: pays the herder as any client does and waits for the reply to its own wallet.
 * What comes back is an answer that a worker has put a bond on; its claim can be challenged.
 */
import { tagValue } from '../../actors/items/protocol.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { calculateFee } from '../../pricing/fee.js';
import type { Corral } from '../corral.js';
import { OperatorError } from './errors.js';
import type { Answer, Answerer } from './requests.js';

/** The wallet that pays, and how much wAR it starts with: enough for some billion questions. */
const PAYER = 'http-operator';
const WINSTON_PER_WAR = 1_000_000_000_000n;
const PAYER_WINSTON = WINSTON_PER_WAR;
/**
 * What the workers together get on top of their deposits: the bonds of 50,000 open claims, 83 answers a
 * second. A worker whose deposit is all bound would have its claims refused, and leave the herd.
 */
const DEPOSITS_WINSTON = 500n * WINSTON_PER_WAR;

/** Most tokens of an answer; as in the original. */
export const ANSWER_TOKENS = 256;

/** How a question that is paid for ends, by its reference, which is the req_id. */
type Asked = Map<string, { resolve(answer: Answer): void; reject(error: Error): void }>;

/** @throws {ANSWER_FAILED} if the payer or the workers cannot be given wAR */
export async function createHerdAnswerer(corral: Corral): Promise<Answerer> {
  const { network, info } = corral;
  const { war, herder, workers } = info.processes;
  const payer = network.wallet(PAYER);
  const owner = network.wallet('operator');
  const asked: Asked = new Map();
  /** Resolves once all that the transfer set off is over. @throws {ANSWER_FAILED} */
  const transfer = async (from: Wallet, to: string, winston: bigint, more = {}) => {
    const tags = { Recipient: to, Quantity: `${winston}`, ...more };
    const { errors } = await network.send({ from, to: war, action: 'Transfer', tags });
    if (errors[0]) throw failed(errors[0].text);
  };
  heedReplies(corral, payer.address, asked);
  await transfer(owner, payer.address, PAYER_WINSTON);
  for (const worker of workers) {
    await transfer(owner, worker, DEPOSITS_WINSTON / BigInt(workers.length));
  }
  const terms = { feeBase: BigInt(info.terms.feeBase), feeToken: BigInt(info.terms.feeToken) };

  const ask: Answerer['ask'] = async ({ reqId, prompt }) => {
    const answer = new Promise<Answer>((resolve, reject) => {
      asked.set(reqId, { resolve, reject });
    });
    const paid = transfer(payer, herder, calculateFee(terms, prompt, ANSWER_TOKENS), {
      'X-Prompt': prompt,
      'X-Tokens': `${ANSWER_TOKENS}`,
      'X-Reference': reqId,
    });
    try {
      const [given] = await Promise.all([answer, paid]);
      await requireOpenClaim(corral, given);
      return given;
    } finally {
      asked.delete(reqId);
    }
  };
  return { workers: workers.length, ask };
}

/**
 * Settles what was asked by the replies to the payer. They go to a wallet, which is no process: they
 * are on the gateway, and told as an event. Anyone can write to a wallet, so the sender counts.
 */
function heedReplies({ network, info }: Corral, payer: string, asked: Asked): void {
  const { war, herder } = info.processes;
  network.events.on('sent', ({ message, target, from, action }) => {
    if (target !== payer) return;
    const tags = network.gateway.item(message)?.tags ?? [];
    const question = asked.get(tagValue(tags, 'X-Reference') ?? '');
    if (!question) return;
    if (from === herder && action === 'Inference-Response') {
      const text = Buffer.from(network.gateway.data(message) ?? []).toString();
      question.resolve(readAnswer(tags, text));
    }
    const refusal = tagValue(tags, 'X-Reason') ?? tagValue(tags, 'Error');
    if (from === war && refusal !== undefined) question.reject(failed(refusal));
  });
}

/** @throws {ANSWER_FAILED} unless the arbiter holds the claim open: its word, not the worker's */
async function requireOpenClaim({ network, info }: Corral, answer: Answer): Promise<void> {
  const ask = {
    Tags: [
      { name: 'Action', value: 'Claim-Info' },
      { name: 'Claim', value: answer.claim },
    ],
  };
  const { messages } = await network.dryRun(info.processes.arbiter, ask);
  const claim = JSON.parse(String(messages[0]?.Data || '{}')) as Record<string, unknown>;
  if (claim.status === 'open' && `0x${claim.claimRoot}` === answer.stateRoot) return;
  throw failed('the arbiter did not take the claim on the answer');
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
