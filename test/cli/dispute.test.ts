/** `corral dispute` as a program: every fault, what it prints, its JSON and its picture. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DisputeRecord } from '../../index.js';
import { readXml } from './dispute/xml.js';
import { runCorral, startCorralProgram, stopProgram } from './program.js';

const BOND = 10_000_000_000n;
const TOKENS = 4;
const HASH = /^[0-9a-f]{64}$/;

const folder = mkdtempSync(join(tmpdir(), 'corral-dispute-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function dispute(...args: string[]): Promise<DisputeRecord> {
  const all = ['dispute', '--json', '--tokens', `${TOKENS}`, ...args];
  const { code, stdout, stderr } = await runCorral(all);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as DisputeRecord;
}

/** What each party gained or lost, in halves of a bond. */
function halfBonds({ payments }: DisputeRecord): Record<string, bigint> {
  return Object.fromEntries(
    payments.map(({ party, winston }) => [party.name, BigInt(winston) / (BOND / 2n)]),
  );
}

describe('a lying worker is found out, whatever its fault', () => {
  test.each(['token', 'operator', 'instruction', 'input', 'weights', 'parameters', 'truncation'])(
    '%s',
    async (fault) => {
      const record = await dispute('--fault', fault);
      expect(record.verdict).toMatchObject({ winner: 'challenger', claim: 'refuted' });
      expect(record.silences).toEqual([]);
      expect(halfBonds(record)).toEqual({ challenger: 1n, 'llama-1': -2n, burnt: 1n });
      expect(record.refund?.winston).toBe(record.question.paid);
      expect(record.workerLeft).toBe(true);
      const { instruction, rounds, sizes } = record;
      expect(instruction?.states.challenger).toBe(instruction?.states.arbiter);
      expect(instruction?.states.defender).not.toBe(instruction?.states.arbiter);
      expect(instruction?.values.defender).not.toBe(instruction?.values.challenger);
      expect(sizes.proofBytes).toBeGreaterThan(0);
      expect(sizes.proofBytes).toBeLessThanOrEqual(4_096);
      expect(rounds.length).toBeLessThanOrEqual(Math.log2(instruction?.steps ?? 1) + 4);
    },
  );
});

test('a false challenge is turned down, and the challenger pays', async () => {
  const record = await dispute('--fault', 'none');
  expect(record.verdict).toMatchObject({ winner: 'defender', claim: 'final' });
  expect(halfBonds(record)).toEqual({ challenger: -2n, 'llama-1': 1n, burnt: 1n });
  expect(record.refund).toBeUndefined();
  expect(record.workerLeft).toBe(false);
});

/** Of the first lane in which both differ: a sign, or else the lowest bit of an exponent but one. */
function flippedBit(values: { challenger: string; defender: string } | undefined): number {
  const [right = [], wrong = []] = [values?.challenger, values?.defender].map((text) =>
    text?.split('  ').map(Number),
  );
  const lane = right.findIndex((value, index) => value !== wrong[index]);
  return 32 * lane + (right[lane] === -(wrong[lane] ?? 0) ? 31 : 24);
}

test('the fault is where it was planted', async () => {
  const found = await dispute('--fault', 'instruction', '--token', '2');
  expect(found.fault).toMatchObject({ token: 2 });
  expect(found.challenge?.leaf).toBe(2);
  const { operator = 0, step = 0, values } = found.instruction ?? {};
  const place = { token: 2, operator, step, bit: flippedBit(values) };
  const args = Object.entries(place).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const planted = await dispute('--fault', 'instruction', ...args);
  expect(planted.fault).toMatchObject(place);
  expect(planted.instruction).toEqual(found.instruction);
});

