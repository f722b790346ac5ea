/**
 * Unmodified @permaweb/aoconnect in mainnet mode against the HyperBEAM-style node: every call it has,
 * and the same processes in legacy mode.
 */
import { createRequire } from 'node:module';
import { connect, createSigner } from '@permaweb/aoconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComputeApp } from '../../actors/http/compute.js';
import { createNodeApp } from '../../actors/http/hyperbeam/node.js';
import { createMessengerApp } from '../../actors/http/messenger.js';
import { serveUnit } from '../../actors/http/serve.js';
import type { ActorNetwork } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { startNetwork } from '../actors/kernel-module.js';

const { wallet, jwk } = devWallet('alice');
const signer = createSigner(jwk); // once: the client allows 100 a minute

const connectMainnet = (URL: string) => connect({ MODE: 'mainnet', URL, signer });
const connectLegacy = (gateway: string, mu: string, cu: string) =>
  connect({ MODE: 'legacy', GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu });

interface Site {
  network: ActorNetwork;
  module: string;
  url: string;
  ao: ReturnType<typeof connectMainnet>;
  /** The same without a signer. */
  anyone: ReturnType<typeof connectMainnet>;
  legacy: ReturnType<typeof connectLegacy>;
  close(): Promise<void>;
}

async function open(): Promise<Site> {
  const { network, module } = await startNetwork();
  const serve = (app: Parameters<typeof serveUnit>[0]) =>
    serveUnit(app, { port: 0, purpose: 'test', option: '--port-base' });
  const servers = await Promise.all([
    serve(createGatewayApp(network.gateway)),
    serve(createMessengerApp(network)),
    serve(createComputeApp(network)),
    serve(createNodeApp(network)),
  ]);
  const [gateway = '', mu = '', cu = '', url = ''] = servers.map((server) => server.url);
  return {
    network,
    module,
    url,
    ao: connectMainnet(url),
    anyone: connect({ MODE: 'mainnet', URL: url }),
    legacy: connectLegacy(gateway, mu, cu),
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await network.close();
    },
  };
}

