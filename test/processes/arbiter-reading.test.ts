/**
 * What the arbiter accepts, everybody can read: the kernel's JSON forgives what other readers refuse,
 * and a liar could hide its leaves from honest challengers behind a comma too many.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inputRoot } from '../../opml/claim.js';
import { inputOfClaim } from '../../opml/game.js';
import { toHex } from '../../opml/hex.js';
import { createTracer } from '../../opml/tracer.js';
import { Case, JOB, lie, truth } from './case.js';
import { refusal, toyConstants, toyProgram } from './court.js';

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

/** Nearly in the middle of two floats of 32 bits: it takes more than 14 digits to tell which is nearer. */
const BETWEEN = Math.fround(0.3) + 2 ** -26 + 2 ** -54;

test.each(['0.7', '-0.0', '0x1p-3', BETWEEN.toPrecision(17)])(
  'a temperature of %s is shown as it was committed to',
  (text) => {
    const temperature = text === '0x1p-3' ? 0.125 : Number(text);
    const asked = { ...JOB, stops: [], temperature };
    const claim = createTracer(toyProgram(), asked, toyConstants).claim();
    const job = court.nextJob();
    court.claim(job, claim);
    court.answered(job, JOB, claim, { tags: { Temperature: text } });
    const view = court.claimView(`HERDER:${job}`) as unknown as Parameters<typeof inputOfClaim>[0];
    expect(view.inputRoot).toBe(claim.inputRoot);
    expect(toHex(inputRoot(inputOfClaim(view)))).toBe(claim.inputRoot);
  },
);