test('a place that is not there is told', async () => {
  const { code, stdout, stderr } = await runCorral(['dispute', '--tokens', '3', '--token', '99']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('There is no token 99');
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('the document has every move, halving the interval to one step', async () => {
  const record = await dispute(
    '--fault',
    'instruction',
    '--seed',
    '5',
    '--prompt',
    'What is rain?',
  );
  expect(record).toMatchObject({
    version: 1,
    seed: 5,
    question: { prompt: 'What is rain?', tokens: TOKENS, payer: { name: 'user' } },
    answer: { worker: { name: 'llama-1' }, text: expect.any(String) },
    claim: { claimRoot: expect.stringMatching(HASH), traceRoot: expect.stringMatching(HASH) },
    challenge: { own: expect.stringMatching(HASH), claimed: expect.stringMatching(HASH) },
    elapsedMs: { game: expect.any(Number) },
  });
  const { rounds } = record;
  const kinds = rounds.map(({ kind }) => kind);
  expect(kinds.slice(0, 3)).toEqual(['Operators', 'Operator', 'Steps']);
  expect(new Set(kinds.slice(3, -1))).toEqual(new Set(['Bisect']));
  expect(kinds.at(-1)).toBe('Step');
  for (const [index, { number, by, before, after, agree, clocks, place }] of rounds.entries()) {
    expect({ number, by }).toEqual({
      number: index + 1,
      by: index % 2 === 0 ? 'defender' : 'challenger',
    });
    expect(Math.min(clocks.challenger, clocks.defender)).toBeGreaterThan(0);
    if (index < 3) continue;
    expect(before).toEqual(rounds[index - 1]?.after);
    const middle = Math.floor((before.lo + before.hi) / 2);
    expect(after).toEqual(agree ? { ...before, lo: middle } : { ...before, hi: middle });
    expect(place?.opcode).toMatch(/^[a-z]/i);
  }
  expect(rounds.at(-1)?.after).toEqual({
    lo: record.instruction?.step,
    hi: (record.instruction?.step ?? 0) + 1,
  });
});

test('the same seed and fault give the same dispute, times left out', async () => {
  const untimed = async () => ({ ...(await dispute('--seed', '3')), elapsedMs: undefined });
  expect(await untimed()).toEqual(await untimed());
});

test('told for people: sections, one line a move, 80 columns, no escape codes', async () => {
  const svg = join(folder, 'dispute.svg');
  const outcome = await runCorral(['dispute', '--tokens', `${TOKENS}`, '--svg', svg]);
  const { code, stdout, stderr } = outcome;
  expect(code).toBe(0);
  expect(stderr).toContain(svg);
  expect(stdout).not.toContain('\x1b');
  expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  for (const part of [
    /^The answer and its claim$/m,
    /^ {2}challenger {2}challenger, bond 0\.01 wAR$/m,
    /^ 1 defender {3}commits 0\.\.\d+ +4:5\d/m,
    /^ \d challenger (agrees|denies) +[\d,]+\.\.[\d,]+ +4:\d\d [0-9a-f]{4}\.\.[0-9a-f]{2} \S+ in \S+/m,
    /^The disputed instruction$/m,
    /^ {2}the arbiter computes +\S/m,
    /^Verdict: the challenger wins, the claim is refuted$/m,
    /^ {2}user gets back \d+ winston\.$/m,
    /^ {2}llama-1 has left the herd\.$/m,
  ]) {
    expect(stdout).toMatch(part);
  }
  const elements = readXml(readFileSync(svg, 'utf8'));
  expect(elements.filter(({ name }) => name === 'rect').length).toBeGreaterThan(20);
});

test('Ctrl-C in mid game ends it, with 130', async () => {
  const program = startCorralProgram(['dispute']);
  await program.said('stdout', /^ 1 defender/m);
  const { code, stdout, stderr } = await stopProgram(program);
  expect(code).toBe(130);
  expect(stdout).not.toContain('Verdict');
  expect(stderr).not.toMatch(/^\s+at /m);
});

describe('mistakes', () => {
  test('an unknown kind of fault', async () => {
    const { code, stdout, stderr } = await runCorral(['dispute', '--fault', 'tokn']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--fault cannot be "tokn"');
    expect(stderr).toContain('Did you mean token?');
  });

  test('a place that this kind of fault does not have', async () => {
    const { code, stderr } = await runCorral(['dispute', '--fault', 'weights', '--step', '7']);
    expect(code).toBe(2);
    expect(stderr).toContain('"weights" has no --step');
  });

  test('a picture that cannot be written, before anything is computed', async () => {
    const svg = join(folder, 'none', 'dispute.svg');
    const { code, stdout, stderr } = await runCorral(['dispute', '--svg', svg]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('FILE_NOT_WRITABLE');
    expect(existsSync(svg)).toBe(false);
  });

  test.each(['dispute', 'challenger', 'defender'])('help of %s has 80 columns', async (command) => {
    const { stdout } = await runCorral([command, '--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: corral ${command} `));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
