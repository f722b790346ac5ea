import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { writeCard } from '../../../herd/open-store.js';
import { verifyNetwork } from '../../../herd/verify.js';
import { createNetwork } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';

const WITNESS = `
Handlers.add('Tell', 'Tell', function(msg)
  Seen = { from = msg.From, owner = msg.Owner, forwarded = msg['Forwarded-By'] }
  Seen.mark, Seen.fromProcess = msg.Tags['Corral-Impersonated'], msg.Tags['From-Process']
  msg.reply({ Data = 'told' })
end)
Handlers.add('Forge', 'Forge', function(msg)
  ao.send({ Target = msg.Tags.To, Action = 'Tell', [msg.Name] = msg.As })
end)`;

async function start() {
  const network = await createNetwork();
  onTestFinished(() => network.close());
  const witness = await network.spawn({ name: 'witness', source: WITNESS });
  return { network, witness };
}

const Seen = as.object({
  from: as.string,
  owner: as.string,
  mark: as.optional(as.string),
  fromProcess: as.optional(as.string),
  forwarded: as.optional(as.string),
});

const STRANGER = walletFromSeed('elsewhere', 'somebody').address;

describe('a message from somebody who is impersonated', () => {
  test('is seen as if that wallet had signed it', async () => {
    const { network, witness } = await start();
    const from = network.impersonate(STRANGER);
    const { tree, messages, errors } = await witness.send({ from, action: 'Tell' });
    expect(await witness.read('Seen', Seen)).toEqual({ from: STRANGER, owner: STRANGER });
    expect(errors).toEqual([]);
    expect(tree).toMatchObject({ from: STRANGER, impersonated: true });
    expect(messages).toMatchObject([{ target: STRANGER }]);
    expect(messages[0]).not.toHaveProperty('impersonated');
  });

  test('is seen as if that process had sent it', async () => {
    const { network, witness } = await start();
    const other = await network.spawn({ name: 'other' });
    await witness.send({ from: network.impersonate('other'), action: 'Tell' });
    expect(await witness.read('Seen', Seen)).toEqual({
      from: other.id,
      owner: network.addresses.messenger,
      fromProcess: other.id,
      forwarded: network.addresses.messenger,
    });
    const inbox = await other.read('Inbox', as.list(as.any));
    expect(inbox.at(-1)).toMatchObject({ Data: 'told', From: witness.id });
  });

  test('says so in the log, and replays to the same state', async () => {
    const { network, witness } = await start();
    const { id } = await witness.send({ from: network.impersonate(STRANGER), action: 'Tell' });
    const item = network.gateway.item(id)!;
    expect(item.address).toBe(network.addresses.messenger);
    expect(item.tags).toContainEqual({ name: 'Corral-Impersonated', value: STRANGER });
    expect(await network.replay(witness)).toBe(await network.stateHash(witness));
  });

  test('may be an Eval of an owner whose key nobody has', async () => {
    const { network } = await start();
    const from = network.impersonate(STRANGER);
    const process = await network.spawn({ from, source: 'Born = Owner' });
    expect(await process.read('Born')).toBe(STRANGER);
    expect(network.ownerOf(process)).toEqual(from);
    const { errors } = await process.eval('Born = 1');
    expect(errors).toEqual([]);
    expect(await process.read('Born')).toBe(1);
    expect(process.spawned.tree).toMatchObject({ from: STRANGER, impersonated: true });
    expect(await network.replay(process)).toBe(await network.stateHash(process));
  });
});

const SPELLINGS = [
  'Corral-Impersonated',
  'corral-impersonated',
  'CORRAL-IMPERSONATED',
  'Corral_Impersonated',
  'corral_impersonated',
];

test.each(SPELLINGS)('no program can say that it is somebody else, by %s', async (name) => {
  const { network, witness } = await start();
  const forger = await network.spawn({ name: 'forger', source: WITNESS });
  const tags = { To: witness.id, As: STRANGER, Name: name };
  const { messages } = await forger.send({ from: 'alice', action: 'Forge', tags });
  expect(messages[0]?.from).toBe(forger.id);
  expect(messages[0]).not.toHaveProperty('impersonated');
  expect(messages[0]?.message?.tags.filter((tag) => /impersonated/i.test(tag.name))).toEqual([]);
  expect(await witness.read('Seen', Seen)).toMatchObject({ from: forger.id });
  expect((await witness.read('Seen', Seen)).mark).toBeUndefined();
});

test.each(SPELLINGS)('no signer from outside can say it either, by %s', async (name) => {
  const { network, witness } = await start();
  const tags = { [name]: STRANGER };
  const { tree } = await witness.send({ from: 'mallory', action: 'Tell', tags });
  const mallory = network.wallet('mallory').address;
  expect(tree.from).toBe(mallory);
  expect(await witness.read('Seen', Seen)).toEqual({ from: mallory, owner: mallory });
});

test('nothing from outside gets in with the signature of the unit that signs for others', async () => {
  const { network, witness } = await start();
  const tags = [
    { name: 'Data-Protocol', value: 'ao' },
    { name: 'Type', value: 'Message' },
    { name: 'Action', value: 'Tell' },
    { name: 'Corral-Impersonated', value: STRANGER },
  ];
  const key = walletFromSeed(network.seed, 'messenger-unit'); // it follows from the seed
  const { bytes } = signDataItem(key, { target: witness.id, tags, data: '' });
  await expect(network.submit(bytes)).rejects.toMatchObject({ code: 'SIGNER_RESERVED' });
  expect(await witness.read('Seen')).toBeUndefined();
});

test('a folder in which somebody was impersonated verifies', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corral-impersonated-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = createVirtualClock();
  const gateway = createGateway({ store: createSqliteStore(folder), now: () => clock.now() });
  writeCard(gateway.records, { seed: 9 });
  const network = await createNetwork({ seed: 9, clock, gateway });
  const witness = await network.spawn({ name: 'witness', source: WITNESS });
  const other = await network.spawn({ name: 'other' });
  for (const from of [network.impersonate(STRANGER), network.impersonate(other)]) {
    expect((await witness.send({ from, action: 'Tell' })).errors).toEqual([]);
  }
  await network.spawn({ from: network.impersonate(STRANGER), name: 'theirs', source: 'X = 1' });
  await witness.setState('Seen', undefined);
  await network.close();
  gateway.close();
  const report = await verifyNetwork({ db: folder, devices: [] });
  expect(report).toMatchObject({ whole: true, findings: [] });
  expect(report.processes.every(({ differences }) => differences.length === 0)).toBe(true);
});

test('what is no address cannot be impersonated', async () => {
  const { network } = await start();
  expect(() => network.impersonate('nobody')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_NAME' }),
  );
});
