/** All of it in one call: options, what is at the front door, keeping a network in a folder. */

import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';
import {
  type Corral,
  type CorralOptions,
  type NetworkEvent,
  printedText,
  startCorral,
} from '../../index.js';

const PORT_BASE = 4660;
const MODEL = join(packageRoot, 'models', 'corral-llama.gguf');
let scratch: string;
const running: Corral[] = [];

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-test-'));
});

afterEach(async () => {
  for (const corral of running.splice(0)) await corral.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function start(options: CorralOptions = {}): Promise<Corral> {
  const keys = join(scratch, 'keys');
  const corral = await startCorral({ listen: false, clock: 'virtual', keys, ...options });
  running.push(corral);
  return corral;
}

describe('options that cannot be', () => {
  const cut = () => {
    const path = join(scratch, 'cut.gguf');
    copyFileSync(MODEL, path);
    truncateSync(path, 1_000_000);
    return path;
  };
  const text = () => {
    const path = join(scratch, 'notes.txt');
    writeFileSync(path, 'These are notes, not weights.');
    return path;
  };
  test.each<[string, string, () => CorralOptions]>([
    ['a seed that is no whole number', 'BAD_OPTION', () => ({ seed: 1.5 })],
    ['a negative seed', 'BAD_OPTION', () => ({ seed: -1 })],
    ['too many workers', 'BAD_OPTION', () => ({ workers: 65 })],
    ['a port that does not exist', 'BAD_OPTION', () => ({ portBase: 70_000 })],
    ['a model file that is missing', 'MODEL_NOT_FOUND', () => ({ model: '/no/such.gguf' })],
    ['a model file that is truncated', 'MODEL_INVALID', () => ({ model: cut() })],
    ['a model file that is not GGUF', 'MODEL_INVALID', () => ({ model: text() })],
    ['a folder of keys that cannot be', 'KEYS_NOT_WRITABLE', () => ({ keys: '/dev/null/keys' })],
    ['a folder that cannot be written', 'STORE_UNUSABLE', () => ({ db: '/dev/null/network' })],
  ])('%s', async (_, code, options) => {
    await expect(start(options())).rejects.toMatchObject({ code, message: expect.any(String) });
  });

  test('a port that is in use: the error names it, and no other port stays taken', async () => {
    const other = createServer().listen(PORT_BASE + 2, '127.0.0.1');
    await once(other, 'listening');
    const taken = start({ listen: true, portBase: PORT_BASE });
    await expect(taken).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(taken).rejects.toThrow(`${PORT_BASE + 2}`);
    other.close();
    await once(other, 'close');
    await start({ listen: true, portBase: PORT_BASE });
  });
});

describe('the front door', () => {
  test('tells the network, the same as `info`', async () => {
    const { info, fetch } = await start();
    const response = await fetch(`${info.urls.gateway}/corral`);
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(info)));
    expect(info.processes.workers).toHaveLength(2);
    for (const { name, jwk } of info.wallets) {
      expect(JSON.parse(readFileSync(jwk, 'utf8')), name).toMatchObject({ kty: 'RSA', e: 'AQAB' });
    }
  });

  test('answers what it does not know as JSON, at every part', async () => {
    const { info, fetch } = await start({ workers: 0 });
    for (const [part, url] of Object.entries(info.urls)) {
      const response = await fetch(`${url}/no/such/route`, { method: 'PUT' });
      expect(response.status, part).toBe(404);
      expect(await response.json(), part).toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('streams what happens', async () => {
    const { info, fetch, network } = await start({ workers: 0 });
    const { body } = await fetch(`${info.urls.gateway}/corral/events`);
    const reader = body?.getReader();
    const first = reader?.read();
    await network.send({ from: network.wallet('a'), to: info.processes.war, action: 'Info' });
    const { value } = (await first) ?? {};
    expect(Buffer.from(value ?? []).toString()).toMatch(/^data: \{"type":"scheduled"/);
    await reader?.cancel();
  });
});

describe('two networks in one process', () => {
  test('of one seed are the same, and do not see each other', async () => {
    const [one, other] = [await start(), await start()];
    const { urls: _, ...info } = one.info;
    expect(other.info).toMatchObject(info);
    const user = await one.spawnUser({ name: 'user', war: 5n });
    expect(other.network.gateway.item(user.id)).toBeUndefined();
  });

  test('of other seeds have other ids', async () => {
    const [one, other] = [await start({ seed: 1 }), await start({ seed: 2 })];
    expect(other.info.processes.joker).not.toBe(one.info.processes.joker);
    expect(other.info.processes.war).toBe(one.info.processes.war);
  });
});

describe('a network in a folder', () => {
  const options = () => ({ db: join(scratch, 'db'), workers: 1 });

  test('goes on where it was', async () => {
    const before = await start(options());
    const user = await before.spawnUser({ name: 'user', war: 1_000n });
    await user.eval('Llama.run("What is a llama?", 12, function(text) ANSWER = text end)');
    const answer = printedText((await user.eval('ANSWER')).result ?? fail());
    const { urls: _, terms: __, ...info } = before.info;
    await before.close();

    const told: string[] = [];
    const onEvent = (event: NetworkEvent) => {
      if (event.type === 'evaluated' && event.process === user.id) told.push(event.output ?? '');
    };
    const after = await start({ ...options(), onEvent });
    expect(after.info).toMatchObject(info);
    const { network } = after;
    const from = network.wallet('user');
    const again = await network.send({ from, to: user.id, action: 'Eval', data: 'ANSWER' });
    expect(printedText(again.result ?? fail())).toBe(answer);
    expect(told).toEqual([answer]); // what the first run told is not told again
    const ask = 'Llama.run("What is a llama?", 12, function(text) SECOND = text end)';
    await network.send({ from, to: user.id, action: 'Eval', data: ask });
    const second = await network.send({ from, to: user.id, action: 'Eval', data: 'SECOND' });
    expect(printedText(second.result ?? fail())).toBe(answer);
  });

  test('of another seed is refused by name', async () => {
    await (await start({ ...options(), seed: 3 })).close();
    const other = start({ ...options(), seed: 4 });
    await expect(other).rejects.toMatchObject({ code: 'STORE_OF_OTHER_SEED' });
    await expect(other).rejects.toThrow('holds a network of seed 3, not 4');
  });

  test('has the workers of this run, and no others', async () => {
    await (await start({ ...options(), workers: 2 })).close();
    const { info, network } = await start({ ...options(), workers: 1 });
    const ask = { Tags: [{ name: 'Action', value: 'Info' }] };
    const { messages } = await network.dryRun(info.processes.herder, ask);
    expect(messages[0]?.Tags).toContainEqual({ name: 'Idle-Workers', value: '1' });
  });

  test('tells its arbiter of the engine of this run, if that knows another', async () => {
    const before = await start(options());
    const { arbiter } = before.info.processes;
    const root = '11'.repeat(32);
    const bounds = { answer: 256, vocabulary: 512, weights: 768, work: 1024, end: 1280 };
    const [codeRoot, vocabularyRoot, weightsRoot] = [root, root, root];
    const other = { codeRoot, vocabularyRoot, weightsRoot, codeLength: 9, entryPc: 0, bounds };
    const registered = await before.network.send({
      from: before.network.wallet('operator'),
      to: arbiter,
      action: 'Register-Model',
      tags: { 'Model-ID': before.info.model.id },
      data: JSON.stringify(other),
    });
    expect(registered.messages[0]?.action).toBe('Model-Registered');
    await before.close();

    const { network, spawnUser, info } = await start(options());
    const user = await spawnUser({ name: 'user', war: 1_000n });
    await user.eval('Llama.run("What is a llama?", 12, function(text) ANSWER = text end)');
    expect(printedText((await user.eval('ANSWER')).result ?? fail())).toContain('llama');
    const open = { Tags: [{ name: 'Action', value: 'Open-Claims' }] };
    const { messages } = await network.dryRun(arbiter, open);
    expect(JSON.parse(String(messages[0]?.Data))).toEqual([`${info.processes.herder}:1`]);
  });

  test('closed in mid answer, serves the request when it is opened again', async () => {
    const before = await start(options());
    const user = await before.spawnUser({ name: 'user', war: 1_000n });
    const token = new Promise<void>((resolve) => {
      before.network.events.on('device', ({ event }) => event.type === 'token' && resolve());
    });
    const ask = 'Llama.run("What is a llama?", 12, function(text) ANSWER = text end)';
    const asked = user.eval(ask);
    await token;
    await before.close();
    await asked;

    const { network } = await start(options());
    await network.resumed;
    const from = network.wallet('user');
    const { result } = await network.send({ from, to: user.id, action: 'Eval', data: 'ANSWER' });
    expect(printedText(result ?? fail())).toContain('llama');
  });
});

function fail(): never {
  throw new Error('the message has no result');
}
