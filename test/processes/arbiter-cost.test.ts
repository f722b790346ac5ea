/**
 * What the arbiter's messages cost, in Lua instructions, and what it keeps, in bytes. A message of the
 * network may take 200 million instructions: the largest that the arbiter takes needs seven eighths.
 */
import { expect, test } from 'vitest';
import { splitHashes } from '../../opml/hex.js';
import { Case, honest, JOB, leavesOf, lie, truth } from './case.js';
import { computing, openings } from './players.js';

const MILLION = 1_000_000;

/** Instructions of the dearest message of the arbiter with this tag. */
function cost(court: Case, name: string, value: string): number {
  const tag = `"name":"${name}","value":"${value}"`;
  const { deliveries } = court.network.recording('ARBITER');
  const found = deliveries.filter(({ message }) => message.includes(tag));
  expect(found.length, `${name} ${value}`).toBeGreaterThan(0);
  return Math.max(...found.map(({ instructions }) => instructions));
}

/** Bytes of Lua's memory in use. */
function memory(court: Case): number {
  const code = "collectgarbage() return ('%d'):format(collectgarbage('count') * 1024)";
  return Number(court.network.eval('ARBITER', code));
}

test('a dispute about a small program: below a million instructions a message', () => {
  const court = new Case({}, true);
  const { claim } = court.dispute(lie, 'ALICE');
  court.play(claim, lie, computing(lie), { ALICE: honest });
  for (const action of ['Claim', 'Answered', 'Challenge', 'Claim-Info', 'Game-Info']) {
    expect(cost(court, 'Action', action)).toBeLessThan(MILLION);
  }
  for (const kind of ['Operators', 'Operator', 'Steps', 'Bisect', 'Step']) {
    expect(cost(court, 'Kind', kind)).toBeLessThan(MILLION);
  }
  court.close();
});

test('the longest list of operators and the longest trace: below the limit of a message', () => {
  const court = new Case({}, true);
  const game = court.playTo('operators');
  const { leaves, workRoot } = lie.operators(court.view(game).before);
  const many = [...Array<string>(16384).fill(leaves[0] as string), leaves.at(-1)].join('');
  const data = JSON.stringify({ leaves: many, workRoot });
  court.send('WORKER', 'Move', { Game: game, Kind: 'Operators' }, data);
  expect(court.view(game).operators).toBe(16384);
  expect(cost(court, 'Kind', 'Operators')).toBeLessThan(175 * MILLION);

  const trace = splitHashes(leavesOf(truth));
  const long = [...Array<string>(4096).fill(trace[0] as string), trace.at(-1)].join('');
  court.claim(court.nextJob(), truth.claim(), { data: { leaves: long } });
  expect(cost(court, 'Action', 'Claim')).toBeLessThan(50 * MILLION);
  court.network.dispose();
});

test('open claims and games: below 4 KB each', () => {
  const court = new Case();
  const empty = memory(court);
  for (let claim = 1; claim <= 5; claim += 1) court.open(JOB, truth.claim());
  const claims = memory(court);
  expect((claims - empty) / 5).toBeLessThan(4096);
  const list = splitHashes(leavesOf(truth));
  for (let game = 1; game <= 9; game += 1) {
    const data = openings(list, 0, `${game}e`.repeat(32));
    court.send('BOB', 'Challenge', { Claim: 'HERDER:1', Leaf: '0' }, data);
  }
  expect(court.info().openGames).toBe(9);
  expect((memory(court) - claims) / 9).toBeLessThan(4096);
  court.close();
});

test('Info costs no more with 10,000 accounts', () => {
  const court = new Case({}, true);
  const ask = () => {
    court.info();
    return court.network.recording('ARBITER').deliveries.at(-1)?.instructions ?? 0;
  };
  const few = ask();
  court.network.eval(
    'ARBITER',
    `local Accounts = require('arbiter.accounts')
    for i = 1, 10000 do Accounts.credit('dust' .. i, '1') end`,
  );
  expect(ask()).toBeLessThan(few + 1000);
  expect(court.info().held).toBe(`${5 * 10_000 + 10_000}`);
  court.network.dispose();
});
