/**
 * What a party does next: a pure function of what the arbiter shows and of the party's own computation.
 * Nothing is remembered between moves, so a party that crashed goes on where it was. An honest tracer
 * makes an honest player; a tampered one defends its falsehood as far as that can go.
 */
import { claimRoot } from './claim.js';
import type { ClaimView, Dispute, GameView, Move, MoveKind, Opening, Role } from './game.js';
import { middleOf } from './game.js';
import { fromHex, splitHashes, toHex } from './hex.js';
import { listProof, listRoot } from './machine/merkle.js';
import type { Tracer } from './tracer.js';

export interface Decision {
  /** Undefined when there is nothing to do. */
  readonly move?: Move;
  /** One sentence: why this move, or why none. */
  readonly reason: string;
}

/** The message to send now, if any. */
export function nextMove(dispute: Dispute, role: Role, tracer: Tracer): Move | undefined {
  return decideMove(dispute, role, tracer).move;
}

export function decideMove(dispute: Dispute, role: Role, tracer: Tracer): Decision {
  const { claim, game } = dispute;
  if (claim.inputRoot !== tracer.inputRoot) return wait('the claim is about another job');
  if (!isOfProgram(claim, tracer)) return wait('the claim is of another engine or model');
  if (game === undefined) {
    return role === 'challenger' ? decideChallenge(dispute, tracer) : wait('nobody denies it');
  }
  if (game.phase === 'closed') return wait('the game is over');
  if (game.turn !== role) return wait(`it is the ${game.turn}'s turn`);
  switch (game.phase) {
    case 'operators':
      return postOperators(game, tracer);
    case 'operator':
      return denyOperator(dispute, game, tracer);
    case 'steps':
      return countSteps(game, tracer);
    case 'bisect':
      return bisect(game, tracer);
  }
}

/** Whether party and claim mean the same program: an engine that was changed says nothing of the old. */
function isOfProgram(claim: ClaimView, { programRoot }: Tracer): boolean {
  const { inputRoot, traceRoot, n } = claim;
  const root = claimRoot(fromHex(programRoot), fromHex(inputRoot), fromHex(traceRoot), n);
  return toHex(root) === claim.claimRoot;
}

/** Whether the claim's first false transition can be shown, and the message that says so. */
function decideChallenge({ claim, leaves }: Dispute, tracer: Tracer): Decision {
  if (claim.status !== 'open') return wait(`the claim is ${claim.status}`);
  if (leaves === undefined) return wait('the leaves of the claim cannot be had');
  if (leaves.length !== claim.n + 1 || rootOf(leaves) !== claim.traceRoot) {
    return wait('the published leaves are not those that the claim commits to');
  }
  const lie = findLie(leaves, tracer);
  if (lie === undefined) return wait('every transition of the claim is right');
  const { leaf, own } = lie;
  const data = { before: openLeaf(leaves, leaf), after: openLeaf(leaves, leaf + 1), own };
  return {
    reason: `transition ${leaf} does not lead to the claimed leaf`,
    move: {
      kind: 'Challenge',
      tags: { Action: 'Challenge', Claim: claim.id, Leaf: String(leaf) },
      data: JSON.stringify(data),
    },
  };
}

/**
 * The first leaf that the program does not reach from the leaf before it. A claim may cut the answer
 * into other transitions than an honest one does (that proves the same answer), so each leaf is looked
 * for among all answers from the one before it on, not only at its own place.
 */
export function findLie(
  leaves: readonly string[],
  tracer: Tracer,
): { leaf: number; own: string } | undefined {
  const answers = tracer.answers();
  let at = 0;
  for (let leaf = 0; leaf + 1 < leaves.length; leaf++) {
    const next = answers.indexOf(leaves[leaf + 1] as string, at);
    if (next < 0) return { leaf, own: tracer.leafAfter(answers[at] as string) };
    at = next;
  }
  return undefined;
}

