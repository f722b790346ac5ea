/** What tests of disputes share: models and questions, a claim as an arbiter shows it, whole games. */
import { readFileSync } from 'node:fs';
import { type AnswerInput, openProgram, type Program } from '../../llama/program.js';
import { type Claim, readConstants } from '../../opml/claim.js';
import type { ClaimView, Move, Role } from '../../opml/game.js';
import { splitHashes } from '../../opml/hex.js';
import type { ProgramConstants } from '../../opml/machine/state.js';
import { decideMove } from '../../opml/play.js';
import type { Tracer } from '../../opml/tracer.js';
import { PEER_CASES } from '../llama/peer-cases.js';
import { randomModel } from '../llama/random-model.js';
import { openGame, type Referee } from './referee.js';

/** A model that both sides open for themselves, and its constants. */
export interface Stage {
  readonly open: () => Program;
  readonly constants: ProgramConstants;
}

function createStage(bytes: Uint8Array): Stage {
  const open = () => openProgram(bytes);
  return { open, constants: readConstants(open()) };
}

const modelFile = (name: string) =>
  readFileSync(new URL(`../../models/${name}`, import.meta.url)) as Uint8Array;

export const demoStage = () => createStage(modelFile('corral-llama.gguf'));
export const digitStage = () => createStage(modelFile('digits-20.gguf'));
export const randomStage = (seed = 1) =>
  createStage(randomModel({ ...PEER_CASES[5]!.shape, layers: 1, seed }));

export const DEMO_QUESTION: AnswerInput = {
  prompt: '<|user|>\nTell me a joke about bees.\n<|assistant|>\n',
  maxTokens: 12,
  stops: ['<|user|>'],
  trim: true,
};
export const RANDOM_QUESTION: AnswerInput = {
  prompt: 'the tea of the sea',
  maxTokens: 5,
  temperature: 1.3,
  topP: 0.9,
  seed: 7,
};

/** One of the drawn digits, as the classifier's prompt. */
export function digitQuestion(index: number): AnswerInput {
  const images = modelFile('held-out.idx3-ubyte').subarray(16);
  const pixels = images.subarray(784 * index, 784 * (index + 1));
  return { prompt: Buffer.from(pixels).toString('hex'), maxTokens: 1 };
}

/** The claim as the arbiter shows it while it can be challenged. */
export function toView({ inputRoot, traceRoot, claimRoot, n }: Claim): ClaimView {
  const params = { maxTokens: 0, temperature: 0, topP: 1, seed: '0', stops: [], trim: false };
  return {
    id: 'herder:job',
    status: 'open',
    prompt: '',
    params,
    inputRoot,
    traceRoot,
    claimRoot,
    n,
  };
}

export const leavesOf = ({ data }: Claim): string[] => splitHashes(data.leaves);

/** Who computes what; a function makes a new tracer for every move, as after a crash. */
export type Party = Tracer | (() => Tracer);

export interface Played {
  readonly referee: Referee;
  readonly moves: readonly Move[];
  /** Why the side on turn made no more moves, if the game did not end. */
  readonly stuck: string | undefined;
}

/** Plays a challenge to its end. */
export function play(
  { constants }: Stage,
  claim: Claim,
  challenge: Move,
  parties: Readonly<Record<Role, Party>>,
): Played {
  const view = toView(claim);
  const leaves = leavesOf(claim);
  const referee = openGame(constants, view, leaves, challenge);
  const moves: Move[] = [];
  while (referee.verdict === undefined) {
    const { game, operators } = referee;
    const party = parties[game.turn];
    const tracer = typeof party === 'function' ? party() : party;
    const dispute = { claim: view, leaves, game, ...(operators ? { operators } : {}) };
    const { move, reason } = decideMove(dispute, game.turn, tracer);
    if (move === undefined) return { referee, moves, stuck: reason };
    referee.play(move);
    moves.push(move);
  }
  return { referee, moves, stuck: undefined };
}
