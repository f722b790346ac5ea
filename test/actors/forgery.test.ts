/** Nobody can be somebody else: what a process is told of the sender of a message is true. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createNodeApp } from '../../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../../actors/http/messenger.js';
import { createModulesApp } from '../../actors/http/modules.js';
import { createSchedulerApp } from '../../actors/http/scheduler.js';
import { protocolTags, tagList } from '../../actors/items/protocol.js';
import type { ActorNetwork, ProcessHandle } from '../../actors/network.js';
import { encodeBundle } from '../../arlocal/bundle.js';
import { signDataItem } from '../../arlocal/data-item.js';
import { createBundlerApp } from '../../arlocal/http/bundler-app.js';
import { postL1 } from '../arlocal/transactions.js';
import { printed, startNetwork } from './kernel-module.js';

const RECORDER = `
  Seen = {}
  ao.addAssignable('any', function() return true end)
  Handlers.add('note', 'Note', function(m)
    table.insert(Seen, { From = m.From, Owner = m.Owner, By = m['Forwarded-By'], Data = m.Data,
      Claim = m.Tags['From-Process'] })
  end)`;

let network: ActorNetwork;
let spawn: Awaited<ReturnType<typeof startNetwork>>['spawn'];
let victim: ProcessHandle;
beforeEach(async () => {
  ({ network, spawn } = await startNetwork());
  victim = await spawn(RECORDER);
  return () => network.close();
});

const mallory = () => network.wallet('mallory');
const seen = async (process: ProcessHandle) => {
  const receipt = await process.eval(`return require('json').encode(Seen)`);
  return JSON.parse(String(printed(receipt))) as Record<string, unknown>[];
};
const itself = () => ({ From: mallory().address, Owner: mallory().address, Data: '' });
const note = (tags: Record<string, string>) => ({ Action: 'Note', ...tags });
/** A process that names no Authority, and so trusts whatever it is told. */
const trusting = async () => {
  const { item, bytes } = signDataItem(network.wallet('alice'), {
    tags: [...protocolTags('Process'), { name: 'Module', value: await moduleOf(victim) }],
  });
  await network.submit(bytes);
  await network.send({
    from: network.wallet('alice'),
    to: item.id,
    action: 'Eval',
    data: RECORDER,
  });
  return {
    ...victim,
    id: item.id,
    eval: (code: string) =>
      network.send({ from: network.wallet('alice'), to: item.id, action: 'Eval', data: code }),
  };
};
const moduleOf = async ({ id }: ProcessHandle) => network.units.scheduler.requireProcess(id).module;

describe('a wallet', () => {
  test.each([
    ['From'],
    ['Owner'],
    ['from'],
    ['OWNER'],
    ['Forwarded-By'],
    ['Forwarded_By'],
    ['forwarded_by'],
    ['from-process'],
    ['From_Process'],
    ['from_module'],
    ['Authority'],
    ['Pushed-For'],
    ['From-Module'],
  ])('is itself, whatever its tag %s says', async (name) => {
    const tags = note({ [name]: network.addresses.messenger });
    await network.send({ from: mallory(), to: victim.id, tags });
    expect(await seen(victim)).toEqual([itself()]);
  });

  test('that says it is a process is refused by one that trusts an Authority', async () => {
    for (const claim of [victim.id, 'X'.repeat(43), network.wallet('alice').address]) {
      const tags = note({ 'From-Process': claim });
      const { result } = await network.send({ from: mallory(), to: victim.id, tags });
      expect(printed({ result: { output: result?.output } })).toContain('is not trusted');
    }
    expect(await seen(victim)).toEqual([]);
  });

  test('that says it is an Authority is itself', async () => {
    const tags = note({ 'From-Process': network.addresses.messenger });
    await network.send({ from: mallory(), to: victim.id, tags });
    expect(await seen(victim)).toEqual([itself()]);
  });

  test('is taken for an Authority that the process added while it ran, as on AO', async () => {
    const added = 'Z'.repeat(42).concat('A');
    await victim.eval(`table.insert(ao.authorities, '${added}')`);
    await network.send({ from: mallory(), to: victim.id, tags: note({ 'From-Process': added }) });
    expect(await seen(victim)).toMatchObject([{ From: added, Owner: mallory().address }]);
  });

  test('that says it is a process is itself to one that trusts everybody', async () => {
    const process = await trusting();
    const tags = note({ 'From-Process': victim.id });
    await network.send({ from: mallory(), to: process.id, tags });
    expect(await seen(process)).toEqual([itself()]);
  });
});

