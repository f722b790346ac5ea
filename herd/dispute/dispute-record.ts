/**
 * A dispute as one plain value: what was asked, answered, claimed and denied, each move, the disputed
 * instruction, the verdict and who got what. `corral dispute` prints it, draws it, and writes it with
 * --json; the names of its fields are therefore public. Hashes are lower-case hex, money is winston in
 * decimal digits, times are milliseconds.
 */
import type { MoveKind, Role } from '../../opml/game.js';

export interface DisputeRecord {
  readonly version: 1;
  readonly seed: number;
  readonly model: {
    readonly name: string;
    readonly parameters: number;
    readonly fileBytes: number;
  };
  readonly fault: FaultRecord;
  readonly question: {
    readonly prompt: string;
    readonly tokens: number;
    readonly payer: Party;
    readonly paid: string;
  };
  readonly answer: {
    readonly worker: Party;
    readonly text: string;
    readonly tokens: number;
    readonly promptTokens: number;
    /** Why it ended: length, end, stop, context. */
    readonly stopReason: string;
  };
  readonly claim: {
    readonly id: string;
    readonly claimRoot: string;
    readonly inputRoot: string;
    readonly traceRoot: string;
    /** Token transitions: there are one more states. */
    readonly transitions: number;
    readonly bond: string;
  };
  /** Absent if nobody denied the claim. */
  readonly challenge?: ChallengeRecord;
  readonly rounds: readonly RoundRecord[];
  /** Whose turn it was and who could not or would not move, and why. */
  readonly silences: readonly Silence[];
  /** Absent if the game ended before its last move. */
  readonly instruction?: InstructionRecord;
  readonly verdict: VerdictRecord;
  /** What the dispute gained or cost each party in wAR, and what was burnt. */
  readonly payments: readonly PaymentRecord[];
  readonly refund?: { readonly payer: Party; readonly winston: string };
  readonly workerLeft: boolean;
  readonly sizes: DisputeSizes;
  /** Of this machine, and the only part that differs from run to run. */
  readonly elapsedMs: DisputeTimes;
}

export interface Party {
  readonly name: string;
  readonly id: string;
}

export interface FaultRecord {
  readonly kind: string;
  /** One sentence: who did what. */
  readonly text: string;
  /** Where, if that was chosen. */
  readonly token?: number | undefined;
  readonly operator?: number | undefined;
  readonly step?: number | undefined;
  readonly bit?: number | undefined;
}

export interface ChallengeRecord {
  readonly challenger: Party;
  readonly defender: Party;
  readonly game: string;
  /** Leaf that both agree on; they differ about the next one. */
  readonly leaf: number;
  readonly before: string;
  readonly claimed: string;
  readonly own: string;
  readonly bond: string;
}

export interface RoundRecord {
  readonly number: number;
  readonly by: Role;
  readonly kind: MoveKind;
  /** Network time since the challenge. */
  readonly atMs: number;
  /** What each side has left, after the move. */
  readonly clocks: Readonly<Record<Role, number>>;
  /** Bytes of the message's data. */
  readonly bytes: number;
  /** Where the first difference must lie, before and after the move: operators, then steps. */
  readonly before: Interval;
  readonly after: Interval;
  /** Whether the mover shares the state at the middle of `before`; in Bisect and Step moves. */
  readonly agree?: boolean;
  /** State that the move commits to. */
  readonly state?: string;
  /** What the machine is about to do at the middle of `after`, by an honest computation. */
  readonly place?: Place;
}

export interface Silence {
  readonly by: Role;
  readonly reason: string;
}

export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

export interface Place {
  readonly step: number;
  readonly opcode: string;
  readonly function: string;
}

export interface InstructionRecord extends Place {
  /** Token transition and operator that it belongs to. */
  readonly token: number;
  readonly operator: number;
  readonly operatorName: string;
  /** Steps of that operator. */
  readonly steps: number;
  readonly pc: number;
  /** The instruction in words: `slot 7 = slot 4 + slot 5`. */
  readonly text: string;
  readonly operands: readonly Value[];
  /** The same value by both sides, and by the arbiter's own computation. */
  readonly values: Readonly<Record<Role, string>> & { readonly arbiter: string };
  /** State after the step. */
  readonly states: Readonly<Record<Role, string>> & { readonly arbiter: string };
}

export interface Value {
  readonly name: string;
  readonly value: string;
}

export interface VerdictRecord {
  /** 'unchallenged' if nobody denied the claim. */
  readonly winner: Role | 'unchallenged';
  readonly reason: string;
  /** Status of the claim at the end: refuted or final. */
  readonly claim: string;
}

export interface PaymentRecord {
  readonly party: Party;
  /** With a minus sign if it lost. */
  readonly winston: string;
}

export interface DisputeSizes {
  /** Program memory: model, vocabulary and work. */
  readonly memoryBytes: number;
  readonly claimBytes: number;
  /** All moves together, and the largest. */
  readonly moveBytes: number;
  readonly largestMoveBytes: number;
  /** The one-step proof. */
  readonly proofBytes: number;
}

export interface DisputeTimes {
  /** From the question to the answer, the claim included. */
  readonly answer: number;
  /** The challenger's own computation of the answer. */
  readonly check: number;
  readonly challenger: number;
  readonly defender: number;
  /** From the challenge to the verdict. */
  readonly game: number;
}
