/**
 * The picture of a dispute: under a microscope, from the whole answer to one instruction. Tokens and
 * operators are one band each; the bisection is an icicle that halves with each move, and is
 * magnified anew whenever it gets too thin to see. Green is agreed, red is disputed, grey no longer
 * matters.
 */
import type { DisputeRecord, Interval, RoundRecord } from '../../index.js';
import { formatCount } from '../format.js';
import { hash, shortName } from './lines.js';
import { type Box, beam, cutTo, rect, svgDocument, text, verticalLine } from './svg.js';

const WIDTH = 1000;
const MARGIN = 20;
const PLOT = { x: 214, width: 560 };
const NOTES_X = PLOT.x + PLOT.width + 14;
const NOTES_WIDTH = WIDTH - MARGIN - 10 - NOTES_X;
const BAND_PADDING = 17;
const BAND_GAP = 10;
const CELL_HEIGHT = 28;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 14;
/** Halvings on one scale: the last is 1/64 of the plot, 9 pixels. */
const ROWS_A_SCALE = 6;
const BEAM_HEIGHT = 26;
/** A cell thinner than this is drawn without its neighbours' edges. */
const CELL_WIDTH_MIN = 4;
/** The disputed cell is seen however many there are. */
const MARK_WIDTH_MIN = 3;

interface Band {
  /** Its background, on which the light falls that comes from the band above. */
  readonly frame: string;
  readonly parts: string[];
  /** Where the light comes in, and the disputed piece from which it goes on. */
  readonly top: Box;
  readonly focus: Box;
  readonly bottom: number;
}

/** @returns an SVG document */
export function drawDispute(record: DisputeRecord): string {
  const { challenge, rounds, instruction } = record;
  const parts = drawHead(record);
  let y = HEAD_HEIGHT;
  let light: Box | undefined;
  const place = (draw: (y: number) => Band) => {
    const band = draw(y);
    parts.push(band.frame, light ? beam(light, band.top) : '', ...band.parts);
    light = band.focus;
    y = band.bottom + BAND_GAP;
  };
  if (challenge) place((top) => drawTokens(record, top));
  const operators = rounds.find(({ kind }) => kind === 'Operators');
  if (operators) place((top) => drawOperators(record, operators, top));
  const steps = rounds.find(({ kind }) => kind === 'Steps');
  if (steps) place((top) => drawBisection(rounds, steps, top));
  if (instruction) {
    place((top) => drawInstruction(record, top));
  }
  parts.push(...drawFoot(record, y));
  return svgDocument(WIDTH, y + FOOT_HEIGHT, labelOf(record), parts);
}

const HEAD_HEIGHT = 112;
/** Pixels of the widest characters that texts are made of: digits, capitals. */
const WIDE = 7.8;
const FOOT_HEIGHT = 48;

function labelOf({ verdict, fault, rounds }: DisputeRecord): string {
  const moves = `${rounds.length} moves`;
  return verdict.winner === 'unchallenged'
    ? 'A claim that nobody denied'
    : `A dispute of ${moves}, won by the ${verdict.winner}: ${fault.text}`;
}

function drawHead(record: DisputeRecord): string[] {
  const { question, answer, fault, verdict } = record;
  const width = WIDTH - 2 * MARGIN;
  const asked = cutTo(question.prompt, width / 2, WIDE);
  const title =
    verdict.winner === 'unchallenged'
      ? 'Nobody denied the claim'
      : `${answer.worker.name} answered, and the ${verdict.winner} won the dispute`;
  const key: [string, string][] = [
    ['agreed', 'both agree'],
    ['disputed', 'the first difference lies here'],
    ['beyond', 'follows from it, no longer matters'],
  ];
  let x = MARGIN;
  const legend = key.flatMap(([className, label]) => {
    const at = x;
    x += 40 + label.length * 6.2;
    return [
      rect({ x: at, y: 86, width: 12, height: 12 }, className, 2),
      text(at + 18, 96, label, 'dim'),
    ];
  });
  return [
    text(MARGIN, 32, title, 'ink title'),
    text(MARGIN, 54, cutTo(`“${asked}” → “${answer.text.trim()}”`, width, WIDE), 'ink'),
    text(MARGIN, 72, cutTo(fault.text, width), 'dim'),
    ...legend,
  ];
}

function drawTokens({ claim, challenge }: DisputeRecord, y: number): Band {
  const leaf = challenge?.leaf ?? 0;
  return drawCells(y, claim.transitions, leaf, {
    title: 'Tokens',
    about: [`agree on state ${formatCount(leaf)},`, `deny state ${formatCount(leaf + 1)}`],
    notes: [
      countOf(claim.transitions, 'token'),
      `${challenge?.defender.name} claims ${hash(challenge?.claimed ?? '')}`,
      `${challenge?.challenger.name} has ${hash(challenge?.own ?? '')}`,
    ],
  });
}

