/** Whole networks in one process: what comes of a message, and what never does. */
import { describe, expect, test } from 'vitest';
import type { NetworkEvent } from '../../actors/events.js';
import { tagValue } from '../../actors/items/protocol.js';
import { signDataItem, verifyDataItem } from '../../arlocal/data-item.js';
import { postL1 } from '../arlocal/transactions.js';
import { kernelModule, printed, startNetwork } from './kernel-module.js';

const PONG = `Handlers.add('ping', 'Ping', function(m) m.reply({ Action = 'Pong', Data = 'pong' }) end)`;

const code = (code: string) => expect.objectContaining({ code });

describe('a message', () => {
  test('is assigned, evaluated and cranked until idle', async () => {
    const { network, spawn } = await startNetwork();
    const a = await spawn();
    const b = await spawn(PONG);
    const receipt = await a.eval(`Send({ Target = '${b.id}', Action = 'Ping' })`);
    expect(receipt.assignment).toMatchObject({ nonce: 1, messageId: receipt.id });
    expect(receipt.messages.map(({ from, target, action }) => [from, target, action])).toEqual([
      [a.id, b.id, 'Ping'],
      [b.id, a.id, 'Pong'],
    ]);
    expect(receipt.errors).toEqual([]);
    expect(printed(await a.eval('Inbox[#Inbox].Data'))).toBe('pong');
    await network.close();
  });

  test('knows its cause: a receipt is a tree', async () => {
    const { network, spawn } = await startNetwork();
    const a = await spawn();
    const b = await spawn(PONG);
    const { tree, id } = await a.eval(
      `Send({ Target = '${b.id}', Action = 'Ping' }); Send({ Target = '${b.id}', Action = 'No' })`,
    );
    const [ping, no] = tree.children;
    expect(tree.children).toHaveLength(2);
    expect([ping?.cause, no?.cause, ping?.depth]).toEqual([id, id, 1]);
    expect(ping?.children.map(({ action, cause }) => [action, cause])).toEqual([
      ['Pong', ping?.id],
    ]);
    expect(no?.children).toEqual([]);
    expect(network.trace(ping?.id ?? '')).toBe(ping);
    await network.close();
  });

  test('that a process sends is signed by the messenger unit and says where it comes from', async () => {
    const { network, module, alice, spawn } = await startNetwork();
    const a = await spawn();
    const receipt = await a.eval(`Send({ Target = '${alice.address}', Data = 'hi', X = 'y' })`);
    const [sent] = receipt.messages;
    const item = network.gateway.item(sent?.id ?? '');
    expect(item && verifyDataItem(item)).toBe(true);
    expect(item).toMatchObject({ address: network.addresses.messenger, target: alice.address });
    const tags = item?.tags ?? [];
    expect(tagValue(tags, 'From-Process')).toBe(a.id);
    expect(tagValue(tags, 'From-Module')).toBe(module);
    expect(tagValue(tags, 'Pushed-For')).toBe(receipt.id);
    expect(tagValue(tags, 'X')).toBe('y');
    expect(item?.anchor).toMatch(/^\d{32}$/);
    await network.close();
  });

  test('to a wallet is stored and nothing else', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn();
    const fromProcess = await a.eval(`Send({ Target = '${alice.address}', Data = 'hi' })`);
    expect(fromProcess.messages[0]).not.toHaveProperty('nonce');
    const bob = network.wallet('bob');
    const fromWallet = await network.send({ from: alice, to: bob.address, data: 'hello' });
    expect(fromWallet.result).toBeUndefined();
    expect(Buffer.from(network.gateway.data(fromWallet.id) ?? []).toString()).toBe('hello');
    await network.close();
  });

  test('to nobody known is refused with what to do', async () => {
    const { network, alice } = await startNetwork();
    const unknown = network.send({ from: alice, to: 'A'.repeat(43) });
    await expect(unknown).rejects.toThrow(code('UNKNOWN_PROCESS'));
    await expect(network.send({ from: alice, to: '' })).rejects.toThrow(code('UNKNOWN_PROCESS'));
    await network.close();
  });

  test('that is submitted must be signed, and must be of the protocol', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn();
    const { bytes } = signDataItem(alice, {
      target: a.id,
      data: 'x',
      tags: [{ name: 'Type', value: 'Message' }],
    });
    await expect(network.submit(bytes)).rejects.toThrow(code('NOT_AO'));
    const bad = Uint8Array.from(bytes);
    bad[bytes.length - 1] = 'y'.charCodeAt(0);
    await expect(network.submit(bad)).rejects.toThrow(code('ITEM_NOT_SIGNED'));
    await expect(network.submit(bytes.subarray(0, 50))).rejects.toThrow(code('ITEM_TRUNCATED'));
    expect(network.units.log.next(a.id)).toBe(1);
    await network.close();
  });

  test('is taken once', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn();
    const tags = [
      { name: 'Data-Protocol', value: 'ao' },
      { name: 'Type', value: 'Message' },
    ];
    const { bytes } = signDataItem(alice, { target: a.id, tags });
    await network.submit(bytes);
    await expect(network.submit(bytes)).rejects.toThrow(code('DUPLICATE_MESSAGE'));
    await network.close();
  });

  test('beyond the size of the network is refused, from outside and from a process', async () => {
    const { network, alice, spawn } = await startNetwork({ limits: { messageBytes: 20_000 } });
    const a = await spawn();
    const { bytes } = signDataItem(alice, { target: a.id, data: 'x'.repeat(20_001) });
    await expect(network.submit(bytes)).rejects.toThrow(code('ITEM_TOO_LARGE'));
    const receipt = await a.eval(
      `Send({ Target = '${alice.address}', Data = ('x'):rep(20001) }); Send({ Target = '${alice.address}' })`,
    );
    expect(receipt.errors).toMatchObject([
      { code: 'MESSAGE_TOO_LARGE', process: a.id, message: receipt.id },
    ]);
    expect(receipt.messages).toHaveLength(1);
    await network.close();
  });
});

