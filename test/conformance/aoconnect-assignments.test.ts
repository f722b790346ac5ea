/**
 * Unmodified @permaweb/aoconnect in legacy mode: assignments of data items and of Arweave
 * transactions, crons, processes that spawn, forward and trust.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postL1 } from '../arlocal/transactions.js';
import { LEGACY, type LegacySite, openLegacySite, signer, wallet } from './legacy-site.js';

/** Remembers all that a process is given, as JSON. */
const RECORDER = `
  Seen = {}
  ao.addAssignable('any', function() return true end)
  Handlers.prepend('record', function(m) return m.Action ~= 'Eval' and 'continue' end, function(m)
    local copy = {}
    for _, key in ipairs({ 'Id', 'Owner', 'From', 'Target', 'Data', 'Anchor', 'Signature', 'Action',
      'Forwarded-By', 'Timestamp', 'Block-Height', 'Nonce', 'Hash-Chain', 'Cron', 'Process' }) do
      copy[key] = m[key]
    end
    table.insert(Seen, copy)
  end)`;

type Seen = Record<string, unknown>;

describe(LEGACY, () => {
  let site: LegacySite;
  const spawn = (tags: Record<string, string> = {}) =>
    site.ao.spawn({
      module: site.module,
      scheduler: site.network.addresses.scheduler,
      signer,
      tags: Object.entries({ Authority: site.network.addresses.messenger, ...tags }).map(
        ([name, value]) => ({ name, value }),
      ),
    });
  const send = async (process: string, action: string, data?: string) =>
    String(
      await site.ao.message({
        process,
        signer,
        tags: [{ name: 'Action', value: action }],
        ...(data === undefined ? {} : { data }),
      }),
    );
  const evaluate = async (process: string, code: string) =>
    site.ao.result({ process, message: await send(process, 'Eval', code) });
  const dryRun = async (process: string, code: string) => {
    const tags = [{ name: 'Action', value: 'Eval' }];
    const { Output } = await site.ao.dryrun({ process, data: code, tags, Owner: wallet.address });
    return Output.data as string;
  };
  const seen = async (process: string) =>
    JSON.parse(await dryRun(process, `require('json').encode(Seen)`)) as Seen[];
  const crons = async (process: string) => {
    const response = await fetch(`${site.urls.cu}/cron/${process}`);
    const { edges } = (await response.json()) as {
      edges: { cursor: string; node: { Messages: object[] } }[];
    };
    return edges;
  };
  const recorder = async (tags: Record<string, string> = {}) => {
    const process = await spawn(tags);
    await evaluate(process, RECORDER);
    return process;
  };
  const gateway = () => site.network.gateway;

  beforeAll(async () => {
    site = await openLegacySite({ limits: { crankDepth: 50 } });
  });
  afterAll(() => site.close());

  test('assign: an Arweave transaction is given as AO gives it', async () => {
    const process = await recorder();
    const target = wallet.address;
    const tags = [{ name: 'Action', value: 'Deposit' }];
    const { id, address } = await postL1(gateway(), {
      data: 'hay',
      tags,
      target,
      mint: 10n ** 12n,
    });
    gateway().mine();
    const message = await site.ao.assign({ process, message: id, baseLayer: true });
    expect(await site.ao.result({ process, message })).toMatchObject({ Messages: [] });
    expect(await seen(process)).toEqual([
      {
        Id: id,
        Owner: address,
        From: address,
        Target: target,
        Data: 'hay',
        Anchor: gateway().locate(id)?.entry.anchor,
        Signature: gateway().locate(id)?.entry.signature,
        Action: 'Deposit',
        Timestamp: expect.any(Number),
        'Block-Height': 1,
        Nonce: 2,
        'Hash-Chain': expect.stringMatching(/^[\w-]{43}$/),
        Cron: false,
      },
    ]);
  });

  test('assign: a transaction without data does not stop a process', async () => {
    const process = await recorder();
    const { id } = await postL1(gateway(), { target: wallet.address, mint: 10n ** 12n });
    await site.ao.assign({ process, message: id, baseLayer: true });
    expect(await seen(process)).toMatchObject([{ Id: id, Data: '' }]);
    expect((await evaluate(process, '1 + 1')).Output.data).toBe('2');
  });

  test('assign: leaves out what is excluded, and nothing that says who sent it', async () => {
    const process = await recorder();
    const { id, address } = await postL1(gateway(), { data: 'big', mint: 10n ** 12n });
    const exclude = ['Data', 'Anchor', 'Signature', 'Owner', 'From'];
    const assignment = await site.ao.assign({ process, message: id, baseLayer: true, exclude });
    const [message] = await seen(process);
    for (const name of ['Data', 'Anchor', 'Signature']) expect(message).not.toHaveProperty(name);
    expect(message).toMatchObject({ Id: id, Owner: address, From: address });
    const response = await fetch(`${site.urls.su}/${assignment}?process-id=${process}`);
    const wire = (await response.json()) as { assignment: { tags: { name: string }[] } };
    const excluded = wire.assignment.tags.filter(({ name }) => name === 'Exclude');
    expect(excluded).toEqual(exclude.map((value) => ({ name: 'Exclude', value })));
  });

  test('assign: refuses what is no transaction, not whole or not settled', async () => {
    const process = await recorder({ 'Settlement-Depth': '3' });
    const item = await send(process, 'Note');
    const refused = (message: string) =>
      expect(site.ao.assign({ process, message, baseLayer: true })).rejects;
    await refused(item).toThrow(/no Arweave transaction/);
    await refused('A'.repeat(43)).toThrow(/no Arweave transaction/);
    const { id } = await postL1(gateway(), { data: 'x', mint: 10n ** 12n });
    gateway().mine(2);
    await refused(id).toThrow(/2 confirmations, the process wants 3/);
    gateway().mine();
    await site.ao.assign({ process, message: id, baseLayer: true });
    await refused(id).toThrow(/was given .* before/);
    const chunked = await postL1(gateway(), {
      data: 'x'.repeat(100),
      change: (json) => ({ ...json, data: '' }),
    });
    gateway().mine(3);
    await refused(chunked.id).toThrow(/not all uploaded/);
  });

  test('assign: a message of another process, over the messenger and the scheduler unit', async () => {
    const [source, one, two] = [await recorder(), await recorder(), await recorder()];
    const message = await send(source, 'Note', 'for all');
    await site.ao.assign({ process: one, message, exclude: ['Tags'] });
    const response = await fetch(
      `${site.urls.su}/?process-id=${two}&assign=${message}&exclude=Data,Anchor`,
      { method: 'POST' },
    );
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^[\w-]{43}$/),
      timestamp: expect.any(Number),
    });
    const [seenByTwo] = await seen(two);
    expect(seenByTwo).toMatchObject({ Id: message, Target: source, Owner: wallet.address });
    expect(seenByTwo).not.toHaveProperty('Data');
    const { Error: error } = await site.ao.result({ process: one, message });
    expect(error).toContain(`message ${message} has no Tags`);
    expect(await seen(one)).toEqual([]);
  });

  test('assign: a process assigns what it sends, and what it has seen', async () => {
    const [source, one, two] = [await recorder(), await recorder(), await recorder()];
    await evaluate(
      source,
      `Send({ Target = '${wallet.address}', Data = 'by tag', Assignments = { '${one}' } })`,
    );
    const message = await send(source, 'Note', 'by call');
    await evaluate(
      source,
      `Assign({ Processes = { '${one}', '${two}' }, Message = '${message}' })`,
    );
    expect((await seen(one)).map(({ Data }) => Data)).toEqual(['by tag', 'by call']);
    expect(await seen(two)).toMatchObject([{ Id: message, Target: source, Data: 'by call' }]);
    const [byTag] = await seen(one);
    const { messenger } = site.network.addresses;
    expect(byTag).toMatchObject({ From: source, Owner: messenger, 'Forwarded-By': messenger });
  });

  test('assign: what a process has no spec for is refused by the process', async () => {
    const [source, process] = [await recorder(), await spawn()];
    const message = await send(source, 'Note');
    await site.ao.assign({ process, message });
    const { Output, Messages } = await site.ao.result({ process, message });
    expect(Output.data).toContain('Assignment is not trusted');
    expect(Messages).toMatchObject([{ Target: wallet.address }]);
  });

  test('spawn: a process that spawns is told of its child', async () => {
    const parent = await recorder();
    const authority = site.network.addresses.messenger;
    await evaluate(
      parent,
      `Spawn('${site.module}', { Data = '', Name = 'kid', Authority = '${authority}' })`,
    );
    const [notice] = await seen(parent);
    expect(notice).toMatchObject({ Action: 'Spawned', From: parent, Target: parent });
    const child = String(notice?.Process);
    const tags = [{ name: 'Action', value: 'Eval' }];
    const asParent = { process: child, data: 'Name .. " " .. Owner', tags, Owner: parent };
    expect((await site.ao.dryrun(asParent)).Output.data).toBe(`kid ${parent}`);
  });

  test('spawn: with a target, the new process is assigned there as well', async () => {
    const watcher = await recorder();
    const tags = { Authority: site.network.addresses.messenger, Name: 'watched' };
    const parent = await recorder();
    await evaluate(
      parent,
      `table.insert(ao.outbox.Spawns, { Target = '${watcher}', Data = '', Tags = {
        { name = 'Module', value = '${site.module}' },
        { name = 'Authority', value = '${tags.Authority}' } } })`,
    );
    const [notice] = await seen(parent);
    expect(await seen(watcher)).toMatchObject([{ Id: notice?.Process, From: parent }]);
  });

  test('monitor: crons of every unit fall due, in order, and are sent on while monitored', async () => {
    const sink = await recorder();
    const intervals = [
      ['1-year', 31_557_600],
      ['1-month', 2_592_000],
      ['1-week', 604_800],
      ['1-day', 86_400],
      ['1-hour', 3600],
      ['1-minute', 60],
      ['3-seconds', 3],
      ['2000-milliseconds', 2],
    ] as const;
    for (const [interval, seconds] of intervals) {
      const process = await spawn({ 'Cron-Interval': interval, 'Cron-Tag-Action': 'Beat' });
      await evaluate(
        process,
        `Handlers.add('b', 'Beat', function(m) Send({ Target = '${sink}', Action = m.Action,
          Data = '${interval} ' .. m.From .. ' ' .. tostring(m.Cron) }) end)`,
      );
      await site.ao.monitor({ process, signer });
      await site.network.clock.advance(seconds * 1000);
      await site.ao.unmonitor({ process, signer });
      const [edge] = await crons(process);
      expect(edge?.node.Messages).toMatchObject([{ Target: sink }]);
    }
    const beats = (await seen(sink)).map(({ Data }) => Data);
    expect(beats).toEqual(intervals.map(([interval]) => `${interval} ${wallet.address} true`));
  });

  test('monitor: crons by blocks', async () => {
    const sink = await recorder();
    const process = await spawn({ 'Cron-Interval': '2-blocks', 'Cron-Tag-Action': 'Beat' });
    await evaluate(
      process,
      `Handlers.add('b', 'Beat', function(m) Send({ Target = '${sink}', Data = tostring(m['Block-Height']) }) end)`,
    );
    const { height } = gateway();
    await site.ao.monitor({ process, signer });
    for (let i = 0; i < 5; i++) {
      await site.network.clock.advance(1_000);
      gateway().mine();
    }
    await site.network.clock.advance(1_000);
    const beats = (await seen(sink)).map(({ Data }) => Data);
    expect(beats).toEqual([String(height + 2), String(height + 4)]);
    const cursors = (await crons(process)).map(({ cursor }) => JSON.parse(atob(cursor)));
    expect(cursors).toMatchObject([{ cron: `0-2-blocks#${height + 2}` }, { ordinate: '1' }]);
  });

  test('cron: GET /cron/PROCESS answers page by page', async () => {
    const process = await spawn({ 'Cron-Interval': '1-second', 'Cron-Tag-Action': 'Beat' });
    await site.network.clock.advance(7_000);
    const read = async (query: string) =>
      (await (await fetch(`${site.urls.cu}/cron/${process}?${query}`)).json()) as {
        pageInfo: { hasNextPage: boolean };
        edges: { cursor: string }[];
      };
    const times: number[] = [];
    let page = await read('limit=3');
    for (;;) {
      for (const { cursor } of page.edges) times.push(JSON.parse(atob(cursor)).timestamp);
      if (!page.pageInfo.hasNextPage) break;
      page = await read(`limit=3&from=${encodeURIComponent(page.edges.at(-1)?.cursor ?? '')}`);
    }
    expect(times).toHaveLength(7);
    expect(new Set(times).size).toBe(7);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('message: a forwarded message is from its sender, and names who signed it', async () => {
    const [first, second] = [await recorder(), await recorder()];
    await evaluate(first, `Handlers.add('f', 'Pass', function(m) m.forward('${second}') end)`);
    await send(first, 'Pass', 'along');
    const { messenger } = site.network.addresses;
    expect(await seen(second)).toMatchObject([
      { From: first, Owner: messenger, 'Forwarded-By': messenger, Data: 'along', Action: 'Pass' },
    ]);
  });

  test('message: a process refuses those it does not trust, once, and nothing goes round', async () => {
    const trusting = await recorder();
    const distrustful = await spawn({ Authority: 'X'.repeat(43) });
    await evaluate(trusting, `Send({ Target = '${distrustful}', Action = 'Hello' })`);
    const page = await site.ao.results({ process: distrustful, sort: 'DESC', limit: 1 });
    const [edge] = page.edges as { node: { Output: { data: string }; Messages: unknown[] } }[];
    expect(edge?.node.Output.data).toContain('Message is not trusted! From: ');
    expect(edge?.node.Messages).toEqual([]);
    expect(await seen(trusting)).toEqual([]);
  });

  test('message: processes that refuse each other aloud come to an end that is named', async () => {
    const answerAll = `Handlers.prepend('loud', function(m) return m.Action ~= 'Eval' end,
      function(m) Send({ Target = m.From, Data = 'Message is not trusted by this process!' }) end)`;
    const [one, two] = [await spawn(), await spawn()];
    await evaluate(one, answerAll);
    await evaluate(two, answerAll);
    const message = await send(one, 'Eval', `Send({ Target = '${two}' })`);
    await site.ao.result({ process: one, message });
    const { crankDepth } = site.network.limits;
    const given = site.network.units.log.next(one) + site.network.units.log.next(two);
    expect(given).toBeLessThan(crankDepth + 10);
    const refusedBy = async (process: string) => {
      const response = await fetch(`${site.urls.cu}/results/${process}?sort=DESC&limit=1`);
      const { edges } = (await response.json()) as { edges: { node: { Refused?: object[] } }[] };
      return edges[0]?.node.Refused ?? [];
    };
    const refused = [...(await refusedBy(one)), ...(await refusedBy(two))];
    expect(refused).toMatchObject([{ Code: 'CRANK_TOO_DEEP', Limit: crankDepth }]);
  });
});
