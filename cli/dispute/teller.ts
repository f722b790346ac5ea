/**
 * Tells a dispute while it is played: sections as they begin, each move as it is made. Moves are held
 * back until the operator's steps are known, because the width of the columns follows from them.
 */
import type { DisputeEvent, RoundRecord } from '../../index.js';
import type { Terminal } from '../terminal.js';
import {
  challengeLines,
  closingLines,
  gameHeading,
  instructionLines,
  openingLines,
  roundHeading,
  roundLine,
  silenceLines,
} from './lines.js';

/** Most columns that a dispute is laid out for: longer lines are harder to read. */
const MAX_COLUMNS = 100;

export function createTeller(terminal: Terminal): (event: DisputeEvent) => void {
  const look = {
    colors: terminal.colors,
    columns: Math.min(MAX_COLUMNS, terminal.columns()),
  };
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.print(line);
  };
  const early: RoundRecord[] = [];
  let steps: number | undefined;
  const begin = (count: number) => {
    steps = count;
    print([roundHeading(count, look), ...early.map((round) => roundLine(round, count, look))]);
  };
  return (event) => {
    if (event.type === 'answered') print(openingLines(event.opening, look));
    if (event.type === 'challenged') {
      print([...challengeLines(event.challenge, look), ...gameHeading(look)]);
    }
    if (event.type === 'moved') {
      const { round } = event;
      if (steps !== undefined) print([roundLine(round, steps, look)]);
      else if (early.push(round) > 0 && round.kind === 'Steps') begin(round.after.hi);
    }
    if (event.type === 'silent') print(silenceLines(event.silence, look));
    if (event.type === 'over') {
      if (steps === undefined && early.length > 0) begin(early.at(-1)?.after.hi ?? 0);
      print([...instructionLines(event.record, look), ...closingLines(event.record, look)]);
    }
  };
}
