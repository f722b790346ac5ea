/** A network put on top of a gateway by one option: what the user sees of it, and what survives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../arlocal/gateway.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { type RunningServer, serveApp } from '../../arlocal/http/serve.js';
import { createMemoryStore } from '../../arlocal/memory-store.js';
import { type Corral, type CorralOptions, type GatewayEvent, startCorral } from '../../index.js';

let scratch: string;
let behind: Gateway;
let server: RunningServer;
const running: Corral[] = [];
const events: GatewayEvent[] = [];

const serve = (port = 0) => serveApp(createGatewayApp(behind), { port });

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-upstream-'));
  behind = createGateway({ store: createMemoryStore(), now: () => 1_700_000_000_000 });
  server = await serve();
});

afterEach(async () => {
  for (const corral of running.splice(0)) await corral.close();
  events.length = 0;
  await server.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function start(options: CorralOptions = {}): Promise<Corral> {
  const corral = await startCorral({
    gateway: server.url,
    listen: false,
    clock: 'virtual',
    workers: 0,
    keys: join(scratch, 'keys'),
    onGatewayEvent: (event) => events.push(event),
    ...options,
  });
  running.push(corral);
  return corral;
}

describe('a gateway that cannot be', () => {
  test('does not answer: the start fails, names it and says what to do', async () => {
    await server.close();
    await expect(start()).rejects.toMatchObject({
      code: 'UPSTREAM_AWAY',
      message: expect.stringContaining(server.url),
      hint: 'Start it, or check its address.', // nothing waits for it yet
    });
    server = await serve();
  });

  test('what waits when it is closed is told, and posted after the next start', async () => {
    const db = join(scratch, 'left');
    const { close } = await start({ db });
    const { port } = server;
    await server.close();
    await close();
    const kept = { kind: 'left', url: server.url, kept: true, waiting: expect.any(Number) };
    expect(events.at(-1)).toEqual(kept);
    server = await serve(port);
    const { network } = await start({ db });
    await network.gateway.upstream?.post();
    expect(network.gateway.upstream?.state.waiting).toBe(0);
  });

  test.each(['localhost:1984', 'ftp://localhost', '/tmp', ''])(
    '"%s" is no URL',
    async (gateway) => {
      await expect(start({ gateway })).rejects.toMatchObject({
        code: 'BAD_OPTION',
        hint: expect.stringContaining('--gateway'),
      });
    },
  );

  test('a key file that is none is refused', async () => {
    const gatewayKey = join(scratch, 'key.json');
    writeFileSync(gatewayKey, '{"kty":"RSA"}');
    await expect(start({ gatewayKey })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await expect(start({ gatewayKey: scratch })).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });
});

describe('on top of a gateway', () => {
  test('everything is there when the network has closed', async () => {
    const corral = await start();
    const { module, processes } = corral.info;
    const { gateway } = corral.network;
    await corral.close();
    for (const id of [module, ...Object.values(processes).flat()]) {
      const own = gateway.item(id)?.id;
      if (own) expect(behind.item(own), id).toBeDefined();
    }
    expect(behind.item(module)).toBeDefined();
  });

  test('in wall-clock time it posts by itself', async () => {
    let told: (event: GatewayEvent) => void;
    const posted = new Promise<GatewayEvent>((resolve) => {
      told = resolve;
    });
    await start({ clock: 'wall', onGatewayEvent: (event) => told(event) });
    expect(await posted).toMatchObject({ kind: 'posted' });
  });

  test('when it goes away the network goes on, tells of it, and posts what waited', async () => {
    const corral = await start();
    const { network } = corral;
    const { upstream } = network.gateway;
    await upstream?.post();
    const { port } = server;
    await server.close();
    const alice = network.wallet('alice');
    const process = await network.spawn({ from: alice, module: corral.info.module });
    await process.eval('X = 1');
    await upstream?.post();
    expect(events.at(-1)).toMatchObject({ kind: 'stuck', error: { code: 'UPSTREAM_AWAY' } });
    const missing = network.spawn({ from: alice, module: 'A'.repeat(43) });
    await expect(missing).rejects.toMatchObject({ code: 'UPSTREAM_AWAY' });
    server = await serve(port);
    await upstream?.post();
    expect(events.at(-1)).toMatchObject({ kind: 'going' });
    expect(behind.item(process.id)).toBeDefined();
    expect(upstream?.state).toMatchObject({ waiting: 0, problem: undefined });
  });

  test('a process that assigns what nobody has, or what cannot be asked for, is told so', async () => {
    const corral = await start();
    const { network } = corral;
    const alice = network.wallet('alice');
    const process = await network.spawn({ from: alice, module: corral.info.module });
    const code = `Assign({ Processes = { ao.id }, Message = '${'A'.repeat(43)}' })`;
    const nobody = await process.eval(code);
    expect(nobody.errors).toMatchObject([{ code: 'MESSAGE_NOT_FOUND' }]);
    await server.close();
    const unasked = await process.eval(code);
    expect(unasked.errors).toMatchObject([{ code: 'UPSTREAM_AWAY' }]);
    server = await serve();
  });

  test('a folder remembers what was posted and what was read', async () => {
    const db = join(scratch, 'db');
    const { network, close } = await start({ db });
    const item = network.gateway.query({ first: 1 }).edges[0]?.entry.id ?? '';
    await close();
    const { edges } = behind.query({
      tags: [{ name: 'App-Name', values: ['Corral'] }],
      first: 100,
    });
    const again = await start({ db });
    await again.network.gateway.upstream?.post();
    expect(again.network.gateway.upstream?.state).toMatchObject({ waiting: 0 });
    const after = behind.query({ tags: [{ name: 'App-Name', values: ['Corral'] }], first: 100 });
    expect(after.edges.length - edges.length).toBeLessThanOrEqual(1);
    expect(behind.locate(item)).toBeDefined();
  });
});