function drawOperators(record: DisputeRecord, operators: RoundRecord, y: number): Band {
  const named = record.rounds.find(({ kind }) => kind === 'Operator');
  const index = named?.after.lo ?? 0;
  const count = operators.after.hi;
  return drawCells(y, count, index, {
    title: 'Operators',
    about: [`agree on state ${formatCount(index)},`, `deny state ${formatCount(index + 1)}`],
    notes: [
      countOf(count, 'operator'),
      `of token ${formatCount(record.challenge?.leaf ?? 0)}`,
      record.instruction?.operatorName ?? '',
    ],
  });
}

interface CellTexts {
  readonly title: string;
  readonly about: readonly string[];
  readonly notes: readonly string[];
}

/** One band of equal cells, one of them disputed. */
function drawCells(y: number, count: number, disputed: number, texts: CellTexts): Band {
  const height = CELL_HEIGHT + 2 * BAND_PADDING;
  const row: Box = { ...PLOT, y: y + BAND_PADDING, height: CELL_HEIGHT };
  const { cells, focus } = layCells(row, count, disputed);
  return {
    frame: rect({ x: MARGIN, y, width: WIDTH - 2 * MARGIN, height }, 'band', 6),
    parts: [
      text(MARGIN + 14, y + 23, texts.title, 'ink strong'),
      ...texts.about.map((line, index) =>
        text(MARGIN + 14, y + 39 + index * 14, line, 'dim small'),
      ),
      ...texts.notes.map((line, index) =>
        text(NOTES_X, y + 23 + index * 15, cutTo(line, NOTES_WIDTH, 6), 'dim small'),
      ),
      ...cells,
    ],
    top: { ...row, height: 0 },
    focus,
    bottom: y + height + BAND_GAP,
  };
}

function layCells(row: Box, count: number, disputed: number): { cells: string[]; focus: Box } {
  const width = row.width / Math.max(1, count);
  const piece = (from: number, to: number): Box => ({
    ...row,
    x: row.x + from * width,
    width: Math.max(0, (to - from) * width - (width >= CELL_WIDTH_MIN ? 1 : 0)),
  });
  const exact = piece(disputed, disputed + 1);
  const thin = Math.max(MARK_WIDTH_MIN, exact.width);
  const focus = { ...exact, x: Math.min(exact.x, row.x + row.width - thin), width: thin };
  const classOf = (index: number) => (index < disputed ? 'agreed' : 'beyond');
  const cells =
    width >= CELL_WIDTH_MIN
      ? Array.from({ length: count }, (_, index) =>
          rect(piece(index, index + 1), classOf(index), 1),
        )
      : [rect(piece(0, disputed), 'agreed'), rect(piece(disputed, count), 'beyond')];
  return { cells: [...cells, rect(focus, 'disputed', 1)], focus };
}

/** The icicle: each row is the interval before a move, cut in the middle. */
function drawBisection(rounds: readonly RoundRecord[], steps: RoundRecord, y: number): Band {
  const moves = rounds.filter(({ agree }) => agree !== undefined);
  const parts: string[] = [];
  let top = y + BAND_PADDING + 6;
  let scale: Interval = steps.after;
  const first: Box = { ...PLOT, y: top, height: BAR_HEIGHT };
  parts.push(rect(first, 'disputed', 1), ...rowTexts(steps, top, countOf(scale.hi, 'step')));
  let focus = first;
  for (const [index, move] of moves.entries()) {
    if (index % ROWS_A_SCALE === 0) {
      scale = move.before;
      top = focus.y + BAR_HEIGHT + BEAM_HEIGHT;
      parts.push(beam(focus, { ...PLOT, y: top, height: 0 }));
    } else top += ROW_HEIGHT;
    const row = drawHalving(move, scale, top);
    parts.push(...row.parts);
    focus = row.focus;
  }
  const bottom = focus.y + BAR_HEIGHT + BAND_PADDING;
  const height = bottom - y;
  const frame = rect({ x: MARGIN, y, width: WIDTH - 2 * MARGIN, height }, 'band', 6);
  return { frame, parts, top: first, focus, bottom: bottom + BAND_GAP };
}

