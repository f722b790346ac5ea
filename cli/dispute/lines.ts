/**
 * A dispute in lines for people: what was asked and claimed, one line a move, the disputed
 * instruction, the verdict and the money. Pure functions of the record; every line fits `columns`.
 */
import type { ChallengeRecord, DisputeRecord, RoundRecord, Silence } from '../../index.js';
import {
  alignColumns,
  formatAmount,
  formatBytes,
  formatCount,
  truncate,
  wrapWords,
} from '../format.js';
import type { Colors } from '../terminal.js';

export interface Look {
  readonly colors: Colors;
  readonly columns: number;
}

type Opening = Pick<DisputeRecord, 'model' | 'fault' | 'question' | 'answer' | 'claim'>;

const INDENT = '  ';
const EXCERPT_MAX = 240; // characters

/** What was asked, answered and claimed. */
export function openingLines(opening: Opening, look: Look): string[] {
  const { model, fault, question, answer, claim } = opening;
  const ended = `${formatCount(answer.tokens)} of ${formatCount(question.tokens)} tokens`;
  const paid = `${formatCount(BigInt(question.paid))} winston`;
  const bond = formatAmount(BigInt(claim.bond), 'wAR');
  return [
    look.colors.bold('The answer and its claim'),
    ...fields(
      [
        ['model', `${model.name}, ${formatCount(model.parameters)} parameters`],
        ['question', `${excerpt(question.prompt)} (${question.payer.name} paid ${paid})`],
        ['answer', `${excerpt(answer.text)} (${ended}, ${answer.stopReason})`],
        ['worker', `${answer.worker.name}, bond ${bond}`],
        [
          'claim',
          `${formatCount(claim.transitions + 1)} token states, root ${hash(claim.claimRoot)}`,
        ],
        ['fault', fault.text],
      ],
      look,
    ),
  ];
}

/** What the challenger denies. */
export function challengeLines(challenge: ChallengeRecord, look: Look): string[] {
  const { challenger, defender, leaf, before, claimed, own, bond } = challenge;
  return [
    '',
    look.colors.bold('The challenge'),
    ...fields(
      [
        ['challenger', `${challenger.name}, bond ${formatAmount(BigInt(bond), 'wAR')}`],
        ['agreed', `state ${formatCount(leaf)}: ${hash(before)}`],
        [
          'disputed',
          `state ${formatCount(leaf + 1)}: ${defender.name} claims ${hash(claimed)}, ` +
            `${challenger.name} computes ${hash(own)}`,
        ],
      ],
      look,
    ),
  ];
}

const ROUND_WIDTHS = { number: 2, side: 10, says: 7, clock: 5, state: 8 } as const;
const INTERVAL_MIN = 'start..end'.length;

/** The heading of the moves, and what their columns are. */
export function gameHeading(look: Look): string[] {
  return [
    '',
    look.colors.bold('The game'),
    ...wrapWords(
      'The interval is where the first wrong state must lie: of operators in moves 1 and 2, of ' +
        "the operator's steps from then on. The state is what the move commits to, the " +
        'instruction the one at the middle.',
      look.columns - INDENT.length,
    ).map((line) => INDENT + look.colors.dim(line)),
    '',
  ];
}

/** Column titles, once it is known how wide an interval can be. */
export function roundHeading(steps: number, look: Look): string {
  const cells = roundCells(
    ['#', 'side', 'says', 'interval', 'clock', 'state', 'instruction'],
    steps,
  );
  return look.colors.dim(truncate(cells, look.columns).trimEnd());
}

/** One move on one line. */
export function roundLine(round: RoundRecord, steps: number, look: Look): string {
  const { number, by, after, clocks, state, place } = round;
  const where = place ? `${place.opcode} in ${shortName(place.function)}` : '';
  const cells = [
    `${number}`,
    by,
    sayOf(round),
    `${formatCount(after.lo)}..${formatCount(after.hi)}`,
    clock(clocks[by]),
    state === undefined ? '' : hash(state),
    where,
  ];
  const line = truncate(roundCells(cells, steps), look.columns).trimEnd();
  return by === 'challenger' ? look.colors.cyan(line) : look.colors.yellow(line);
}

/** A side that is on turn and does not move. */
export function silenceLines({ by, reason }: Silence, look: Look): string[] {
  return paragraph(`The ${by} does not move: ${reason}`, look).map(look.colors.dim);
}

function roundCells(cells: readonly string[], steps: number): string {
  const [number = '', side = '', says = '', interval = '', time = '', state = '', where = ''] =
    cells;
  const width = Math.max(INTERVAL_MIN, 2 * formatCount(steps).length + '..'.length);
  return [
    number.padStart(ROUND_WIDTHS.number),
    side.padEnd(ROUND_WIDTHS.side),
    says.padEnd(ROUND_WIDTHS.says),
    interval.padEnd(width),
    time.padStart(ROUND_WIDTHS.clock),
    state.padEnd(ROUND_WIDTHS.state),
    where,
  ].join(' ');
}

