/**
 * A game as a list of rounds: what each move did to the interval in which the first wrong state must
 * lie. Pure, from the moves' tags and what the arbiter shows after them.
 */
import { type MoveKind, middleOf, type Role } from '../../opml/game.js';
import type { ArbiterGame } from '../bots/arbiter-reader.js';
import type { Tags } from '../bots/port.js';
import type { Interval, Place, RoundRecord } from './dispute-record.js';

export interface MadeMove {
  readonly by: Role;
  readonly kind: MoveKind;
  readonly tags: Tags;
  readonly bytes: number;
}

/** What an honest computation is about to do at a step of the disputed operator. */
export type Locate = (game: ArbiterGame, step: number) => Place | undefined;

/**
 * @param previous the round before this one
 * @param game as the arbiter shows it after the move
 */
export function toRound(
  move: MadeMove,
  previous: RoundRecord | undefined,
  game: ArbiterGame,
  nowMs: number,
  locate: Locate,
): RoundRecord {
  const { by, kind, tags, bytes } = move;
  const after = intervalAfter(move, previous, game);
  const before = isBisected(kind) ? (previous?.after ?? after) : after;
  const inSteps = kind === 'Steps' || isBisected(kind);
  const place = inSteps ? locate(game, middleOf(after.lo, after.hi)) : undefined;
  return {
    number: (previous?.number ?? 0) + 1,
    by,
    kind,
    atMs: nowMs - game.openedAt,
    clocks: game.clocks,
    bytes,
    before,
    after,
    ...(tags.Agree === undefined ? {} : { agree: tags.Agree === 'true' }),
    ...(tags.State === undefined ? {} : { state: tags.State }),
    ...(place ? { place } : {}),
  };
}

function intervalAfter(
  { kind, tags }: MadeMove,
  previous: RoundRecord | undefined,
  game: ArbiterGame,
): Interval {
  if (kind === 'Operators') return { lo: 0, hi: game.operators ?? 1 };
  if (kind === 'Operator') return { lo: Number(tags.Operator), hi: Number(tags.Operator) + 1 };
  const { lo, hi } = isBisected(kind) && previous ? previous.after : { lo: 0, hi: game.steps ?? 1 };
  if (tags.Agree === undefined) return { lo, hi };
  const mid = middleOf(lo, hi);
  return tags.Agree === 'true' ? { lo: mid, hi } : { lo, hi: mid };
}

function isBisected(kind: MoveKind): boolean {
  return kind === 'Bisect' || kind === 'Step';
}