function drawHalving(
  move: RoundRecord,
  scale: Interval,
  y: number,
): { parts: string[]; focus: Box } {
  const { before, after, agree, place } = move;
  const unit = PLOT.width / (scale.hi - scale.lo);
  const piece = ({ lo, hi }: Interval): Box => ({
    x: PLOT.x + (lo - scale.lo) * unit,
    y,
    width: (hi - lo) * unit,
    height: BAR_HEIGHT,
  });
  const dropped = agree ? { lo: before.lo, hi: after.lo } : { lo: after.hi, hi: before.hi };
  const middle = PLOT.x + ((agree ? after.lo : after.hi) - scale.lo) * unit;
  const focus = piece(after);
  const where = place ? `  ${place.opcode}` : '';
  return {
    parts: [
      rect(piece(dropped), agree ? 'agreed' : 'beyond'),
      rect(focus, 'disputed'),
      verticalLine(middle, y - 2, BAR_HEIGHT + 4, 'tick'),
      ...rowTexts(move, y, `${formatCount(after.hi - after.lo)}${where}`),
    ],
    focus,
  };
}

function rowTexts(move: RoundRecord, y: number, note: string): string[] {
  const { number, by, kind, agree } = move;
  const says =
    kind === 'Steps' ? 'claims' : kind === 'Step' ? 'proves' : agree ? 'agrees' : 'denies';
  const baseline = y + BAR_HEIGHT - 3;
  return [
    rect({ x: MARGIN + 14, y: y + 3, width: 8, height: 8 }, by, 4),
    text(MARGIN + 28, baseline, `${number}`, 'dim small'),
    text(MARGIN + 48, baseline, by, `${by} small strong`),
    text(MARGIN + 124, baseline, says, 'ink small'),
    text(NOTES_X, baseline, cutTo(note, NOTES_WIDTH, 6.6), 'dim small mono'),
  ];
}

const VALUE_HEIGHT = 20;

/** What both sides, and the arbiter, say of the one instruction. */
function drawInstruction(record: DisputeRecord, y: number): Band {
  const { instruction, challenge } = record;
  if (!instruction || !challenge) throw new Error('no instruction was reached');
  const { values, states, operands } = instruction;
  const right = (side: 'challenger' | 'defender') => states[side] === states.arbiter;
  const mark = (side: 'challenger' | 'defender') => (right(side) ? 'right' : 'wrong');
  const rows: [string, string, string, string][] = [
    ...operands.map(({ name, value }): [string, string, string, string] => [
      name,
      value,
      '',
      'dim',
    ]),
    [`${challenge.defender.name} claims`, values.defender, states.defender, mark('defender')],
    [
      `${challenge.challenger.name} claims`,
      values.challenger,
      states.challenger,
      mark('challenger'),
    ],
    ['the arbiter computes', values.arbiter, states.arbiter, 'right'],
  ];
  const where = `step ${formatCount(instruction.step)}, at ${formatCount(instruction.pc)} in`;
  const height = 78 + rows.length * VALUE_HEIGHT;
  const box: Box = { x: MARGIN, y, width: WIDTH - 2 * MARGIN, height };
  const x = MARGIN + 14;
  return {
    frame: rect(box, 'band', 6),
    parts: [
      text(x, y + 26, 'Instruction', 'ink strong'),
      text(PLOT.x, y + 26, `${instruction.opcode}`, 'ink strong mono'),
      text(PLOT.x, y + 44, `${where} ${shortName(instruction.function)}`, 'dim small'),
      text(PLOT.x, y + 62, cutTo(instruction.text, 740, 7.3), 'dim mono'),
      ...rows.flatMap(([name, value, state, className], index) => {
        const baseline = y + 84 + index * VALUE_HEIGHT;
        return [
          text(x, baseline, cutTo(name, 180), `${className === 'dim' ? 'dim' : 'ink'} small`),
          text(PLOT.x, baseline, cutTo(value, 600, 7.3), `${className} mono`),
          text(
            WIDTH - MARGIN - 14,
            baseline,
            state && `state ${hash(state)}`,
            `${className} mono end`,
          ),
        ];
      }),
    ],
    top: { ...PLOT, y, height: 0 },
    focus: box,
    bottom: y + height,
  };
}

function drawFoot({ verdict, rounds, sizes, instruction }: DisputeRecord, y: number): string[] {
  const proof = instruction ? `, one-step proof ${formatCount(sizes.proofBytes)} bytes` : '';
  const cost = `${rounds.length} moves, ${formatCount(sizes.moveBytes)} bytes${proof}`;
  return [
    text(MARGIN, y + 18, cutTo(verdict.reason, 620), 'ink'),
    text(WIDTH - MARGIN, y + 18, cost, 'dim end'),
  ];
}

/** `1 token`, `20 tokens`. */
function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
