/**
 * One dispute from the question to the verdict, on a network of its own in virtual time: the herd, the
 * arbiter, both bots and all messages are the real ones; only the fault is planted. It is what
 * `corral dispute` shows.
 */
import type { Receipt } from '../../actors/network.js';
import type { Tag } from '../../arlocal/tags.js';
import { STOP_REASON } from '../../llama/regions.js';
import type { ArbiterClaim, ArbiterGame } from '../bots/arbiter-reader.js';
import { startCorral } from '../corral.js';
import { CorralError } from '../errors.js';
import { warBalance } from './dispute-books.js';
import { type DisputeFault, describeFault, toFaultSpec } from './dispute-fault.js';
import { type DisputeOpening, playGame, type Tell } from './dispute-game.js';
import type { DisputeRecord, RoundRecord } from './dispute-record.js';
import { openStage, type Stage, USER_WAR } from './dispute-stage.js';
import { explainInstruction } from './disputed-instruction.js';

export interface DisputeOptions {
  readonly fault: DisputeFault;
  readonly prompt: string;
  /** Most tokens of the answer. */
  readonly tokens: number;
  readonly seed?: number | undefined;
  /** GGUF file. @default the demo model */
  readonly model?: string | undefined;
  readonly tell?: Tell;
  /** Stops everything, in mid game too: the promise then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws what `startCorral`, planting the fault and the bots throw */
export async function playDispute(options: DisputeOptions): Promise<DisputeRecord> {
  const { fault, seed, model, signal } = options;
  const corral = await startCorral({
    seed,
    model,
    workers: 1,
    listen: false,
    clock: 'virtual',
    defender: false,
    ...(fault.kind === 'none' ? {} : { plantedFault: toFaultSpec(fault) }),
  });
  const stop = () => void corral.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    signal?.throwIfAborted();
    const stage = await openStage(corral, fault);
    return await tellStory(stage, options);
  } finally {
    signal?.removeEventListener('abort', stop);
    await corral.close();
  }
}

async function tellStory(stage: Stage, options: DisputeOptions): Promise<DisputeRecord> {
  const { tell } = options;
  const start = performance.now();
  const opening = await askHerd(stage, options);
  const answer = performance.now() - start;
  tell?.({ type: 'answered', opening });
  const played = await playGame(stage, opening.claim.id, tell);
  const { challenge, rounds, silences, payments } = played;
  const claim = await stage.arbiter.claim(opening.claim.id);
  const refunded = (await balanceOf(stage)) - (USER_WAR - BigInt(opening.question.paid));
  const instruction = played.game && explainInstruction(stage.parties, played.game, rounds);
  const record: DisputeRecord = {
    ...opening,
    ...(challenge ? { challenge } : {}),
    rounds,
    silences,
    ...(instruction ? { instruction } : {}),
    verdict: verdictOf(claim, played.game),
    payments,
    ...(refunded > 0n ? { refund: { payer: opening.question.payer, winston: `${refunded}` } } : {}),
    workerLeft: await hasLeft(stage),
    sizes: sizesOf(stage, claim, rounds),
    elapsedMs: { ...stage.thought, answer, game: played.elapsedMs },
  };
  tell?.({ type: 'over', record });
  return record;
}

/** The user pays, the worker answers and claims. */
async function askHerd(stage: Stage, { fault, prompt, tokens }: DisputeOptions) {
  const { corral, arbiter, user, worker } = stage;
  const asked = await user.eval(`Llama.run(${luaString(prompt)}, ${tokens})`);
  const [id] = await arbiter.openClaims();
  if (id === undefined) throw noClaim(refundReason(stage, asked));
  const claim = await arbiter.claim(id);
  const opening: DisputeOpening = {
    version: 1,
    seed: corral.info.seed,
    model: corral.info.model,
    fault: { ...fault, text: describeFault(fault, worker.name) },
    question: {
      prompt,
      tokens,
      payer: { name: 'user', id: user.id },
      paid: `${USER_WAR - (await balanceOf(stage))}`,
    },
    answer: {
      worker,
      text: claim.answer,
      tokens: claim.tokens,
      promptTokens: claim.promptTokens,
      stopReason: stopReasonName(claim.stopReason),
    },
    claim: {
      id,
      claimRoot: claim.claimRoot,
      inputRoot: claim.inputRoot,
      traceRoot: claim.traceRoot,
      transitions: claim.n,
      bond: claim.bond,
    },
  };
  return opening;
}

function verdictOf(claim: ArbiterClaim, game: ArbiterGame | undefined): DisputeRecord['verdict'] {
  const { side, reason } = game?.verdict ?? {};
  return {
    winner: side ?? 'unchallenged',
    reason: reason ?? 'Nobody denied the claim within its window.',
    claim: claim.status,
  };
}

function sizesOf(
  { corral, parties }: Stage,
  claim: ArbiterClaim,
  rounds: readonly RoundRecord[],
): DisputeRecord['sizes'] {
  const bytes = rounds.map((round) => round.bytes);
  const proof = rounds.find(({ kind }) => kind === 'Step');
  return {
    memoryBytes: parties.opened.program?.bounds.end ?? 0,
    claimBytes: corral.network.gateway.data(claim.claimMessage)?.length ?? 0,
    moveBytes: bytes.reduce((sum, size) => sum + size, 0),
    largestMoveBytes: Math.max(0, ...bytes),
    proofBytes: (proof?.bytes ?? 0) / 2, // it travels as hex
  };
}

/** winston of wAR that the user holds */
function balanceOf({ corral, user }: Stage): Promise<bigint> {
  return warBalance(corral.network, corral.info.processes.war, user.id);
}

/** True if the herder has no worker any more. */
async function hasLeft({ corral }: Stage): Promise<boolean> {
  const Tags = [{ name: 'Action', value: 'Info' }];
  const { messages } = await corral.network.dryRun(corral.info.processes.herder, { Tags });
  const tags = (messages[0]?.Tags ?? []) as readonly Tag[];
  return tags.find(({ name }) => name === 'Idle-Workers')?.value === '0';
}

function stopReasonName(code: number): string {
  return Object.entries(STOP_REASON).find(([, value]) => value === code)?.[0] ?? 'unknown';
}

/** Why the herder gave the payment back, if it did. */
function refundReason({ corral }: Stage, { messages }: Receipt): string | undefined {
  for (const { id, action } of messages) {
    if (action !== 'Transfer') continue;
    const tags = corral.network.gateway.item(id)?.tags ?? [];
    const reason = tags.find(({ name }) => name === 'X-Reason')?.value;
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function noClaim(reason: string | undefined): CorralError {
  const message = reason
    ? `the herder gave the payment back: ${reason}`
    : 'the answer has no claim that could be disputed';
  return new CorralError('DISPUTE_WITHOUT_CLAIM', message, {
    hint: 'Ask another question, ask for more tokens, or choose another place for the fault.',
  });
}

function luaString(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u([0-9a-f]{4})/g, '\\u{$1}');
}
