/**
 * Unmodified @permaweb/aoconnect in legacy mode against the units over HTTP: every call that it has.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEGACY, type LegacySite, openLegacySite, signer, wallet } from './legacy-site.js';

describe(LEGACY, () => {
  let site: LegacySite;
  let process: string;
  const send = async (fields: { action?: string; data?: string; target?: string }) => {
    const message = await site.ao.message({
      process: fields.target ?? process,
      signer,
      tags: fields.action === undefined ? [] : [{ name: 'Action', value: fields.action }],
      ...(fields.data === undefined ? {} : { data: fields.data }),
    });
    return String(message);
  };
  const evaluate = async (code: string) => {
    const message = await send({ action: 'Eval', data: code });
    return site.ao.result({ process, message });
  };
  const spawn = (tags: { name: string; value: string }[] = []) =>
    site.ao.spawn({
      module: site.module,
      scheduler: site.network.addresses.scheduler,
      signer,
      tags: [{ name: 'Authority', value: site.network.addresses.messenger }, ...tags],
    });

  beforeAll(async () => {
    site = await openLegacySite();
    process = await spawn([{ name: 'Name', value: 'conformance' }]);
  });
  afterAll(() => site.close());

  test('spawns a process that its signer owns', async () => {
    const { Output } = await evaluate('Owner .. " " .. Name');
    expect(Output.data).toBe(`${wallet.address} conformance`);
  });

  test('refuses a module that does not exist', async () => {
    await expect(
      site.ao.spawn({ module: wallet.address, scheduler: wallet.address, signer }),
    ).rejects.toThrow();
  });

  test('sends messages, whose results hold the outbox', async () => {
    await evaluate(`Handlers.add('echo', 'Echo', function(m) m.reply({ Data = m.Data }) end)`);
    const message = await send({ action: 'Echo', data: 'hello' });
    expect(await site.ao.result({ process, message })).toMatchObject({
      Messages: [{ Target: wallet.address, Data: 'hello' }],
      Spawns: [],
      Assignments: [],
    });
  });

  test('names what is wrong with a message to an unknown process', async () => {
    const unknown = 'A'.repeat(43);
    await expect(send({ target: unknown })).rejects.toThrow(/there is no process A+ on this/);
  });

  test('answers an unknown message with an error and not with a result', async () => {
    const answer = await site.ao.result({ process, message: 'A'.repeat(43) });
    expect(answer).toMatchObject({ error: expect.stringContaining('was never given') });
  });

  test('reports an error of a handler as the error of the result', async () => {
    const { Error: error, Messages } = await evaluate(`Send({ Target = Owner }); error('boom')`);
    expect(error).toContain('boom');
    expect(Messages).toEqual([]);
  });

  test('pages through results with cursors, errors left out', async () => {
    const pid = await spawn();
    for (const code of ['1', 'error("no")', '2', '3']) {
      await site.ao.message({
        process: pid,
        signer,
        tags: [{ name: 'Action', value: 'Eval' }],
        data: code,
      });
    }
    const data = (page: { edges: { node: { Output: { data: string } } }[] }) =>
      page.edges.map(({ node }) => node.Output.data);
    const latest = await site.ao.results({ process: pid, sort: 'DESC', limit: 2 });
    expect(data(latest)).toEqual(['3', '2']);
    const first = await site.ao.results({ process: pid, limit: 2 });
    expect(data(first)).toEqual(['', '1']);
    const cursor = first.edges.at(-1)?.cursor ?? '';
    expect(JSON.parse(atob(cursor))).toMatchObject({ ordinate: '1', sort: 'ASC' });
    const rest = await site.ao.results({ process: pid, from: cursor });
    expect(data(rest)).toEqual(['2', '3']);
  });

  test('makes dry-runs that change nothing', async () => {
    const run = (code: string) =>
      site.ao.dryrun({
        process,
        data: code,
        tags: [{ name: 'Action', value: 'Eval' }],
        Owner: wallet.address,
      });
    await evaluate('Count = 1');
    const before = await site.network.stateHash(process);
    expect((await run('Count = Count + 1; return Count')).Output.data).toBe('2');
    expect((await run('Count = Count + 1; return Count')).Output.data).toBe('2');
    expect(await site.network.stateHash(process)).toBe(before);
  });

  test('signs a message now and sends it later; one that was changed on the way is refused', async () => {
    const tags = [{ name: 'Action', value: 'Eval' }];
    const signed = await site.ao.signMessage({ process, signer, tags, data: '"later"' });
    const { id, raw } = signed;
    expect(await site.ao.sendSignedMessage(signed)).toBe(id);
    expect((await site.ao.result({ process, message: id })).Output.data).toBe('later');
    const changed = Buffer.from(raw.slice(0));
    changed[changed.length - 2] = 'X'.charCodeAt(0);
    const response = await fetch(site.urls.mu, { method: 'POST', body: changed });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'ITEM_NOT_SIGNED' });
  });

  test('is told the limit that a message is over, and by how much', async () => {
    const data = 'x'.repeat(11 * 1024 * 1024);
    await expect(send({ action: 'Note', data })).rejects.toThrow(
      /413: .*MESSAGE_TOO_LARGE.*"limit":10485760,"got":1153\d{4}/,
    );
  });

  test('is told what the messenger unit could not send', async () => {
    const message = await send({
      action: 'Eval',
      data: `Send({ Target = '${'short'}' }); Send({ Target = ao.id, Data = 'sent' })`,
    });
    await site.ao.result({ process, message });
    const response = await fetch(`${site.urls.cu}/result/${message}?process-id=${process}`);
    expect(await response.json()).toMatchObject({
      Messages: { length: 2 },
      Refused: [
        { Kind: 'message', Index: 0, Code: 'UNSENDABLE_MESSAGE', Hint: expect.any(String) },
      ],
    });
  });

  test('assigns a message to another process', async () => {
    const other = await spawn();
    await site.ao.message({
      process: other,
      signer,
      tags: [{ name: 'Action', value: 'Eval' }],
      data: `ao.addAssignable('any', function() return true end)
        Handlers.add('note', 'Note', function(m) Noted = m.Data end)`,
    });
    const message = await send({ action: 'Note', data: 'for both' });
    const assignment = await site.ao.assign({ process: other, message });
    const result = await site.ao.result({ process: other, message });
    expect(await site.ao.result({ process: other, message: assignment })).toEqual(result);
    const dry = await site.ao.dryrun({
      process: other,
      data: 'Noted',
      tags: [{ name: 'Action', value: 'Eval' }],
      Owner: wallet.address,
    });
    expect(dry.Output.data).toBe('for both');
  });

  test('monitors a process: its crons are sent on as time passes', async () => {
    const pid = await spawn([
      { name: 'Cron-Interval', value: '10-seconds' },
      { name: 'Cron-Tag-Action', value: 'Cron' },
    ]);
    await site.ao.message({
      process: pid,
      signer,
      tags: [{ name: 'Action', value: 'Eval' }],
      data: `Handlers.add('tick', 'Cron', function(m)
        Send({ Target = '${process}', Action = 'Tick', At = tostring(m.Timestamp) })
      end)`,
    });
    await evaluate(`Ticks = 0; Handlers.add('t', 'Tick', function() Ticks = Ticks + 1 end)`);
    await site.network.clock.advance(10_000);
    await site.ao.monitor({ process: pid, signer });
    await site.network.clock.advance(30_000);
    await site.ao.unmonitor({ process: pid, signer });
    await site.network.clock.advance(30_000);
    expect((await evaluate('Ticks')).Output.data).toBe('3');
    const cron = await fetch(`${site.urls.cu}/cron/${pid}`);
    expect(await cron.json()).toMatchObject({ edges: { length: 7 } });
  });
});
