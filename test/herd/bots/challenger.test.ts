/** What a challenger takes upon itself first, and for how much, while others crowd around a claim. */
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { jobOf, REST_MS } from '../../../herd/bots/bot.js';
import { createNetworkPort } from '../../../herd/bots/port.js';
import { createThinker, type Thinker } from '../../../herd/bots/thinker.js';
import { BOND, CLOCK_MS, type Court, honest, lying, openCourt, WINDOW_MS } from './court.js';

let court: Court;
beforeEach(async () => {
  court = await openCourt();
});
afterEach(() => court.network.close());

const statusOf = async (claim: string) => (await court.arbiter.claim(claim)).status;
const toldBy = (type: string) => court.told.filter((event) => event.type === type);
const think = () => createThinker(async () => new Uint8Array(), honest);

test('games go on while a claim is checked for as long as that takes', async () => {
  const wrong = await court.open('short', lying);
  const gate = new EventEmitter();
  const checker: Thinker = {
    ...think(),
    async decide(dispute, role, job) {
      if (job.input.prompt === 'long') await once(gate, 'open');
      return think().decide(dispute, role, job);
    },
  };
  const { duties } = court.challenger({ checker });
  const [play, check] = duties as [() => Promise<boolean>, () => Promise<boolean>];
  await check();
  const right = await court.open('long', honest);
  const checking = check();
  await court.play([{ act: play }, court.defender(lying)]);
  expect(await statusOf(wrong)).toBe('refuted');
  expect(toldBy('checked')).toHaveLength(1);
  gate.emit('open');
  await checking;
  expect(toldBy('checked')).toMatchObject([{ claim: wrong }, { claim: right, denied: false }]);
});

test('claims of its own herder are checked first, then the others, oldest first', async () => {
  const openNext = async (prompt: string, herder?: string) => {
    await court.network.clock.advance(1_000);
    return court.open(prompt, honest, herder);
  };
  const others = [await openNext('one', 'x'), await openNext('two', 'y')];
  const own = [await openNext('three'), await openNext('four')];
  const herder = court.network.wallet('herder').address;
  await court.play([court.challenger({ herder })]);
  expect(toldBy('checked').map((event) => 'claim' in event && event.claim)).toEqual([
    ...own,
    ...others,
  ]);
});

test('pays in what it lacks for a bond that many games have raised', async () => {
  const claim = await court.open('one', lying);
  await crowd(claim, 8);
  await court.challenger().act();
  expect(toldBy('deposited')).toMatchObject([{ winston: 2n * BOND }]);
  const { games } = await court.arbiter.claim(claim);
  expect(await court.arbiter.game(games.at(-1) ?? '')).toMatchObject({
    challenger: court.network.wallet('alice').address,
    bond: `${2n * BOND}`,
  });
});

test('a bond beyond its limit waits until it is less, and nothing is checked twice', async () => {
  const claim = await court.open('one', lying);
  await crowd(claim, 8);
  const [challenger, defender] = [court.challenger({ maxBond: BOND }), court.defender(lying)];
  await court.play([challenger, defender]);
  expect(toldBy('failed')).toMatchObject([
    { error: new Error('the bond is 2000 winston by now, and 1000 is the limit (maxBond)') },
  ]);
  expect(toldBy('deposited')).toEqual([]);
  await court.network.clock.advance(CLOCK_MS + REST_MS);
  await court.play([defender]); // the crowd is out of time
  await court.play([challenger, defender]);
  expect(await statusOf(claim)).toBe('refuted');
  expect(toldBy('deposited')).toMatchObject([{ winston: BOND }]);
  expect(toldBy('checked')).toHaveLength(1);
});

test('a claim whose window is over, but for a game of somebody else, is not checked', async () => {
  const claim = await court.open('one', lying);
  await court.network.clock.advance(WINDOW_MS - 1_000);
  await crowd(claim, 1);
  await court.network.clock.advance(2_000);
  expect(await court.arbiter.openClaims()).toEqual([claim]);
  await court.play([court.challenger()]);
  expect(court.told).toEqual([]);
});

test('a challenge whose reply was lost is not sent again', async () => {
  const claim = await court.open('one', lying);
  let lost = false;
  const challenger = court.challenger({
    wrap: (port) => ({
      ...port,
      async send(process, tags, data) {
        const replies = await port.send(process, tags, data);
        if (lost || tags.Action !== 'Challenge') return replies;
        lost = true;
        throw new Error('connection reset');
      },
    }),
  });
  await court.play([challenger]);
  await court.network.clock.advance(REST_MS);
  await court.play([challenger, court.defender(lying)]);
  expect((await court.arbiter.claim(claim)).games).toHaveLength(1);
  expect(await statusOf(claim)).toBe('refuted');
});

/** Bob opens so many games about a false claim, all with leaves that he has made up. */
async function crowd(id: string, count: number): Promise<void> {
  const { arbiter, network, war } = court;
  const bob = createNetworkPort(network, network.wallet('bob'));
  await bob.send(war, { Action: 'Transfer', Recipient: arbiter.id, Quantity: `${99n * BOND}` });
  const claim = await arbiter.claim(id);
  const dispute = await arbiter.dispute(claim);
  const { move } = await think().decide(dispute, 'challenger', jobOf(claim));
  for (let index = 0; index < count; index++) {
    const own = `${index}`.padStart(64, '0');
    const data = JSON.stringify({ ...JSON.parse(move?.data ?? ''), own });
    await bob.send(arbiter.id, move?.tags ?? {}, data);
  }
}
