/**
 * Whatever faults there were, and in whatever order: nothing is lost that was not dropped, nothing is
 * given twice that was not duplicated, links keep their order, and every state follows from its log.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, type Outcome, play, prepare, program } from './program.js';

const RUNS = Number(process.env.CORRAL_FUZZ ?? 20);

describe.each(['auto', 'manual'] as const)('with a crank that is %s', (crank) => {
  test('any program of faults ends with every message where it belongs', async () => {
    const prepared = await prepare(crank);
    const check = async (commands: readonly Command[]) => {
      const outcome = await play(prepared, commands);
      expect(outcome.pending).toBe(0);
      expect(outcome.replays).toEqual(outcome.hashes);
      checkLinks(outcome, commands);
    };
    await fc.assert(fc.asyncProperty(program, check), {
      numRuns: RUNS,
      seed: 20,
    });
  }, 600_000);

  test('the same program ends the same, with and without forks on the way', async () => {
    const prepared = await prepare(crank);
    const check = async (commands: readonly Command[]) => {
      const [once, again] = [await play(prepared, commands), await play(prepared, commands)];
      expect(again).toEqual(once);
      const straight = await play(
        prepared,
        commands.filter((it) => it.do !== 'fork'),
      );
      expect(straight.hashes).toEqual(once.hashes);
      expect(straight.links).toEqual(once.links);
      expect(plain(straight)).toEqual(plain(once));
    };
    await fc.assert(fc.asyncProperty(program, check), {
      numRuns: Math.ceil(RUNS / 4),
      seed: 21,
    });
  }, 600_000);
});

function plain({ deliveries }: Outcome) {
  const texts = deliveries.map(({ id, undelivered, faults, nonce }) =>
    JSON.stringify({ id, undelivered, faults, nonce }),
  );
  return texts.sort();
}

function checkLinks({ links, deliveries }: Outcome, commands: readonly Command[]): void {
  const isOrdered = commands.every((it) => it.do !== 'reorder');
  for (const [name, { sent, got }] of links) {
    const own = deliveries.filter(({ from, target }) => `${from}>${target}` === name);
    const lost = own.filter(({ undelivered }) => undelivered === 'dropped').length;
    const copies = own.filter(({ faults }) => faults.some(({ text }) => text === 'second copy'));
    expect(got.length).toBe(sent + copies.length - lost);
    expect(new Set(got).size).toBeGreaterThanOrEqual(sent - lost);
    expect(new Set(got).size).toBeGreaterThanOrEqual(got.length - copies.length);
    expect(got.every((number) => number >= 1 && number <= sent)).toBe(true);
    if (isOrdered) expect(got).toEqual([...got].sort((a, b) => a - b));
  }
}