describe('an outbox', () => {
  test('loses a message with a bad tag, says so, and goes on', async () => {
    const { network, alice, spawn } = await startNetwork();
    const errors: NetworkEvent[] = [];
    network.events.on('error', (event) => errors.push(event));
    const a = await spawn();
    const to = `Target = '${alice.address}'`;
    const receipt = await a.eval(`
      Send({ ${to}, Quantity = 5 })
      Send({ ${to}, Long = ('x'):rep(4097) })
      Send({ Target = 'nobody' })
      Send({ ${to}, Data = 'fine' })`);
    expect(receipt.errors).toMatchObject([
      { code: 'TAG_NOT_STRING', process: a.id, message: receipt.id, tag: 'Quantity' },
      { code: 'TAGS_TOO_LONG', process: a.id, message: receipt.id },
      { code: 'UNSENDABLE_MESSAGE', process: a.id, message: receipt.id },
    ]);
    expect(errors.map((event) => event.type === 'error' && event.error)).toEqual(receipt.errors);
    expect(receipt.messages).toHaveLength(1);
    await network.close();
  });

  test('sends the same thing twice if it is asked to', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn();
    const entry = `{ Target = '${alice.address}', Anchor = ('0'):rep(32), Data = 'x', Tags = {} }`;
    const receipt = await a.eval(`for i = 1, 3 do table.insert(ao.outbox.Messages, ${entry}) end`);
    expect(receipt.errors).toEqual([]);
    expect(new Set(receipt.messages.map(({ id }) => id)).size).toBe(3);
    await network.close();
  });

  test('spawns: the child runs and its parent is told', async () => {
    const { network, module, spawn } = await startNetwork();
    const parent = await spawn();
    const receipt = await parent.eval(
      `Spawn('${module}', { Name = 'kid', Authority = ao.authorities[1] })`,
    );
    const [child, notice] = receipt.messages;
    expect(child).toMatchObject({ kind: 'spawn', from: parent.id, nonce: 0 });
    expect(notice).toMatchObject({ action: 'Spawned', target: parent.id, cause: child?.id });
    expect(printed(await parent.eval('Inbox[#Inbox].Process'))).toBe(child?.id);
    const { output } = await network.dryRun(child?.id ?? '', {
      Owner: parent.id,
      From: parent.id,
      Tags: [{ name: 'Action', value: 'Eval' }],
      Data: 'Name .. Owner',
    });
    expect(output).toMatchObject({ data: `kid${parent.id}` });
    await network.close();
  });

  test('cannot spawn from a module that is none', async () => {
    const { network, spawn } = await startNetwork();
    const parent = await spawn();
    const receipt = await parent.eval(`Spawn('${parent.id}', {}); Spawn('${'A'.repeat(43)}', {})`);
    expect(receipt.errors.map((error) => error.code)).toEqual(['NOT_A_MODULE', 'MODULE_NOT_FOUND']);
    await network.close();
  });

  test('assigns messages, by Assign and by the tag of a message', async () => {
    const { network, alice, spawn } = await startNetwork();
    const listener = `ao.addAssignable('all', function() return true end)
      Handlers.add('note', 'Note', function(m) Noted = (Noted or '') .. m.Data end)`;
    const a = await spawn();
    const b = await spawn(listener);
    const c = await spawn(listener);
    const noted = await network.send({ from: alice, to: a.id, action: 'Note', data: 'one' });
    await a.eval(`Assign({ Processes = { '${b.id}', '${c.id}' }, Message = '${noted.id}' })`);
    const tagged = `Send({ Target = '${a.id}', Action = 'Note', Data = 'two', Assignments = { '${b.id}' } })`;
    const receipt = await a.eval(tagged);
    expect(receipt.messages.map(({ kind, target }) => [kind, target])).toEqual([
      ['message', a.id],
      ['assignment', b.id],
    ]);
    expect(printed(await b.eval('Noted'))).toBe('onetwo');
    expect(printed(await c.eval('Noted'))).toBe('one');
    await network.close();
  });

  test('assigns a transaction of Arweave itself, with and without data', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn(`ao.addAssignable('all', function() return true end)
      Handlers.add('l1', { ['Block-Height'] = '_', L1 = '_' }, function(m)
        Got = (Got or '') .. '[' .. m.Data .. ']'
      end)`);
    const tags = [{ name: 'L1', value: 'yes' }];
    const full = await postL1(network.gateway, { mint: 10n ** 12n, data: 'from L1', tags });
    const empty = await postL1(network.gateway, { target: alice.address, quantity: 1n, tags });
    for (const { id } of [full, empty]) {
      expect((await network.assign(a.id, id)).errors).toEqual([]);
    }
    expect(printed(await a.eval('Got'))).toBe('[from L1][]');
    await network.close();
  });

  test.each([
    [{ crankDepth: 20 }, 'CRANK_TOO_DEEP', 20],
    [{ crankDeliveries: 30 }, 'CRANK_TOO_MANY', 30],
  ])('that never ends is stopped by %j', async (limits, expected, count) => {
    const { network, spawn } = await startNetwork({ limits });
    const loop = `Handlers.add('ball', 'Ball', function(m) Send({ Target = m.From, Action = 'Ball' }) end)`;
    const a = await spawn(loop);
    const b = await spawn(loop);
    const receipt = await a.eval(`Send({ Target = '${b.id}', Action = 'Ball' })`);
    expect(receipt.messages).toHaveLength(count);
    expect(receipt.errors.map((error) => error.code)).toEqual([expected]);
    await network.close();
  });
});

