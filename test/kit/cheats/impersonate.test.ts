import { describe, expect, onTestFinished, test } from 'vitest';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createNetwork } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';

const WITNESS = `
Handlers.add('Tell', 'Tell', function(msg)
  Seen = { from = msg.From, owner = msg.Owner, mark = msg.Tags['Corral-Impersonated'], fromProcess = msg.Tags['From-Process'],
    forwarded = msg['Forwarded-By'] }
  msg.reply({ Data = 'told' })
end)
Handlers.add('Forge', 'Forge', function(msg)
  ao.send({ Target = msg.Tags.To, Action = 'Tell', ['Corral-Impersonated'] = msg.As })
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

test('no program can say that it is somebody else', async () => {
  const { network, witness } = await start();
  const forger = await network.spawn({ name: 'forger', source: WITNESS });
  const tags = { To: witness.id, As: STRANGER };
  const { messages } = await forger.send({ from: 'alice', action: 'Forge', tags });
  expect(messages[0]?.from).toBe(forger.id);
  expect(messages[0]).not.toHaveProperty('impersonated');
  expect(await witness.read('Seen', Seen)).toMatchObject({ from: forger.id });
  expect((await witness.read('Seen', Seen)).mark).toBeUndefined();
});

test('no signer from outside can say it either', async () => {
  const { network, witness } = await start();
  const tags = { 'Corral-Impersonated': STRANGER };
  const { tree } = await witness.send({ from: 'mallory', action: 'Tell', tags });
  const mallory = network.wallet('mallory').address;
  expect(tree.from).toBe(mallory);
  expect(await witness.read('Seen', Seen)).toEqual({ from: mallory, owner: mallory });
});

test('what is no address cannot be impersonated', async () => {
  const { network } = await start();
  expect(() => network.impersonate('nobody')).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_NAME' }),
  );
});