function sayOf({ kind, agree }: RoundRecord): string {
  if (kind === 'Operators') return 'commits';
  if (kind === 'Operator') return 'denies';
  if (kind === 'Steps') return 'counts';
  if (kind === 'Step') return 'proves';
  return agree ? 'agrees' : 'denies';
}

/** The instruction that all of it comes down to. */
export function instructionLines(record: DisputeRecord, look: Look): string[] {
  const { instruction, challenge } = record;
  if (instruction === undefined || challenge === undefined) return [];
  const { values, states, operands } = instruction;
  const place = `${formatCount(instruction.step)} of ${formatCount(instruction.steps)}`;
  return [
    '',
    look.colors.bold('The disputed instruction'),
    ...fields(
      [
        ['token', `${instruction.token}`],
        ['operator', `${instruction.operator}, ${instruction.operatorName}`],
        [
          'step',
          `${place}, at ${formatCount(instruction.pc)} in ${shortName(instruction.function)}`,
        ],
        ['does', instruction.text],
        ...operands.map(({ name, value }): [string, string] => [name, value]),
      ],
      look,
    ),
    '',
    ...fields(
      [
        [`${challenge.defender.name} claims`, values.defender],
        [`${challenge.challenger.name} claims`, values.challenger],
        ['the arbiter computes', values.arbiter],
        [
          'state after it',
          `${challenge.defender.name} ${hash(states.defender)}, ` +
            `${challenge.challenger.name} ${hash(states.challenger)}, ` +
            `the arbiter ${hash(states.arbiter)}`,
        ],
      ],
      look,
    ),
  ];
}

/** Who won, who got what, and what it took. */
export function closingLines(record: DisputeRecord, look: Look): string[] {
  const { verdict, payments, refund, answer, workerLeft } = record;
  const { bold, green, red } = look.colors;
  const color = verdict.winner === 'challenger' ? red : green;
  const title =
    verdict.winner === 'unchallenged'
      ? 'nobody denied the claim, it is final'
      : `the ${verdict.winner} wins, the claim is ${verdict.claim}`;
  const rows = payments.map(({ party, winston }) => [
    `${INDENT}${party.name}`,
    formatChange(BigInt(winston)),
  ]);
  const ends = [
    ...(refund
      ? [`${refund.payer.name} gets back ${formatCount(BigInt(refund.winston))} winston.`]
      : []),
    workerLeft
      ? `${answer.worker.name} has left the herd.`
      : `${answer.worker.name} stays in the herd.`,
  ];
  return [
    '',
    bold(color(`Verdict: ${title}`)),
    ...paragraph(verdict.reason, look),
    ...alignColumns(rows).map((line) => truncate(line, look.columns)),
    ...ends.flatMap((line) => paragraph(line, look)),
    '',
    bold('What it took'),
    ...costLines(record, look),
  ];
}

function costLines({ sizes, elapsedMs, rounds, instruction }: DisputeRecord, look: Look): string[] {
  const proof = instruction ? `, one-step proof ${formatCount(sizes.proofBytes)} bytes` : '';
  return fields(
    [
      ['memory', formatBytes(sizes.memoryBytes)],
      ['claim', formatBytes(sizes.claimBytes)],
      [
        'moves',
        `${rounds.length}, ${formatBytes(sizes.moveBytes)} in all, ` +
          `largest ${formatBytes(sizes.largestMoveBytes)}${proof}`,
      ],
      ['answering', seconds(elapsedMs.answer)],
      ['checking', seconds(elapsedMs.check)],
      [
        'the game',
        `${seconds(elapsedMs.game)}: challenger ${seconds(elapsedMs.challenger)}, ` +
          `defender ${seconds(elapsedMs.defender)}, the rest is the arbiter's`,
      ],
    ],
    look,
  );
}

/** Rows of name and text; a long text goes on below itself. */
function fields(rows: readonly (readonly [string, string])[], { columns }: Look): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const room = columns - INDENT.length - width - 2;
  return rows.flatMap(([name, text]) =>
    wrapWords(text, room).map(
      (line, index) =>
        `${INDENT}${(index === 0 ? name : '').padEnd(width)}  ${truncate(line, room)}`,
    ),
  );
}

function paragraph(text: string, { columns }: Look): string[] {
  return wrapWords(text, columns - INDENT.length).map((line) => INDENT + line);
}

/** `+0.005 wAR`, `-0.01 wAR` or `0 wAR`. */
function formatChange(winston: bigint): string {
  return `${winston > 0n ? '+' : ''}${formatAmount(winston, 'wAR')}`;
}

/** First and last hex digits: `3fa9..c2d1`. */
export function hash(hex: string): string {
  return hex.length <= 8 ? hex : `${hex.slice(0, 4)}..${hex.slice(-2)}`;
}

/** `llama/engine/int8/dotRow` -> `dotRow`. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** `298000` -> `4:58`. */
function clock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(total / 60)}:${`${total % 60}`.padStart(2, '0')}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** What a model or a prompt could do to a terminal. */
const CONTROL = /\p{Cc}/gu;

/** On one line, shortened: a prompt may have pages. */
function excerpt(text: string): string {
  return truncate(text.replaceAll(CONTROL, ' ').trim().replaceAll(/\s+/g, ' '), EXCERPT_MAX);
}
