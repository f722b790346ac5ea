/**
 * The HyperBEAM-style node, path by path: what explorers and units read.
 */
import { describe, expect, test } from 'vitest';
import { createNodeApp } from '../../../../actors/http/hyperbeam/node.js';
import { startNetwork } from '../../kernel-module.js';

import {
  type Answer,
  alice,
  get,
  json,
  module,
  network,
  openNode,
  pid,
  text,
  URL,
} from './node-site.js';

openNode();

describe('reading a process', () => {
  test.each([
    (id: string) => `/${id}~process@1.0/slot/current`,
    (id: string) => `/${id}/slot/current`,
    (id: string) => `/~scheduler@1.0/slot/current?target=${id}`,
  ])('slot/current is a number in a text (%#)', async (path) => {
    expect(await text(path(pid))).toBe('2');
  });

  test.each(['now', 'compute', 'compute=2', 'compute&slot=2', 'compute&slot+integer=2'])(
    '%s has the results of that slot',
    async (operation) => {
      const doc = await json(`/${pid}~process@1.0/${operation}`);
      expect(doc).toMatchObject({
        process: pid,
        'at-slot': 2,
        raw: { Output: { data: 'two' }, Messages: [{ Data: 'hello' }] },
        results: { outbox: { 1: { target: alice.address, action: 'Told', data: 'hello' } } },
      });
      expect(JSON.parse(doc.results.json.body)).toEqual(doc.raw);
    },
  );

  test('a part of the results is asked for by its path', async () => {
    expect(await text(`/${pid}~process@1.0/now/results/outbox/1/data`)).toBe('hello');
    expect(await text(`/${pid}/compute=2/results/data`)).toBe('two');
    const body = await get(`/${pid}/compute&slot=2/results/json/body`);
    expect(body.headers.get('content-type')).toContain('application/json');
    expect(await body.json()).toMatchObject({ Output: { data: 'two' } });
    expect(await text(`/${pid}~process@1.0/now/at-slot`)).toBe('2');
  });

  test('compute/results= takes a slot or a message, and answers what aoconnect reads', async () => {
    const id = network.units.log.at(pid, 2)?.messageId ?? '';
    for (const slot of ['2', id]) {
      expect(await json(`/${pid}~process@1.0/compute/results=${slot}`)).toMatchObject({
        slot: 2,
        raw: { Output: { data: 'two' } },
      });
    }
  });

  test('the process itself', async () => {
    expect(await json(`/${pid}`)).toMatchObject({
      id: pid,
      device: 'process@1.0',
      name: 'shown',
      module,
      owner: alice.address,
    });
    expect(await text(`/${pid}~process@1.0/name`)).toBe('shown');
    const { commitments } = await json(`/${pid}`);
    expect(commitments[pid]).toMatchObject({
      'commitment-device': 'ans104@1.0',
      committer: alice.address,
      committed: expect.arrayContaining(['name', 'data']),
    });
  });

  test('what it patched is shown under its own names, as of any slot', async () => {
    const { id } = await network.spawn({ from: alice, module });
    const run = (code: string) => network.send({ from: alice, to: id, action: 'Eval', data: code });
    const patch = (fields: string) => run(`Send({ device = 'patch@1.0', ${fields} })`);
    const first = await patch(
      `balances = { Alice = '5', alice = '6' }, ['token-info'] = { n = 1 }`,
    );
    await patch(`balances = { Bob = '7' }, Supply = 12, balances_ = {}`);
    await run('error("no")');
    const now = `/${id}~process@1.0/now`;
    expect(await json(`${now}/balances`)).toEqual({ Alice: '5', alice: '6', Bob: '7' });
    expect(await text(`${now}/balances/Alice`)).toBe('5');
    expect(await text(`${now}/balances/alice`)).toBe('6');
    expect(await text(`${now}/supply`)).toBe('12');
    expect(await text(`${now}/token-info/n`)).toBe('1');
    expect((await get(`${now}/balances/Carol`)).status).toBe(404);
    expect(await json(now)).toMatchObject({ process: id, balances: { Bob: '7' } });
    expect(await json(`/${id}/compute=1/balances`)).toEqual({ Alice: '5', alice: '6' });
    expect(await json(`${now}/balances`)).toMatchObject({ Bob: '7' });
    expect(first.errors).toEqual([]);
    expect(first.messages).toEqual([]);
  });

  test('a dry-run over GET is anonymous', async () => {
    const path = `/${pid}~process@1.0/as=execution/compute&Action=Eval`;
    expect(await json(path)).toMatchObject({ process: pid, raw: { Messages: [] } });
  });

  test('the schedule, page by page', async () => {
    const all = await json(`/${pid}~process@1.0/schedule`);
    expect(all).toMatchObject({ type: 'schedule', process: pid, continues: false });
    expect(Object.keys(all.assignments)).toEqual(['0', '1', '2']);
    expect(all.assignments[1]).toMatchObject({
      slot: 1,
      body: { action: 'Eval', data: 'X = 1', owner: alice.address },
    });
    const part = await json(`/${pid}~process@1.0/schedule&from=1&to=1`);
    expect(Object.keys(part.assignments)).toEqual(['1']);
    expect(part.continues).toBe(true);
    expect(await text(`/${pid}/schedule/assignments/1/body/data`)).toBe('X = 1');
    const past = await json(`/~scheduler@1.0/schedule?target=${pid}&from=7`);
    expect(past.assignments).toEqual({});
  });

  test('a page of the schedule is bounded in bytes, and goes on', async () => {
    const small = await startNetwork({ limits: { messageBytes: 4096 } });
    const { id } = await small.spawn();
    for (const data of ['a', 'b', 'c']) {
      await small.network.send({ from: small.alice, to: id, data: data.repeat(2500) });
    }
    const bounded = createNodeApp(small.network);
    const pageFrom = async (slot: number) => {
      const response = await bounded.request(`${URL}/${id}/schedule?from=${slot}`);
      const page = (await response.json()) as Answer;
      return [Object.keys(page.assignments), page.continues];
    };
    expect(await pageFrom(1)).toEqual([['1'], true]);
    expect(await pageFrom(0)).toEqual([['0', '1'], true]);
    expect(await pageFrom(3)).toEqual([['3'], false]);
    await small.network.close();
  });

  test.each([
    [(id: string) => `/${id}/schedule?from=1&accept=application/aos-2`, {}],
    [(id: string) => `/${id}/schedule%3Ffrom=1`, { accept: 'application/aos-2' }],
  ])('the schedule as aos reads it (%#)', async (path, headers) => {
    const page = await json(path(pid), headers as Record<string, string>);
    expect(page.page_info).toMatchObject({ process: pid, has_next_page: false });
    expect(page.edges).toMatchObject([
      {
        cursor: 1,
        node: {
          message: { Owner: alice.address, From: alice.address, Target: pid, Data: 'X = 1' },
          assignment: { Owner: network.addresses.scheduler },
        },
      },
      { cursor: 2 },
    ]);
  });

  test('a message by its id', async () => {
    const id = network.units.log.at(pid, 1)?.messageId ?? '';
    expect(await json(`/${id}`)).toMatchObject({ id, action: 'Eval', data: 'X = 1' });
    expect(await json(`/~cache@1.0/read=${id}`)).toMatchObject({ id });
    expect(await json(`/~cache@1.0/read?target=${id}`)).toMatchObject({ id });
    expect(await text(`/${id}/data`)).toBe('X = 1');
  });
});

describe('the node itself', () => {
  test('its address is the Authority of processes', async () => {
    expect(await text('/~meta@1.0/info/address')).toBe(network.addresses.messenger);
    expect(await json('/~meta@1.0/info')).toEqual({
      address: network.addresses.messenger,
      scheduler: network.addresses.scheduler,
      'corral-version': '0',
    });
    expect(await json('/')).toMatchObject({ address: network.addresses.messenger });
  });

  test('its scheduler lists processes', async () => {
    expect(await json('/~scheduler@1.0/status')).toEqual({
      address: network.addresses.messenger,
      processes: [...network.units.scheduler.processes()],
    });
  });

  test('lets pages of any origin read its headers', async () => {
    const { headers } = await get('/~meta@1.0/info');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-expose-headers')).toBe('*');
  });
});