function postOperators(game: GameView, tracer: Tracer): Decision {
  if (!tracer.answers().includes(game.before)) return wait('this party never claimed that leaf');
  const { leaves, workRoot, after } = tracer.operators(game.before);
  if (after !== game.after) return wait('this party computes another leaf than was claimed');
  const data = JSON.stringify({ leaves: leaves.join(''), workRoot });
  const reason = `${leaves.length - 1} operators lead to the claimed leaf`;
  return { reason, move: gameMove(game, 'Operators', {}, data) };
}

function denyOperator({ operators }: Dispute, game: GameView, tracer: Tracer): Decision {
  if (operators === undefined) return wait('the operator leaves cannot be had');
  const claimed = splitHashes(operators.leaves);
  const denied = findDenied(claimed, game.before, tracer);
  if (denied < 1) return wait('every operator is right');
  const data = { before: openLeaf(claimed, denied - 1), after: openLeaf(claimed, denied) };
  const operator = denied - 1;
  return {
    reason: `operator ${operator} does not lead to the claimed memory`,
    move: gameMove(game, 'Operator', { Operator: String(operator) }, JSON.stringify(data)),
  };
}

/**
 * The first leaf that the program does not reach; -1 when it reaches all. Who lies may claim many times
 * the operators that there are: to run all of them before looking would be paid in the clock's time.
 */
function findDenied(claimed: readonly string[], before: string, tracer: Tracer): number {
  const most = claimed.length - 1;
  for (let own = tracer.operators(before).leaves; ; ) {
    const denied = claimed.findIndex((leaf, i) => i < own.length && leaf !== own[i]);
    if (denied >= 0 || own.length > most) return denied;
    own = tracer.operators(before, Math.min(most, 2 * own.length)).leaves;
  }
}

function countSteps(game: GameView, tracer: Tracer): Decision {
  const run = tracer.operator(game.before, game.operator ?? 0);
  const steps = run.steps();
  const tags = { Steps: String(steps) };
  if (steps === 1) {
    return { reason: 'the operator is one step', move: gameMove(game, 'Steps', tags) };
  }
  const State = run.state(middleOf(0, steps));
  const reason = `the operator takes ${steps} steps`;
  return { reason, move: gameMove(game, 'Steps', { ...tags, State }) };
}

function bisect(game: GameView, tracer: Tracer): Decision {
  const run = tracer.operator(game.before, game.operator ?? 0);
  let { lo = 0, hi = game.steps ?? 1 } = game;
  const tags: Record<string, string> = {};
  const { mid, midState } = game;
  if (mid !== undefined && midState !== undefined && hi - lo > 1) {
    const agree = run.state(mid) === midState;
    tags.Agree = String(agree);
    if (agree) lo = mid;
    else hi = mid;
  }
  const reason = `${tags.Agree === 'false' ? 'denies' : 'shares'} the state at ${mid ?? lo}`;
  if (hi - lo > 1) {
    const State = run.state(middleOf(lo, hi));
    return { reason, move: gameMove(game, 'Bisect', { ...tags, State }) };
  }
  return { reason, move: gameMove(game, 'Step', tags, toHex(run.witness(lo))) };
}

const wait = (reason: string): Decision => ({ reason });

function gameMove(
  game: GameView,
  kind: MoveKind,
  tags: Readonly<Record<string, string>>,
  data = '',
): Move {
  const head = { Action: 'Move', Game: game.id, Number: String(game.moves + 1), Kind: kind };
  return { kind, tags: { ...head, ...tags }, data };
}

function rootOf(leaves: readonly string[]): string {
  return toHex(listRoot(leaves.map(fromHex)));
}

function openLeaf(leaves: readonly string[], index: number): Opening {
  const proof = toHex(listProof(leaves.map(fromHex), index));
  return { leaf: leaves[index] as string, proof: splitHashes(proof) };
}
