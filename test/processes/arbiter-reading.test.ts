/**
 * What the arbiter accepts, everybody can read: the kernel's JSON forgives what other readers refuse,
 * and a liar could hide its leaves from honest challengers behind a comma too many.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Case, JOB, lie, truth } from './case.js';
import { refusal } from './court.js';

const FORGIVEN = [
  ',',
  ',"x":[1,]',
  ',"x":0x10',
  ',"x":007',
  ',"x":1.',
  ',"x":.5',
  ',"x":1\f',
  ',"x":01.5',
];
const STRICT = [
  ',"x":[-1, 10,\n0,2.50,true ,null]',
  ',"x":{"a\\"b":",}","c":"\\\\"}',
  ',"x":"\\u00e9 0x10,]"',
];

let court: Case;

beforeEach(() => {
  court = new Case();
});

afterEach(() => court.close());

const withMore = (value: unknown, more: string) => JSON.stringify(value).replace(/}$/, `${more}}`);

function claimWith(more: string) {
  const { claimRoot, data } = truth.claim();
  const tags = { 'Job-Id': court.nextJob(), Herder: 'HERDER', 'Model-ID': 'TOY' };
  const all = { ...tags, 'State-Root': claimRoot };
  return refusal(court.send('WORKER', 'Claim', all, withMore(data, more)));
}

test.each(FORGIVEN)('a claim that other readers refuse is refused: %j', (more) => {
  expect(() => JSON.parse(withMore({ a: 1 }, more))).toThrow(SyntaxError);
  expect(claimWith(more)).toMatch(/Data must be JSON/);
});

test.each(STRICT)('a claim that all readers take is taken: %j', (more) => {
  expect(claimWith(more)).toBeUndefined();
});

test('operator leaves that other readers refuse are refused', () => {
  const game = court.playTo('operators');
  const { before } = court.view(game);
  const { leaves, workRoot } = lie.operators(before);
  const data = withMore({ leaves: leaves.join(''), workRoot }, ',');
  expect(court.refused('WORKER', { Game: game, Kind: 'Operators' }, data)).toMatch(/must be JSON/);
});

test('text is no syntax', () => {
  const asked = { ...JOB, prompt: '{"a":0x1,}' };
  expect(refusal(court.answered(court.nextJob(), asked, truth.claim()))).toBeUndefined();
});
