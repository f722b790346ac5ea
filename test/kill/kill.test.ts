/**
 * Killed at any moment, nothing that was acknowledged is lost, and nothing happens twice. 200 kills in
 * two lanes; CORRAL_KILLS sets another number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyNetwork } from '../../herd/verify.js';
import { type Acknowledged, runLane } from './lane.js';
import { openWorld, SUPPLY } from './world.mjs';

const KILLS = Number(process.env.CORRAL_KILLS ?? 200);
const LANES = 2;
const STEPS = 1_200;
const MINUTES = 60_000;
const TEN_SECONDS = 10_000;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-kill-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type World = Awaited<ReturnType<typeof openWorld>>;

test(
  `a network is killed ${KILLS} times under load, and nothing is lost or done twice`,
  async () => {
    const lanes = Array.from({ length: LANES }, (_, lane) => killLane(`lane ${lane}`));
    for (const { folder, acknowledged, kills } of await Promise.all(lanes)) {
      const world = await openWorld(folder, kills + 1);
      await world.network.resumed;
      world.pass(TEN_SECONDS);
      await world.network.clock.tick();
      expect(acknowledged.length).toBeGreaterThan(kills);
      for (const it of acknowledged) await checkOne(world, it);
      checkBalls(world, acknowledged);
      checkLitters(world, acknowledged);
      await checkSeen(world, acknowledged);
      await checkMoney(world);
      await world.close();
      const { whole, findings, processes } = await verifyNetwork({ db: folder, devices: [] });
      const differing = processes.filter(({ differences }) => differences.length > 0);
      expect({ findings, differing }).toEqual({ findings: [], differing: [] });
      expect(whole).toBe(true);
    }
  },
  20 * MINUTES,
);

async function killLane(seed: string) {
  const folder = join(scratch, seed);
  const kills = Math.ceil(KILLS / LANES);
  const acknowledged = await runLane({
    child: 'network-child.mjs',
    folder,
    seed,
    kills,
    steps: STEPS,
  });
  return { folder, acknowledged, kills };
}

/** It is stored, assigned and has one result. */
async function checkOne({ network, gateway }: World, { id, process, kind }: Acknowledged) {
  expect(gateway.locate(id)?.entry.id, kind).toBe(id);
  if (process === undefined || kind === 'letter') return;
  const { log, compute } = network.units;
  const message = kind === 'spawn' ? process : id;
  expect(log.find(process, message), kind).toBeDefined();
  const { error } = await network.result(process, message);
  expect(error).toBeUndefined();
  const evaluations = compute.evaluations(process);
  let count = 0;
  for (let index = 0; index < evaluations.length; index++) {
    if (evaluations.at(index)?.message === message) count++;
  }
  expect(count, `${kind} ${id}`).toBe(1);
}

/** A ball that may be handed on n times is seen n + 1 times. */
function checkBalls({ gateway }: World, acknowledged: readonly Acknowledged[]) {
  for (const { start, left = 0 } of acknowledged.filter(({ kind }) => kind === 'ball')) {
    const tags = [
      { name: 'Action', values: ['Ball'] },
      { name: 'Start', values: [start ?? ''] },
    ];
    expect(gateway.count({ tags }), `the ball of ${start}`).toBe(left + 1);
  }
}

/** Each request to breed led to one child, of which its parent was told once. */
function checkLitters({ gateway, network }: World, acknowledged: readonly Acknowledged[]) {
  for (const { litter = '' } of acknowledged.filter(({ kind }) => kind === 'breed')) {
    const tags = [{ name: 'Litter', values: [litter] }];
    const { edges } = gateway.query({ tags, owners: [network.addresses.messenger], first: 10 });
    const children = edges.filter(({ entry }) => entry.target === '');
    const notices = edges.filter(({ entry }) => entry.target !== '');
    expect({ litter, children: children.length, notices: notices.length }).toEqual({
      litter,
      children: 1,
      notices: 1,
    });
  }
}

/** The processes themselves say that each message came once. */
async function checkSeen(world: World, acknowledged: readonly Acknowledged[]) {
  for (const name of ['left', 'right', 'middle', 'beater'] as const) {
    const process = world.ids[name];
    const { messages } = await world.network.dryRun(process, {
      Tags: [{ name: 'Action', value: 'Ask' }],
    });
    const seen = JSON.parse(String(messages[0]?.Data)) as Record<string, number>;
    const twice = Object.entries(seen).filter(([, count]) => count !== 1);
    expect(twice, name).toEqual([]);
    for (const it of acknowledged) {
      if (it.process === process) expect(seen[it.id], `${it.kind} at ${name}`).toBe(1);
    }
  }
}

/** Balances are what the transfers in the log come to, and no unit is lost. */
async function checkMoney({ network, gateway, ids, users }: World) {
  const expected = new Map([[users[0].address, SUPPLY]]);
  const { log } = network.units;
  for (let nonce = 1; nonce < log.next(ids.war); nonce++) {
    const item = gateway.item(log.at(ids.war, nonce)?.messageId ?? '');
    const tag = (name: string) => item?.tags.find((one) => one.name === name)?.value ?? '';
    const quantity = BigInt(tag('Quantity'));
    const from = item?.address ?? '';
    const held = expected.get(from) ?? 0n;
    if (held < quantity) continue;
    expected.set(from, held - quantity);
    expected.set(tag('Recipient'), (expected.get(tag('Recipient')) ?? 0n) + quantity);
  }
  const { messages } = await network.dryRun(ids.war, {
    Tags: [{ name: 'Action', value: 'Balances' }],
  });
  const balances = JSON.parse(String(messages[0]?.Data)) as Record<string, string>;
  const actual = new Map(Object.entries(balances).map(([who, text]) => [who, BigInt(text)]));
  const positive = new Map([...expected].filter(([, quantity]) => quantity > 0n));
  expect(actual).toEqual(positive);
  expect([...actual.values()].reduce((sum, quantity) => sum + quantity, 0n)).toBe(SUPPLY);
}