describe('a handler that fails', () => {
  const errorsOf = async (program: string, options = {}) => {
    const { network, alice, spawn } = await startNetwork(options);
    const seen: NetworkEvent[] = [];
    network.events.on('error', (event) => seen.push(event));
    const a = await spawn(`Count = 1; Handlers.add('bad', 'Bad', function(m)
      Count = Count + 1
      Send({ Target = m.From, Data = 'never' })
      ${program}
    end)`);
    const before = await network.stateHash(a.id);
    const receipt = await network.send({ from: alice, to: a.id, action: 'Bad' });
    expect(await network.stateHash(a.id)).toBe(before);
    expect(receipt.messages).toEqual([]);
    expect(printed(await a.eval('Count'))).toBe('1');
    expect(seen).toEqual([{ type: 'error', error: receipt.errors[0] }]);
    expect(receipt.result?.error?.text).toBe(receipt.errors[0]?.text);
    await network.close();
    return receipt.errors[0];
  };

  test('by throwing is named with its line, and nothing of it stays', async () => {
    const error = await errorsOf(`error('boom')`);
    expect(error).toMatchObject({ code: 'EVALUATION_FAILED', handler: 'bad', line: 4 });
    expect(error?.text).toContain('boom');
  });

  test('by looping for ever ends, and the process lives on', async () => {
    const error = await errorsOf('while true do end', { limits: { instructions: 3_000_000 } });
    expect(error).toMatchObject({
      code: 'INSTRUCTION_LIMIT',
      hint: expect.stringContaining('loop'),
    });
  });

  test('by filling memory ends, and the process lives on', async () => {
    const fill = `local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end`;
    const error = await errorsOf(fill, { limits: { memoryBytes: 24 * 1024 * 1024 } });
    expect(error?.text).toContain('not enough memory (MEMORY_LIMIT: ');
    expect(error).toMatchObject({
      code: 'MEMORY_LIMIT',
      limit: expect.any(Number),
      got: expect.any(Number),
    });
  });
});