describe('aoconnect 0.0.98, mainnet mode', () => {
  let site: Site;
  let process: string;
  const action = (value: string) => [{ name: 'Action', value }];
  const spawn = (tags: { name: string; value: string }[] = []) =>
    site.ao.spawn({ module: site.module, tags });
  const evaluate = async (code: string, pid = process) => {
    const slot = await site.ao.message({ process: pid, tags: action('Eval'), data: code });
    return site.ao.result({ process: pid, slot });
  };

  const push = (fields: Record<string, unknown>) =>
    site.ao.request({
      path: `/${process}~process@1.0/push`,
      method: 'POST',
      target: process,
      ...fields,
    });
  const spawnLegacy = () =>
    site.legacy.spawn({
      module: site.module,
      scheduler: site.network.addresses.scheduler,
      signer,
      tags: [{ name: 'Authority', value: site.network.addresses.messenger }],
    });
  const evaluateLegacy = async (data: string, pid: string) => {
    const message = await site.legacy.message({
      process: pid,
      signer,
      tags: action('Eval'),
      data,
    });
    return (await site.legacy.result({ process: pid, message: String(message) })).Output.data;
  };

  beforeAll(async () => {
    site = await open();
    process = await spawn([{ name: 'Name', value: 'conformance' }]);
  });
  afterAll(() => site.close());

  test('spawn: makes a process that its signer owns', async () => {
    const { Output } = await evaluate('Owner .. " " .. Name');
    expect(Output.data).toBe(`${wallet.address} conformance`);
  });

  test('spawn: the node is its Scheduler and its Authority, and its data comes along', async () => {
    const pid = await site.ao.spawn({ module: site.module, tags: [], data: 'given' });
    const { messenger } = site.network.addresses;
    const { item } = site.network.units.scheduler.requireProcess(pid);
    const tags = Object.fromEntries(item.tags.map(({ name, value }) => [name, value]));
    expect(tags).toMatchObject({ Scheduler: messenger, Authority: messenger, Type: 'Process' });
    expect(Buffer.from(item.data).toString()).toBe('given');
  });

  test('spawn: refuses a module that does not exist', async () => {
    await expect(site.ao.spawn({ module: wallet.address, tags: [] })).rejects.toThrow('spawning');
  });

  test('message: answers the slot, one after the other', async () => {
    const pid = await spawn();
    const send = (data: string) => site.ao.message({ process: pid, tags: action('Eval'), data });
    expect([await send('1'), await send('2')]).toEqual([1, 2]);
  });

  test('message: answers the id of the message if that is asked for', async () => {
    const id = await site.ao.message({
      process,
      tags: action('Eval'),
      data: '"by id"',
      returnMessageId: true,
    });
    const both = await site.ao.message({
      process,
      tags: action('Eval'),
      data: '"both"',
      returnMessageId: true,
      returnAssignmentSlot: true,
    });
    const slot = site.network.units.log.find(process, both.id);
    expect(both.slot).toBe(slot);
    expect(await site.ao.result({ process, message: id })).toMatchObject({
      Output: { data: 'by id' },
    });
  });

  test('message: answers the whole result if that is asked for', async () => {
    const full = await site.ao.message({
      process,
      tags: action('Eval'),
      data: `Send({ Target = Owner, Data = 'sent' }); return 'full'`,
      opts: { fullResponse: true },
    });
    expect(full).toMatchObject({
      Output: { data: 'full' },
      Messages: [{ Target: wallet.address, Data: 'sent' }],
      Spawns: [],
      Assignments: [],
    });
  });

  test('message: what it set off is over when it answers', async () => {
    const [a, b] = [await spawn(), await spawn()];
    await evaluate(`Handlers.add('note', 'Note', function(m) Noted = m.Data end)`, b);
    await evaluate(`Send({ Target = '${b}', Action = 'Note', Data = 'from a' })`, a);
    expect((await evaluate('Noted', b)).Output.data).toBe('from a');
  });

  test('message: to an unknown process fails', async () => {
    const send = site.ao.message({ process: 'A'.repeat(43), tags: [], data: '1' });
    await expect(send).rejects.toThrow('Error sending message');
  });

  test('result: by slot, with the outbox', async () => {
    await evaluate(`Handlers.add('echo', 'Echo', function(m) m.reply({ Data = m.Data }) end)`);
    const slot = await site.ao.message({ process, tags: action('Echo'), data: 'hello' });
    expect(await site.ao.result({ process, slot })).toMatchObject({
      Messages: [{ Target: wallet.address, Data: 'hello' }],
      Spawns: [],
      Assignments: [],
    });
  });

  test('result: of a message that failed has its error and no outbox', async () => {
    const failed = await evaluate(`Send({ Target = Owner }); error('boom')`);
    expect(failed.Error).toContain('boom');
    expect(failed.Messages).toEqual([]);
  });

  test('result: of a slot that is not there fails', async () => {
    await expect(site.ao.result({ process, slot: 9999 })).rejects.toThrow('getting result');
  });

  test('result: without a signer', async () => {
    const slot = await site.ao.message({ process, tags: action('Eval'), data: '"for all"' });
    const result = await site.anyone.result({ process, slot });
    expect(result.Output.data).toBe('for all');
  });

  test('results: the latest slot is its one edge', async () => {
    const pid = await spawn();
    for (const code of ['1', '2']) await evaluate(code, pid);
    for (const ao of [site.ao, site.anyone]) {
      expect(await ao.results({ process: pid })).toMatchObject({
        edges: [{ cursor: '2', node: { Output: { data: '2' } } }],
      });
    }
  });

  test('dryrun: changes nothing, and has the signer as Owner', async () => {
    const run = (data: string) => site.ao.dryrun({ process, data, tags: action('Eval') });
    await evaluate('Count = 1');
    const before = await site.network.stateHash(process);
    expect((await run('Count = Count + 1; return Count')).Output.data).toBe('2');
    expect((await run('Count = Count + 1; return Count')).Output.data).toBe('2');
    expect(await site.network.stateHash(process)).toBe(before);
  });

  test('dryrun: tags arrive as they were given', async () => {
    const tags = [
      { name: 'Action', value: 'Spell' },
      { name: 'Url', value: 'https://a.b/c?d=e' },
      { name: 'Note', value: '50% "é" <ü> #1' },
    ];
    await evaluate(`Handlers.add('spell', 'Spell', function(m)
      m.reply({ Data = m.Tags.Url .. ' ' .. m.Tags.Note .. ' ' .. m.Data }) end)`);
    for (const ao of [site.ao, site.anyone]) {
      const { Messages } = await ao.dryrun({ process, tags, data: 'x' });
      const data = ao === site.ao ? 'x' : ''; // without a signer the client loses it
      expect(Messages[0].Data).toBe(`https://a.b/c?d=e 50% "é" <ü> #1 ${data}`);
    }
  });

  test('request: an ANS-104 message', async () => {
    const response = await site.ao.request({
      path: `/${process}~process@1.0/push`,
      'signing-format': 'ans104' as never,
      target: process,
      Action: 'Eval',
      data: 'return "ans104"',
    });
    expect(await response.json()).toMatchObject({ raw: { Output: { data: 'ans104' } } });
  });

  test('request: push-mode async answers before the evaluation', async () => {
    for (const format of ['ans104', 'httpsig']) {
      const response = await push({
        'signing-format': format,
        'push-mode': 'async',
        Action: 'Eval',
        data: `return '${format}'`,
      });
      const answer = await response.json();
      expect(answer).not.toHaveProperty('raw');
      const { Output } = await site.ao.result({ process, slot: answer.slot });
      expect(Output.data).toBe(format);
    }
  });

  test('request: an httpsig message, whose Owner is the key that signed it', async () => {
    await evaluate(`Handlers.add('who', 'Who', function(m)
      m.reply({ Data = m.From .. ' ' .. m.Owner .. ' ' .. m.Tags['X-Note'] }) end)`);
    const response = await push({ Type: 'Message', Action: 'Who', 'X-Note': 'note' });
    const { address } = wallet;
    expect(await response.json()).toMatchObject({
      raw: { Messages: [{ Target: address, Data: `${address} ${address} note` }] },
    });
  });

  test('request: an httpsig spawn, which answers in both modes', async () => {
    const response = await site.ao.request({
      path: '/push',
      method: 'POST',
      Type: 'Process',
      'Data-Protocol': 'ao',
      Module: site.module,
      Scheduler: site.network.addresses.messenger,
      Authority: site.network.addresses.messenger,
      Name: 'by-httpsig',
    });
    const pid = response.headers.get('process') ?? '';
    expect((await evaluate('Name .. " " .. Owner', pid)).Output.data).toBe(
      `by-httpsig ${wallet.address}`,
    );
    expect(await evaluateLegacy('ao.id', pid)).toBe(pid);
  });

  test('request: an httpsig message whose body the client lost is taken, and told', async () => {
    const response = await push({ Action: 'Eval', data: 'line 1\nline 2' });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ warning: expect.stringContaining('no data') });
  });

  test('request: GET, signed and anonymous', async () => {
    const { messenger } = site.network.addresses;
    for (const ao of [site.ao, site.anyone]) {
      const info = await ao.request({ path: '/~meta@1.0/info/address' });
      expect(await info.text()).toBe(messenger);
      const now = await ao.request({ path: `/${process}~process@1.0/now` });
      expect(await now.json()).toMatchObject({ process, raw: { Output: expect.anything() } });
    }
  });

  test('processes of both modes send to each other, and trust what comes', async () => {
    const [mainnet, legacy] = [await spawn(), await spawnLegacy()];
    const note = `Handlers.add('note', 'Note', function(m) Noted = m.From end)`;
    await evaluate(note, mainnet);
    await evaluateLegacy(note, legacy);
    await evaluate(`Send({ Target = '${legacy}', Action = 'Note' })`, mainnet);
    await evaluateLegacy(`Send({ Target = '${mainnet}', Action = 'Note' })`, legacy);
    expect((await evaluate('Noted', mainnet)).Output.data).toBe(legacy);
    expect(await evaluateLegacy('Noted', legacy)).toBe(mainnet);
  });

  test('a process of one mode is reachable in the other', async () => {
    const [mainnet, legacy] = [await spawn(), await spawnLegacy()];
    expect(await evaluateLegacy('ao.id', mainnet)).toBe(mainnet);
    expect((await evaluate('ao.id', legacy)).Output.data).toBe(legacy);
    const edges = await site.legacy.results({ process: mainnet });
    expect(edges.edges.at(-1)?.node.Output.data).toBe(mainnet);
  });
});

describe('ao-scheduler-utils 0.0.29, against a node', () => {
  test('getProcess: tags, data and id of a process', async () => {
    const site = await open();
    const beside = createRequire(import.meta.resolve('@permaweb/aoconnect'));
    const client = await import(beside.resolve('@permaweb/ao-scheduler-utils'));
    const pid = await site.ao.spawn({ module: site.module, tags: [], data: 'given' });
    const { getProcess } = client.connect({ HB_GRAPHQL_URL: site.url });
    const process = await getProcess(pid);
    expect(process).toMatchObject({ id: pid, data: 'given' });
    expect(process.tags).toContainEqual({ name: 'Module', value: site.module });
    await site.close();
  });
});
