/** Nothing of an outbox is dropped without a word: the sender's result says what, and why. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { readReply, resultToWire } from '../../../actors/compute/result.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { startNetwork } from '../kernel-module.js';

test('what is not sent stands beside the result that asked for it, with the bound and the value', async () => {
  const { network, alice, spawn } = await startNetwork({ limits: { messageBytes: 20_000 } });
  const a = await spawn();
  const to = `Target = '${alice.address}'`;
  const receipt = await a.eval(`
    Send({ ${to}, Quantity = 5 })
    Send({ ${to}, Data = 'sent' })
    Send({ ${to}, Tags = { { name = 'A', value = ('x'):rep(3000) }, { name = 'B', value = ('x'):rep(3000) } } })
    Send({ ${to}, Data = ('x'):rep(30000) })
    Send({ Target = 'nobody' })
    Send({ ${to}, Assignments = { '${'U'.repeat(43)}', '${a.id}' } })
    Send({ ${to}, Assignments = 'one' })
    Spawn('${'M'.repeat(43)}', {})
    Assign({ Processes = { '${a.id}' }, Message = '${'X'.repeat(43)}' })
  `);
  const refused = [
    { kind: 'message', index: 0, code: 'TAG_NOT_STRING', tag: 'Quantity' },
    { kind: 'message', index: 2, code: 'TAGS_TOO_LONG', limit: 4096, got: 6236 },
    { kind: 'message', index: 3, code: 'MESSAGE_TOO_LARGE', limit: 20_000, got: 30_408 },
    { kind: 'message', index: 4, code: 'UNSENDABLE_MESSAGE' },
    { kind: 'assignment', index: 5, code: 'UNKNOWN_PROCESS' },
    { kind: 'assignment', index: 6, code: 'UNSENDABLE_MESSAGE', tag: 'Assignments' },
    { kind: 'spawn', index: 7, code: 'MODULE_NOT_FOUND' },
    { kind: 'assignment', index: 8, code: 'MESSAGE_NOT_FOUND' },
  ];
  expect(receipt.result?.refused).toMatchObject(refused);
  const result = await network.result(a.id, receipt.id);
  expect(result.refused).toEqual(receipt.result?.refused);
  for (const { text, hint } of result.refused ?? []) {
    expect(text).not.toBe('');
    expect(hint).toMatch(/\.$/);
  }
  expect(receipt.messages.map(({ target }) => target)).toEqual([
    alice.address,
    alice.address,
    a.id,
    alice.address,
  ]);
  expect(resultToWire(result)).toMatchObject({
    Refused: refused.map(({ kind, index, code }) => ({ Kind: kind, Index: index, Code: code })),
  });
  const page = network.results(a.id, { sort: 'DESC', limit: 2 });
  expect(page.edges.flatMap(({ node }) => node.refused ?? [])).toHaveLength(refused.length);
  await network.close();
});

test('a loop of messages ends with a notice at the process that was about to go on', async () => {
  const { network, spawn } = await startNetwork({ limits: { crankDepth: 10 } });
  const a = await spawn(`Handlers.add('x', 'Ping', function(m) m.reply({ Action = 'Ping' }) end)`);
  const receipt = await a.eval(`Send({ Target = '${a.id}', Action = 'Ping' })`);
  const last = receipt.messages.at(-1);
  expect(receipt.messages).toHaveLength(10);
  expect((await network.result(a.id, last?.id ?? '')).refused).toMatchObject([
    { kind: 'message', index: 0, code: 'CRANK_TOO_DEEP', limit: 10, got: 11 },
  ]);
  await network.close();
});

test('a part of an outbox that is no list is refused, an empty one is nothing', () => {
  const reply = (response: object) => readReply(JSON.stringify({ ok: true, response }));
  expect(reply({ Messages: {}, Spawns: [], Output: '' })).not.toHaveProperty('refused');
  expect(reply({ Messages: { first: { Target: 'x' } } })).toMatchObject({
    messages: [],
    refused: [{ kind: 'message', code: 'UNSENDABLE_MESSAGE' }],
  });
});

test('notices stay with their results in a store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corral-notices-'));
  const open = () => {
    const clock = createVirtualClock();
    const gateway = createGateway({ store: createSqliteStore(folder), now: () => clock.now() });
    return startNetwork({ gateway, clock }).then((started) => ({ ...started, gateway }));
  };
  const first = await open();
  const a = await first.spawn();
  const receipt = await a.eval(`Send({ Target = 'nobody' })`);
  const { refused } = await first.network.result(a.id, receipt.id);
  expect(refused).toMatchObject([{ code: 'UNSENDABLE_MESSAGE', index: 0 }]);
  await first.network.close();
  first.gateway.close();
  const second = await open();
  expect((await second.network.result(a.id, receipt.id)).refused).toEqual(refused);
  await second.network.close();
  second.gateway.close();
  rmSync(folder, { recursive: true });
});
