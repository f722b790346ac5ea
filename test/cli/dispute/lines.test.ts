import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import {
  challengeLines,
  closingLines,
  gameHeading,
  instructionLines,
  openingLines,
  roundHeading,
  roundLine,
} from '../../../cli/dispute/lines.js';
import type { DisputeRecord } from '../../../index.js';
import { makeRecord } from './record.js';

function tellAll(record: DisputeRecord, columns: number): string[] {
  const look = { colors: pc.createColors(false), columns };
  const { challenge, rounds, instruction } = record;
  const steps = instruction?.steps ?? 0;
  return [
    ...openingLines(record, look),
    ...(challenge ? challengeLines(challenge, look) : []),
    ...gameHeading(look),
    roundHeading(steps, look),
    ...rounds.map((round) => roundLine(round, steps, look)),
    ...instructionLines(record, look),
    ...closingLines(record, look),
  ];
}

const widthOf = (lines: readonly string[]) => Math.max(...lines.map((line) => [...line].length));

describe('a dispute in lines', () => {
  test.each([80, 100])('fits %d columns, whatever is in it', (columns) => {
    for (const steps of [1, 2, 1_204_331, 2 ** 39]) {
      const long = { function: 'x'.repeat(200), prompt: `${'word '.repeat(80)}${'y'.repeat(300)}` };
      expect(widthOf(tellAll(makeRecord({ steps, ...long }), columns))).toBeLessThanOrEqual(
        columns,
      );
    }
  });

  test('shows each move with its interval, clock, state and instruction', () => {
    const lines = tellAll(makeRecord({ steps: 1_204_331 }), 100);
    const at = lines.findIndex((line) => /^ *# side/.test(line));
    const rounds = lines.slice(at + 1, at + 24);
    expect(rounds[0]).toMatch(/^ 1 defender {3}commits 0\.\.64 +4:58$/);
    expect(rounds[2]).toMatch(
      /^ 3 defender {3}counts {2}0\.\.1,204,331 +4:56 [0-9a-f]{4}\.\.[0-9a-f]{2}/,
    );
    expect(rounds[3]).toMatch(
      /^ 4 challenger denies {2}0\.\.602,165 .* i32x4\.dot_i16x8_s in dot$/,
    );
    expect(rounds[22]).toMatch(/^23 defender {3}proves /);
    expect(lines.join('\n')).not.toMatch(/[0-9a-f]{32}/);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
  });

  test('says what it comes down to, who got what, and that the worker left', () => {
    const text = tellAll(makeRecord({ steps: 5_000 }), 80).join('\n');
    for (const part of [
      /does +slot 7 = f32x4\.mul\(slot 4, slot 9\)/,
      /llama-1 claims +0\.625 {2}-0\.25 {2}1\.5 {2}0\.003906251$/m,
      /the arbiter computes +0\.625 {2}-0\.25 {2}1\.5 {2}0\.00390625$/m,
      /Verdict: the challenger wins, the claim is refuted/,
      /challenger +\+0\.005 wAR/,
      /llama-1 +-0\.01 wAR/,
      /burnt +\+0\.005 wAR/,
      /user gets back 27 winston\./,
      /llama-1 has left the herd\./,
      /one-step proof 2,936 bytes/,
    ]) {
      expect(text).toMatch(part);
    }
  });

  test('of a claim that nobody denied, has no game', () => {
    const { challenge: _, instruction: __, refund: ___, ...rest } = makeRecord({ steps: 9 });
    const record: DisputeRecord = {
      ...rest,
      rounds: [],
      payments: [],
      workerLeft: false,
      verdict: { winner: 'unchallenged', reason: 'Nobody denied it.', claim: 'final' },
    };
    const text = tellAll(record, 80).join('\n');
    expect(text).toContain('Verdict: nobody denied the claim, it is final');
    expect(text).toContain('llama-1 stays in the herd.');
    expect(text).not.toContain('disputed instruction');
  });
});