describe('a process', () => {
  test('is itself, whatever it puts into its outbox', async () => {
    const process = await spawn();
    const names = ['From', 'Owner', 'From-Process', 'from_process', 'From-Module', 'Forwarded_By'];
    const forged = names
      .map((name) => `{ name = '${name}', value = '${network.wallet('alice').address}' }`)
      .join(', ');
    await process.eval(`table.insert(ao.outbox.Messages, { Target = '${victim.id}', Data = 'x',
      From = 'forged', Owner = 'forged', Anchor = ('0'):rep(32),
      Tags = { { name = 'Action', value = 'Note' }, ${forged} } })`);
    const { messenger } = network.addresses;
    expect(await seen(victim)).toEqual([
      { From: process.id, Owner: messenger, By: messenger, Data: 'x', Claim: process.id },
    ]);
  });

  test('cannot make the messenger unit sign a process or an assignment as a message', async () => {
    const process = await spawn();
    const receipt = await process.eval(`table.insert(ao.outbox.Messages, {
      Target = '${victim.id}', Data = '', Anchor = ('0'):rep(32), Tags = {
        { name = 'Type', value = 'Assignment' }, { name = 'Process', value = '${victim.id}' },
        { name = 'Nonce', value = '1' }, { name = 'Data-Protocol', value = 'other' } } })`);
    const tags = network.gateway.item(receipt.messages[0]?.id ?? '')?.tags ?? [];
    expect(tags.filter(({ name }) => name === 'Type')).toEqual([
      { name: 'Type', value: 'Message' },
    ]);
    expect(tags.filter(({ name }) => name === 'Data-Protocol')).toEqual([
      { name: 'Data-Protocol', value: 'ao' },
    ]);
  });
});

describe('an assignment', () => {
  test('of an item that the bundler took says who signed it', async () => {
    const process = await trusting();
    const { item, bytes } = signDataItem(mallory(), {
      data: 'uploaded',
      tags: [
        { name: 'Action', value: 'Note' },
        { name: 'From-Process', value: victim.id },
      ],
    });
    network.gateway.acceptItem(bytes);
    await network.assign(process.id, item.id);
    const [message] = await seen(process);
    expect(message).toEqual({
      From: mallory().address,
      Owner: mallory().address,
      Data: 'uploaded',
    });
  });

  test('cannot leave out who sent the message', async () => {
    const source = await spawn();
    const sent = await source.eval(
      `Send({ Target = '${source.id}', Action = 'Note', Data = 'x' })`,
    );
    const message = sent.messages[0]?.id ?? '';
    const exclude = ['From', 'Owner', 'Forwarded-By', 'Target', 'Id', 'from', 'OWNER'];
    await network.assign(victim.id, message, { exclude });
    expect(await seen(victim)).toMatchObject([
      { From: source.id, Owner: network.addresses.messenger },
    ]);
  });

  test('that somebody else signed is none', async () => {
    const length = network.units.log.next(victim.id);
    const { item, bytes } = signDataItem(mallory(), {
      tags: [
        ...protocolTags('Assignment'),
        { name: 'Process', value: victim.id },
        { name: 'Nonce', value: '1' },
        { name: 'Message', value: victim.id },
      ],
    });
    await expect(network.submit(bytes)).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_AO' }),
    );
    network.gateway.acceptItem(bytes);
    expect(network.units.scheduler.find(victim.id, item.id)).toBeUndefined();
    expect(network.units.log.next(victim.id)).toBe(length);
    expect(await network.replay(victim.id)).toBe(await network.stateHash(victim.id));
  });
});

describe('a unit of the network, whose key follows from the seed,', () => {
  const forged = () => [
    signDataItem(network.wallet('messenger-unit'), {
      target: victim.id,
      tags: [...protocolTags('Message'), ...tagList(note({ 'From-Process': 'V'.repeat(43) }))],
    }),
    signDataItem(network.wallet('scheduler-unit'), {
      tags: [...protocolTags('Assignment'), ...tagList({ Process: victim.id, Nonce: '1' })],
    }),
  ];
  const refused = expect.objectContaining({ code: 'SIGNER_RESERVED' });

  test('is not believed to have signed what comes from outside', async () => {
    const apps = [
      ['/', createMessengerApp(network)],
      ['/', createSchedulerApp(network)],
      ['/tx', createBundlerApp(network.gateway)],
      ['/push', createNodeApp(network)],
      ['/corral/modules', createModulesApp(network)],
      [`/monitor/${victim.id}`, createMessengerApp(network)],
    ] as const;
    for (const { bytes, item } of forged()) {
      await expect(network.submit(bytes)).rejects.toThrow(refused);
      expect(() => network.gateway.acceptItem(bytes)).toThrow(refused);
      for (const [path, app] of apps) {
        const response = await app.request(path, { method: 'POST', body: Buffer.from(bytes) });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ code: 'SIGNER_RESERVED' });
      }
      expect(network.gateway.item(item.id)).toBeUndefined();
    }
    expect(await seen(victim)).toEqual([]);
  });

  test('nor what comes in a bundle', async () => {
    for (const signed of forged()) {
      const tags = tagList({ 'Bundle-Format': 'binary', 'Bundle-Version': '2.0.0' });
      const data = encodeBundle([signed]);
      const posted = postL1(network.gateway, { data, tags, mint: 10n ** 13n });
      await expect(posted).rejects.toThrow(refused);
      expect(network.gateway.item(signed.item.id)).toBeUndefined();
    }
  });
});

test('a dry-run may say that it is anybody, and changes nothing', async () => {
  const before = await network.stateHash(victim.id);
  const owner = network.wallet('alice').address;
  const tags = [{ name: 'Action', value: 'Eval' }];
  const { output } = await network.dryRun(victim.id, {
    Owner: owner,
    Data: 'Owned = 1; return 7',
    Tags: tags,
  });
  expect(output).toMatchObject({ data: '7' });
  expect(await network.stateHash(victim.id)).toBe(before);
});
