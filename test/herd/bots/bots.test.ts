import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REST_MS } from '../../../herd/bots/bot.js';
import type { BotPort } from '../../../herd/bots/port.js';
import {
  BOND,
  CLOCK_MS,
  type Court,
  helpless,
  honest,
  lying,
  openCourt,
  WINDOW_MS,
} from './court.js';

let court: Court;
beforeEach(async () => {
  court = await openCourt();
});
afterEach(() => court.network.close());

const statusOf = async (claim: string) => (await court.arbiter.claim(claim)).status;
const gameOf = async (claim: string) => {
  const [game = ''] = (await court.arbiter.claim(claim)).games;
  return court.arbiter.game(game);
};
const depositOf = async (name: string) => {
  const { free, locked } = await court.arbiter.account(court.network.wallet(name).address);
  return { free: BigInt(free), locked: BigInt(locked) };
};
const toldBy = (type: string) => court.told.filter((event) => event.type === type);

test('a true claim is checked once and left alone', async () => {
  const claim = await court.open('What is right?', honest);
  const bots = [court.challenger(), court.defender()];
  await court.play(bots);
  await court.play(bots);
  expect(court.told).toEqual([
    { role: 'challenger', type: 'checked', claim, denied: false, reason: expect.any(String) },
  ]);
  await court.network.clock.advance(WINDOW_MS + 1);
  expect((await court.arbiter.claim(claim)).games).toEqual([]);
});

test('a false claim is denied, with wAR paid in for the bond, and refuted', async () => {
  const claim = await court.open('What is wrong?', lying);
  await court.play([court.challenger(), court.defender(lying)]);
  expect(await statusOf(claim)).toBe('refuted');
  const { verdict, moves } = await gameOf(claim);
  expect(verdict).toMatchObject({ side: 'challenger' });
  const sent = court.told.filter((event) => event.type === 'sent');
  expect(sent.map(({ kind }) => kind).slice(0, 4)).toEqual([
    'Challenge',
    'Operators',
    'Operator',
    'Steps',
  ]);
  expect(sent).toHaveLength(moves + 1);
  expect(toldBy('deposited')).toMatchObject([{ winston: BOND }]);
  expect(await depositOf('alice')).toEqual({ free: BOND + BOND / 2n, locked: 0n });
  expect(await depositOf('worker')).toEqual({ free: 19n * BOND, locked: 0n });
  expect(toldBy('over')).toHaveLength(2);
  expect(toldBy('over')).toContainEqual(
    expect.objectContaining({ role: 'challenger', won: true, reason: verdict?.reason }),
  );
});

test('a true claim that is denied is defended, and the challenger pays', async () => {
  const claim = await court.open('Who is right?', honest);
  await court.play([court.challenger({ tracer: lying }), court.defender()]);
  expect((await gameOf(claim)).verdict).toMatchObject({ side: 'defender' });
  expect(await statusOf(claim)).toBe('open');
  expect(await depositOf('alice')).toEqual({ free: 0n, locked: 0n });
  expect(await depositOf('worker')).toMatchObject({ free: 19n * BOND + BOND / 2n });
});

test('a bot that ends after every single act is replaced by a new one: the same moves', async () => {
  const play = async (claim: string, renew: boolean) => {
    const make = () => [court.challenger(), court.defender(lying)] as const;
    let bots = make();
    const lasting = [{ act: () => bots[0].act() }, { act: () => bots[1].act() }];
    await court.play(lasting, () => {
      if (renew) bots = make();
    });
    const { moves, verdict, steps, lo } = await gameOf(claim);
    return { moves, steps, lo, reason: verdict?.reason, side: verdict?.side };
  };
  const lasting = await play(await court.open('Same?', lying), false);
  const renewed = await play(await court.open('Same?', lying), true);
  expect(renewed).toEqual(lasting);
  expect(lasting.side).toBe('challenger');
});

test('several games at once, of several challengers', async () => {
  const wrong = [await court.open('one', lying), await court.open('two', lying)];
  const right = await court.open('three', honest);
  await court.play([
    court.challenger(),
    court.challenger({ name: 'bob', tracer: lying }),
    court.defender(lying),
  ]);
  expect(await Promise.all(wrong.map(statusOf))).toEqual(['refuted', 'refuted']);
  // Bob denies the true claim, and the lying defender does not stand up for it.
  expect((await court.arbiter.claim(right)).games).toHaveLength(1);
  expect(toldBy('waits')).toMatchObject([{ role: 'defender' }]);
});

