/**
 * Requests of all kinds to all routes, and bytes of all kinds to all ports. The servers answer every
 * one of them with a status that makes sense and JSON for what they refuse; they never fail, never
 * grow, and never let in what nobody signed. `npm run fuzz` makes 100,000 of them.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyDataItem } from '../../arlocal/data-item.js';
import { createGatewayApp } from '../../arlocal/http/gateway-app.js';
import { createChance } from './chance.js';
import { type FuzzRequest, makeRequest, type Part, type Route, routesOf } from './requests.js';
import { openSite, type Site } from './site.js';
import { sendDamaged } from './sockets.js';

const REQUESTS = Number(process.env.CORRAL_FUZZ ?? 2_500);
const STREAMS = Math.ceil(REQUESTS / 20);
const SEED = Number(process.env.CORRAL_FUZZ_SEED ?? 1);
/** Bytes that the heap may grow by in the second half of the run, after garbage collection. */
const HEAP_GROWTH_MAX = 48 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapBytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

let site: Site;
let routes: Route[];
beforeAll(async () => {
  site = await openSite();
  routes = (Object.entries(site.apps) as [Part, Site['apps'][Part]][]).flatMap(([part, app]) =>
    routesOf(part, app),
  );
  routes.push(...routesOf('gateway', createGatewayApp(site.network.gateway)));
});
afterAll(() => site.close());

/** What is wrong with an answer; undefined if nothing is. */
async function faultOf({ method }: FuzzRequest, response: Response): Promise<string | undefined> {
  const { status, headers } = response;
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return undefined;
  }
  const text = await response.text();
  if (status < 200 || status >= 500) return `status ${status}: ${text.slice(0, 300)}`;
  if (method === 'HEAD' || status < 400) {
    if (type.startsWith('application/json') && method !== 'HEAD' && status === 200) {
      return isJson(text) ? undefined : `no JSON: ${text.slice(0, 100)}`;
    }
    return undefined;
  }
  if (!isJson(text)) return `a refusal that is no JSON: ${text.slice(0, 100)}`;
  const body = JSON.parse(text) as { error?: unknown; errors?: unknown } | null;
  return body?.error || body?.errors ? undefined : `a refusal without error: ${text.slice(0, 100)}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function ask(request: FuzzRequest): Promise<Response | undefined> {
  const { part, method, target, headers, body } = request;
  let built: Request;
  try {
    built = new Request(`http://127.0.0.1${target}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
  } catch {
    return undefined; // no client can send it; sockets.ts can
  }
  return site.apps[part].fetch(built);
}

describe('requests to all routes', () => {
  test('cover all parts', () => {
    const count = (part: Part) => routes.filter((route) => route.part === part).length;
    for (const part of Object.keys(site.apps) as Part[]) expect(count(part)).toBeGreaterThan(3);
  });

  test(`${REQUESTS} times: no failure, no growth, no forgery`, async () => {
    const chance = createChance(SEED);
    const statuses = new Map<string, number>();
    const faults: string[] = [];
    let slowest = { ms: 0, what: '' };
    let heapHalfway = 0;
    for (let i = 0; i < REQUESTS; i++) {
      if (i === REQUESTS >> 1) heapHalfway = heapBytes();
      const request = makeRequest(site, routes, chance);
      const what = `#${i} ${request.part} ${request.method} ${request.target.slice(0, 200)}`;
      const startMs = performance.now();
      const response = await ask(request);
      const ms = performance.now() - startMs;
      if (ms > slowest.ms) slowest = { ms, what };
      const key = response ? `${request.part} ${response.status}` : 'cannot be sent';
      statuses.set(key, (statuses.get(key) ?? 0) + 1);
      const fault = response && (await faultOf(request, response));
      if (fault) faults.push(`${what}: ${fault}`);
      if (i % 64 === 0) await site.network.gateway.durable();
    }
    const growth = heapBytes() - heapHalfway;
    if (process.env.CORRAL_FUZZ) report(statuses, slowest, growth);
    expect(faults.slice(0, 10)).toEqual([]);
    expect(growth).toBeLessThan(HEAP_GROWTH_MAX);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await site.checkUntouched();
  }, 3_600_000);

  test('put nothing into a log that nobody signed', () => {
    const { gateway, units } = site.network;
    for (const id of units.scheduler.processes()) {
      for (const { messageId, assignmentId } of units.log.read(id, 0)) {
        const item = gateway.item(messageId);
        if (item) expect(verifyDataItem(item)).toBe(true);
        const assignment = gateway.item(assignmentId);
        expect(assignment && verifyDataItem(assignment)).toBe(true);
      }
    }
  });

  test('leave a network that works', async () => {
    const [process = ''] = site.processes;
    const alice = site.network.wallet('alice');
    const receipt = await site.network.send({
      from: alice,
      to: process,
      action: 'Eval',
      data: '6*7',
    });
    expect(receipt.result?.output).toMatchObject({ data: '42' });
  });
});

test(`${STREAMS} streams of bytes to open ports: each is answered or hung up on`, async () => {
  const { answers, faults } = await sendDamaged(site, STREAMS, SEED);
  if (process.env.CORRAL_FUZZ) console.log('sockets', Object.fromEntries(answers));
  expect(faults.slice(0, 10)).toEqual([]);
  await site.checkUntouched();
}, 3_600_000);

function report(statuses: Map<string, number>, slowest: object, growth: number): void {
  console.log(Object.fromEntries([...statuses].sort()));
  console.log({ requests: REQUESTS, seed: SEED, slowest, heapGrowthBytes: growth });
}
