/**
 * Sybil challengers: many wallets of one attacker that challenge one claim at once, so that its worker
 * has to answer all of their games within its clocks. The more they are, the more each costs.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { splitHashes } from '../../opml/hex.js';
import { Case, honest, JOB, leavesOf, lie, truth } from './case.js';
import { BOND, BURN, refusal, START } from './court.js';
import { OWNER, type Post } from './harness.js';
import { doingNothing, openings } from './players.js';

const NAMES = ['BOB', 'CAROL', 'EVE', 'ALICE'];
const nobody = Object.fromEntries(NAMES.map((name) => [name, doingNothing]));

let court: Case;

beforeEach(() => {
  court = new Case();
});

afterEach(() => court.close());

/** A challenge that denies any leaf of a claim, with a number as its own. */
function nag(name: string, claim: string, n: number, leaves = leavesOf(truth)): Post[] {
  const own = n.toString(16).padStart(64, '0');
  const data = openings(splitHashes(leaves), n % 3, own);
  return court.send(name, 'Challenge', { Claim: claim, Leaf: `${n % 3}` }, data);
}

const locked = (name: string): bigint => BigInt(court.account(name).locked);

test('Sybil challengers: each pays, the later the more, and none delays', () => {
  for (const name of NAMES) court.deposit(name, 90n * BOND);
  const claim = court.open(JOB, truth.claim());
  const openedAt = court.network.nowMs;
  const costs = Array.from({ length: 30 }, (_, n) => {
    const name = NAMES[n % NAMES.length] as string;
    const { challengeBond } = court.claimView(claim);
    const before = locked(name);
    nag(name, claim, n);
    expect(challengeBond).toBe(`${locked(name) - before}`);
    return locked(name) - before;
  });
  const count = (bonds: bigint) => costs.filter((cost) => cost === bonds * BOND).length;
  expect([1n, 2n, 4n, 8n].map(count)).toEqual([8, 8, 8, 6]);
  const games = court.claimView(claim).games as string[];
  expect(games.map((game) => BigInt(court.gameView(game).bond as string))).toEqual(costs);
  court.checkBooks();

  court.play(claim, truth, honest, nobody);
  court.advance(100_000);
  expect(court.claimView(claim)).toMatchObject({ status: 'final', challengeBond: `${BOND}` });
  expect(court.network.nowMs - openedAt).toBeLessThan(100_000 + 2 * 50_000 + 10_000);
  const lost = (8n * 1n + 8n * 2n + 8n * 4n + 6n * 8n) * BOND;
  expect(court.total('WORKER')).toBe(START + lost / 2n);
  expect(court.balance(BURN)).toBe(lost / 2n);
  const left = NAMES.reduce((sum, name) => sum + court.total(name), 0n);
  expect(left).toBe(BigInt(NAMES.length) * START - lost);
});

test('each gets back what it paid when the claim is refuted', () => {
  const { claim } = court.dispute(lie, 'ALICE');
  for (let n = 0; n < 11; n += 1) nag(n < 6 ? 'BOB' : 'EVE', claim, 3 * n, leavesOf(lie));
  expect([locked('BOB'), locked('EVE')]).toEqual([6n * BOND, 1n * BOND + 4n * 2n * BOND]);
  court.play(claim, lie, doingNothing, { ...nobody, ALICE: honest });
  expect(court.status(claim)).toBe('refuted');
  expect(['ALICE', 'BOB', 'EVE'].map((name) => court.total(name))).toEqual([
    START + BOND / 2n,
    START,
    START,
  ]);
});

test('the ninth cannot challenge for the bond of the first', () => {
  court.send('ALICE', 'Withdraw', { Quantity: `${9n * BOND}` });
  const claim = court.open(JOB, truth.claim());
  for (let n = 0; n < 8; n += 1) nag('BOB', claim, n);
  expect(refusal(nag('ALICE', claim, 8))).toMatch(/now 2000 winston: there are 8 open games/);
  expect(locked('ALICE')).toBe(0n);
});

test('however many they are and whatever the bond, its hundredfold fits a bint', () => {
  const most = 10n ** 60n - 1n;
  court.send(OWNER, 'Set-Terms', { 'Challenge-Bond': `${most}` });
  const claim = court.open(JOB, truth.claim());
  court.network.eval('ARBITER', `Arbiter.claims['${claim}'].openGames = 1000000`);
  expect(court.claimView(claim).challengeBond).toBe(`${most * 2n ** 48n}`);
  const code = `local bint = require('.bint')(256)
    return tostring(bint('${most * 2n ** 48n}') * 100 // 100)`;
  expect(court.network.eval('ARBITER', code)).toBe(`${most * 2n ** 48n}`);
});