describe('a bot that fails', () => {
  test('at one claim says so, tries again, and checks the others meanwhile', async () => {
    const broken = await court.open('one', honest);
    const claim = await court.open('two', lying);
    let attempts = 0;
    const challenger = court.challenger({
      tracer: (model, input) => {
        if (input.prompt === 'one' && ++attempts < 2) throw new Error('out of memory');
        return honest(model, input);
      },
    });
    await court.play([challenger, court.defender(lying)]);
    expect(await statusOf(claim)).toBe('refuted');
    expect(toldBy('failed')[0]).toMatchObject({
      about: `claim ${broken}`,
      error: new Error('out of memory'),
    });
    expect(toldBy('checked')).not.toContainEqual(expect.objectContaining({ claim: broken }));
    await court.network.clock.advance(REST_MS);
    await court.play([challenger]);
    expect(toldBy('checked')).toContainEqual(expect.objectContaining({ claim: broken }));
  });

  test('to prove what it claimed says so once, and loses by its clock', async () => {
    const claim = await court.open('one', helpless);
    const bots = [court.challenger(), court.defender(helpless)];
    await court.play(bots);
    await court.play(bots);
    expect(toldBy('failed')).toMatchObject([
      { role: 'defender', error: { message: expect.stringContaining('a leaf of weights') } },
    ]);
    await court.network.clock.advance(CLOCK_MS + 1_000);
    await court.play(bots);
    expect(await statusOf(claim)).toBe('refuted');
  });

  test('at a claim whose model is not to be had gives up on it', async () => {
    await court.open('one', honest);
    const challenger = court.challenger({
      readModel: async (id) => {
        throw new Error(`no data ${id}`);
      },
    });
    for (let looks = 0; looks < 5; looks++) {
      await court.play([challenger]);
      await court.network.clock.advance(REST_MS);
    }
    expect(toldBy('failed')).toHaveLength(3);
  });

  test('without wAR for the bond says that', async () => {
    await court.open('one', lying);
    await court.challenger({ name: 'pauper' }).act();
    expect(toldBy('failed')).toMatchObject([
      { error: { message: expect.stringContaining('Insufficient Balance') } },
    ]);
  });
});

test('a move that was refused is tried again after some time', async () => {
  const claim = await court.open('one', lying);
  const challenger = court.challenger({ wrap: failFirstMove });
  const bots = [challenger, court.defender(lying)];
  await court.play(bots);
  await court.play(bots);
  expect(toldBy('failed')).toMatchObject([
    { error: new Error('Operator was refused: The game waits for move 2') },
  ]);
  expect((await gameOf(claim)).moves).toBe(1);
  await court.network.clock.advance(REST_MS);
  await court.play(bots);
  expect((await gameOf(claim)).verdict).toMatchObject({ side: 'challenger' });
});

test('who does not move is timed out', async () => {
  const claim = await court.open('one', lying);
  const challenger = court.challenger();
  await court.play([challenger]);
  await court.network.clock.advance(CLOCK_MS + 1_000);
  await court.play([challenger]);
  expect(toldBy('sent').at(-1)).toMatchObject({ kind: 'Timeout' });
  expect(await statusOf(claim)).toBe('refuted');
});

test('a defender does not defend what it finds false itself, and says so once', async () => {
  await court.open('one', lying);
  await court.play([court.challenger(), court.defender()]);
  await court.play([court.defender()]);
  expect(toldBy('waits').map(({ role }) => role)).toEqual(['defender', 'defender']);
});

test('a share of the claims is drawn by a secret', async () => {
  for (let index = 0; index < 12; index++) await court.open(`claim ${index}`, honest);
  const checked = async (secret: string) => {
    const start = court.told.length;
    await court.play([court.challenger({ share: 0.5, secret })]);
    return court.told.slice(start).map((event) => ('claim' in event ? event.claim : ''));
  };
  const drawn = [await checked('a'), await checked('a'), await checked('b')];
  expect(drawn[1]).toEqual(drawn[0]);
  expect(drawn[2]).not.toEqual(drawn[0]);
  for (const claims of drawn) {
    expect(claims.length).toBeGreaterThan(0);
    expect(claims.length).toBeLessThan(12);
  }
});

/** Spoils the first move that is sent, so that the arbiter refuses it. */
function failFirstMove(port: BotPort): BotPort {
  let spoilt = false;
  return {
    ...port,
    send(process, tags, data) {
      if (spoilt || tags.Action !== 'Move') return port.send(process, tags, data);
      spoilt = true;
      return port.send(process, { ...tags, Number: '99' }, data);
    },
  };
}