describe('spawning', () => {
  test('needs a module that exists and is one', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn();
    const from = alice;
    await expect(network.spawn({ from, module: 'A'.repeat(43) })).rejects.toThrow(
      code('MODULE_NOT_FOUND'),
    );
    await expect(network.spawn({ from, module: a.id })).rejects.toThrow(code('NOT_A_MODULE'));
    await network.close();
  });

  test('at a pinned id makes a process that believes it is that one', async () => {
    const { network, module, alice } = await startNetwork();
    const id = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
    const a = await network.spawn({ from: alice, module, id });
    expect(printed(await a.eval('ao.id .. Owner'))).toBe(id + alice.address);
    await expect(network.spawn({ from: alice, module, id })).rejects.toThrow();
    await network.close();
  });

  test('with a broken module gives a process that says so', async () => {
    const { network, alice } = await startNetwork();
    const module = network.publishModule({
      entry: 'main',
      files: [{ name: 'main', source: 'x = (' }],
    });
    const a = await network.spawn({ from: alice, module });
    expect(a.spawned.errors).toMatchObject([{ code: 'LUA_SYNTAX', process: a.id }]);
    expect(a.spawned.errors[0]?.text).toContain('unexpected symbol');
    await network.close();
  });

  test('gives data that is no text to nobody as text, and keeps its bytes', async () => {
    const { network, alice, spawn } = await startNetwork();
    const a = await spawn(`Handlers.add('d', 'Data', function(m) Kind = type(m.Data) end)`);
    const data = Uint8Array.of(0xff, 0x00, 0xfe);
    const sent = await network.send({ from: alice, to: a.id, action: 'Data', data });
    expect(sent.errors).toEqual([]);
    expect(printed(await a.eval('Kind'))).toBe('nil');
    expect(Uint8Array.from(network.gateway.data(sent.id) ?? [])).toEqual(data);
    await network.close();
  });

  test('assigns the process to its target as well', async () => {
    const { network, module, alice, spawn } = await startNetwork();
    const a = await spawn(`ao.addAssignable('all', function() return true end)`);
    const { bytes } = signDataItem(alice, {
      target: a.id,
      tags: [
        { name: 'Data-Protocol', value: 'ao' },
        { name: 'Type', value: 'Process' },
        { name: 'Module', value: module },
      ],
    });
    const receipt = await network.submit(bytes);
    expect(receipt.messages).toMatchObject([{ kind: 'assignment', id: receipt.id, target: a.id }]);
    await network.close();
  });
});

test('a module is what its files say: publishing it twice gives one id', async () => {
  const { network, module } = await startNetwork();
  expect(network.publishModule(kernelModule())).toBe(module);
  await network.close();
});
