/** Requests that were refused are told where the network runs, and a flood of them is bounded. */
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NetworkEvent } from '../../actors/events.js';
import type { ActorNetwork } from '../../actors/network.js';
import { createRefusals, TOLD_PER_SECOND } from '../../herd/refusals.js';
import { type Apps, createApps } from '../../herd/serve.js';
import { startNetwork } from '../actors/kernel-module.js';

const UNKNOWN = 'A'.repeat(43);
let network: ActorNetwork;
let apps: Apps;
let told: Extract<NetworkEvent, { type: 'refused' }>[] = [];

beforeAll(async () => {
  network = (await startNetwork()).network;
  apps = createApps(network, () => ({}));
  network.events.on('refused', (event) => told.push(event));
});
afterAll(() => network.close());

async function tellsOf(part: keyof Apps, path: string, init: RequestInit) {
  told = [];
  const response = await apps[part].request(path, init);
  return { answer: (await response.json()) as { error: string }, told };
}

test.each([
  ['gateway', '/tx', 'JSON_INVALID', 400],
  ['bundler', '/tx', 'SIGNATURE_TYPE_UNSUPPORTED', 400],
  ['mu', '/', 'SIGNATURE_TYPE_UNSUPPORTED', 400],
  ['su', '/', 'SIGNATURE_TYPE_UNSUPPORTED', 400],
  ['cu', `/dry-run?process-id=${UNKNOWN}`, 'BAD_REQUEST', 400],
  ['node', `/${UNKNOWN}/push`, 'UNKNOWN_PROCESS', 404],
] as const)('the %s tells of a write to %s', async (part, path, code, status) => {
  const { answer, told } = await tellsOf(part, path, { method: 'POST', body: 'nonsense' });
  expect(told).toMatchObject([{ part, method: 'POST', path: path.split('?')[0], code, status }]);
  const text = told[0]?.text ?? '';
  expect(text.length).toBeGreaterThan(10);
  expect(answer.error).toContain(text.replace(/\.$/, ''));
});

test('reads that find nothing, and what is taken, need no line', async () => {
  expect((await tellsOf('gateway', `/tx/${UNKNOWN}`, {})).told).toEqual([]);
  expect((await tellsOf('node', `/${UNKNOWN}/now`, {})).told).toEqual([]);
  const init = { method: 'POST', body: JSON.stringify({ query: '{ __typename }' }) };
  expect((await tellsOf('gateway', '/graphql', init)).told).toEqual([]);
  const debug = { method: 'POST', body: JSON.stringify({ message: UNKNOWN }) };
  expect((await tellsOf('gateway', '/corral/debug', debug)).told).toEqual([]);
});

function createFailing() {
  const events: NetworkEvent[] = [];
  const seconds: (() => void)[] = [];
  const app = new Hono();
  app.get('/damaged', (c) =>
    c.json(
      { error: 'It is damaged. Run verify.', code: 'STORE_DAMAGED', hint: 'Run verify.' },
      503,
    ),
  );
  app.post('/words', (c) => c.text(`no: ${'x'.repeat(5_000)}`, 400));
  const { watch } = createRefusals(
    (event) => events.push(event),
    (run) => seconds.push(run),
  );
  return { app: watch('gateway', app), events, seconds };
}

test('what failed here is told even if it was a read, its text without the hint', async () => {
  const { app, events } = createFailing();
  await app.request('/damaged');
  const [event] = events;
  expect(event).toMatchObject({ status: 503, code: 'STORE_DAMAGED', text: 'It is damaged.' });
  expect(event).toMatchObject({ hint: 'Run verify.' });
});

test('a flood is told in part, and the rest counted when the second is over', async () => {
  const { app, events, seconds } = createFailing();
  const flood = TOLD_PER_SECOND + 25;
  for (let i = 0; i < flood; i++) await app.request('/words', { method: 'POST' });
  expect(events).toHaveLength(TOLD_PER_SECOND);
  expect(JSON.stringify(events[0]).length).toBeLessThan(1_000);
  expect(seconds).toHaveLength(1);
  seconds[0]?.();
  expect(events).toHaveLength(TOLD_PER_SECOND + 1);
  expect(events.at(-1)).toMatchObject({ code: 'REFUSED', others: 24 });
  await app.request('/words', { method: 'POST' });
  expect(events).toHaveLength(TOLD_PER_SECOND + 2);
  expect(seconds).toHaveLength(2);
});
