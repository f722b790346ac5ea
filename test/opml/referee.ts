/**
 * A referee in memory, for playing two tracers against each other without a network: the rules of the
 * arbiter without money and clocks, judging with the TypeScript verifier. Every refused move throws.
 */
import type { ClaimView, GameView, Move, Opening, OperatorsData, Role } from '../../opml/game.js';
import { middleOf } from '../../opml/game.js';
import { fromHex, splitHashes, toHex } from '../../opml/hex.js';
import {
  HASH_BYTES,
  hashParts,
  listRoot,
  verifyListProof,
  ZERO_HASH,
} from '../../opml/machine/merkle.js';
import {
  emptyRegionRoot,
  encodeHeader,
  haltedState,
  memoryHash,
  type ProgramConstants,
  programRoot,
  type StateHeader,
  startState,
} from '../../opml/machine/state.js';
import { verifyStep } from '../../opml/machine/verify.js';

export interface Verdict {
  readonly winner: Role;
  readonly step: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Referee {
  readonly game: GameView;
  readonly operators: OperatorsData | undefined;
  readonly verdict: Verdict | undefined;
  play(move: Move): void;
}

const OTHER = { challenger: 'defender', defender: 'challenger' } as const;

export function openGame(
  constants: ProgramConstants,
  claim: ClaimView,
  leaves: readonly string[],
  challenge: Move,
): Referee {
  const input = fromHex(claim.inputRoot);
  const program = programRoot(constants);
  const data = JSON.parse(challenge.data) as { before: Opening; after: Opening; own: string };
  const leaf = Number(challenge.tags.Leaf);
  checkOpening(leaves, leaf, data.before);
  checkOpening(leaves, leaf + 1, data.after);
  if (data.own === data.after.leaf) throw new Error('the challenge denies nothing');
  const game: Mutable<GameView> = {
    id: '1',
    claim: claim.id,
    phase: 'operators',
    turn: 'defender',
    moves: 0,
    leaf,
    before: data.before.leaf,
    after: data.after.leaf,
    own: data.own,
  };
  let operators: OperatorsData | undefined;
  let verdict: Verdict | undefined;
  let bounds: { lo: string; hi: string; hiBy: Role; midBy: Role } | undefined;
  /** Of a state whose memory is known by its hash alone. */
  const hashOf = (header: StateHeader, memory: string) => {
    const rest = encodeHeader(header).subarray(2 * HASH_BYTES);
    return toHex(hashParts(0x02, program, input, fromHex(memory), rest));
  };
  const kinds: Record<string, (move: Move) => void> = {
    Operators({ data: text }) {
      operators = JSON.parse(text) as OperatorsData;
      const list = splitHashes(operators.leaves);
      const { bounds: at } = constants;
      const zero = emptyRegionRoot(at.end - at.work);
      equal(list[0], toHex(memoryHash(fromHex(game.before), zero)), 'operator leaf 0');
      const end = memoryHash(fromHex(game.after), fromHex(operators.workRoot));
      equal(list.at(-1), toHex(end), 'the last operator leaf');
      Object.assign(game, { phase: 'operator', turn: 'challenger' });
    },
    Operator({ tags, data: text }) {
      const list = splitHashes(operators!.leaves);
      const index = Number(tags.Operator);
      const opened = JSON.parse(text) as { before: Opening; after: Opening };
      checkOpening(list, index, opened.before);
      checkOpening(list, index + 1, opened.after);
      Object.assign(game, { phase: 'steps', turn: 'defender', operator: index });
    },
    Steps({ tags }) {
      const steps = Number(tags.Steps);
      const list = splitHashes(operators!.leaves);
      const start = startState(ZERO_HASH, ZERO_HASH, constants.entryPc);
      const end = haltedState(ZERO_HASH, ZERO_HASH, steps);
      bounds = {
        lo: hashOf(start, list[game.operator!]!),
        hi: hashOf(end, list[game.operator! + 1]!),
        hiBy: 'defender',
        midBy: 'defender',
      };
      Object.assign(game, { phase: 'bisect', turn: 'challenger', steps, lo: 0, hi: steps });
      if (steps > 1) Object.assign(game, { mid: middleOf(0, steps), midState: tags.State });
    },
    Bisect({ tags }) {
      narrow(tags.Agree);
      if (game.hi! - game.lo! < 2) throw new Error('one step is left');
      game.mid = middleOf(game.lo!, game.hi!);
      game.midState = tags.State!;
      bounds!.midBy = game.turn;
      game.turn = OTHER[game.turn];
    },
    Step({ tags, data: text }) {
      if (game.mid !== undefined) narrow(tags.Agree);
      if (game.hi! - game.lo! !== 1) throw new Error('more than one step is left');
      const witness = fromHex(text);
      if (witness.length > 4096) throw new Error('the witness is too long');
      const { lo } = bounds!;
      const next = toHex(verifyStep(constants, input, fromHex(lo), witness).next);
      const holds = next === bounds!.hi;
      verdict = { winner: holds ? bounds!.hiBy : OTHER[bounds!.hiBy], step: game.lo! };
      game.phase = 'closed';
    },
  };

  const narrow = (agree: string | undefined) => {
    if (agree === 'true') {
      game.lo = game.mid!;
      bounds!.lo = game.midState!;
    } else {
      game.hi = game.mid!;
      bounds!.hi = game.midState!;
      bounds!.hiBy = bounds!.midBy;
    }
  };

  return {
    game,
    get operators() {
      return operators;
    },
    get verdict() {
      return verdict;
    },
    play(move) {
      kinds[move.kind]!(move);
      game.moves += 1;
    },
  };
}

function equal(given: string | undefined, wanted: string, what: string): void {
  if (given !== wanted) throw new Error(`${what} is ${given}, not ${wanted}`);
}

function checkOpening(leaves: readonly string[], index: number, { leaf, proof }: Opening): void {
  const items = leaves.map(fromHex);
  const joined = fromHex(proof.join(''));
  const holds = verifyListProof(listRoot(items), items.length, index, fromHex(leaf), joined);
  if (!holds) throw new Error(`leaf ${index} is not opened`);
}
