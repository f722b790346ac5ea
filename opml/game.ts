/**
 * The words of a dispute: what the arbiter tells about a claim and a game, and what a party sends. Only
 * the fields that a party needs to choose a move are named here; the arbiter tells more. Hashes are
 * lower-case hex.
 */
import type { AnswerInput } from '../llama/program.js';

export type Role = 'challenger' | 'defender';

/** How the job asked to be answered; `seed` is a decimal number. */
export interface JobParams {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: string;
  /** An empty list may come as an empty object: Lua has one empty table. */
  readonly stops: readonly string[] | Readonly<Record<string, never>>;
  readonly trim: boolean;
}

/** An answer's claim, as the arbiter keeps it. */
export interface ClaimView {
  readonly id: string;
  readonly status: 'open' | 'refuted' | 'final';
  /** As it reaches the model: laid out by the model's template. */
  readonly prompt: string;
  readonly params: JobParams;
  readonly inputRoot: string;
  readonly traceRoot: string;
  readonly claimRoot: string;
  /** Token transitions; the trace has one leaf more. */
  readonly n: number;
}

/** What leaf 0 to leaf 1 and so on are bisected over, and who has said what. */
export interface GameView {
  readonly id: string;
  readonly claim: string;
  readonly phase: 'operators' | 'operator' | 'steps' | 'bisect' | 'closed';
  readonly turn: Role;
  /** Moves made so far. */
  readonly moves: number;
  /** The disputed transition's number and its two token leaves, as claimed. */
  readonly leaf: number;
  readonly before: string;
  readonly after: string;
  /** The challenger's own leaf in place of `after`. */
  readonly own: string;
  /** From phase steps on: the disputed operator. */
  readonly operator?: number;
  /** In phase bisect: steps of the operator, the interval, and the hashes claimed in it. */
  readonly steps?: number;
  readonly lo?: number;
  readonly hi?: number;
  /** Absent when the interval is one step from the start. */
  readonly mid?: number;
  readonly midState?: string;
}

/** What the defender commits to in the operator phase. */
export interface OperatorsData {
  /** Memory hashes after 0, 1, ... operators, joined. */
  readonly leaves: string;
  /** Root of the work region after the last. */
  readonly workRoot: string;
}

/** All that a party has to know to choose its move. */
export interface Dispute {
  readonly claim: ClaimView;
  /** Token leaves that came with the claim's message; undefined when they cannot be had. */
  readonly leaves: readonly string[] | undefined;
  /** Absent before a challenge. */
  readonly game?: GameView;
  /** Data of the defender's Operators move, once it is made. */
  readonly operators?: OperatorsData;
}

export type MoveKind = 'Challenge' | 'Operators' | 'Operator' | 'Steps' | 'Bisect' | 'Step';

/** A message to the arbiter. */
export interface Move {
  readonly kind: MoveKind;
  /** All tags, Action included. */
  readonly tags: Readonly<Record<string, string>>;
  readonly data: string;
}

/** A list leaf and its siblings, from the bottom up. */
export interface Opening {
  readonly leaf: string;
  readonly proof: readonly string[];
}

/** The question that a claim's answer answers, as a program takes it. */
export function inputOfClaim({ prompt, params }: ClaimView): AnswerInput {
  const { maxTokens, temperature, topP, seed, stops, trim } = params;
  const list = Array.isArray(stops) ? (stops as readonly string[]) : [];
  return { prompt, maxTokens, temperature, topP, seed: BigInt(seed), stops: list, trim };
}

/** Where an interval of steps is cut: the arbiter takes no other place. */
export function middleOf(lo: number, hi: number): number {
  return Math.floor((lo + hi) / 2);
}
