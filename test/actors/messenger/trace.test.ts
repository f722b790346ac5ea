import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Evaluation } from '../../../actors/compute/evaluation.js';
import type { EvaluationResult } from '../../../actors/compute/result.js';
import type { ErrorReport } from '../../../actors/errors.js';
import { createTrace } from '../../../actors/messenger/trace.js';
import { startNetwork } from '../kernel-module.js';

const result: EvaluationResult = {
  messages: [],
  spawns: [],
  assignments: [],
  output: 'as it was evaluated',
  gas: 0,
};
const evaluation: Evaluation = {
  process: 'P',
  index: 7,
  nonce: 3,
  timestampMs: 0,
  blockHeight: 0,
  result,
};
const BYTES = new Uint8Array([1, 2]);
const fieldsOf = (id: string) => ({ id, kind: 'message', from: 'A', target: 'P' }) as const;
const report = (text: string): ErrorReport => ({ code: 'LUA_ERROR', text });

test('holds no results: they are read where they are stored', () => {
  const stored = new Map([['P:7', { ...result, output: 'as it is stored' }]]);
  const trace = createTrace({
    deliveries: 10,
    bytes: 1e6,
    resultOf: (process, index) => stored.get(`${process}:${index}`),
  });
  const { root } = trace.begin(fieldsOf('one'));
  expect(root.result).toBeUndefined();
  trace.settle(root, evaluation);
  expect(root.result?.output).toBe('as it is stored');
  expect({ ...root }).toMatchObject({ id: 'one', result: { output: 'as it is stored' } });
  stored.clear();
  expect(root.result).toBeUndefined();
  const error = { code: 'NETWORK_CLOSED', value: 'closed', text: 'closed' };
  const failed = trace.begin(fieldsOf('two')).root;
  trace.settle(failed, { ...evaluation, index: -1, result: { ...result, error } });
  expect(failed.result?.error?.code).toBe('NETWORK_CLOSED');
  expect(failed.errors).toMatchObject([{ code: 'NETWORK_CLOSED' }]);
});

test('holds nothing of what was sent either', () => {
  const stored = new Map([['one', { tags: [{ name: 'Action', value: 'Ping' }], data: BYTES }]]);
  const trace = createTrace({
    deliveries: 10,
    bytes: 1e6,
    resultOf: () => undefined,
    messageOf: ({ id }) => stored.get(id),
  });
  const { root } = trace.begin(fieldsOf('one'));
  expect(root.message).toEqual({ tags: [{ name: 'Action', value: 'Ping' }], data: BYTES });
  stored.clear();
  expect(root.message).toBeUndefined();
});

test('lets the results go', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const trace = createTrace({ deliveries: 10, bytes: 1e6, resultOf: () => undefined });
  const settle = (id: string) => {
    const own = { ...result, output: id };
    trace.settle(trace.begin(fieldsOf(id)).root, { ...evaluation, result: own });
    return new WeakRef(own);
  };
  const results = ['one', 'two', 'three'].map(settle);
  await new Promise((resolve) => setImmediate(resolve)); // what is referred to weakly stays that long
  collect();
  expect(trace.all()).toHaveLength(3);
  expect(results.map((own) => own.deref())).toEqual([undefined, undefined, undefined]);
});

test('forgets the oldest by their number, and by their bytes', () => {
  const trace = createTrace({ deliveries: 10, bytes: 100_000, resultOf: () => undefined });
  const ids = Array.from({ length: 30 }, (_, i) => `${i}`);
  const roots = ids.map((id) => trace.begin(fieldsOf(id)).root);
  expect(trace.all().map(({ id }) => id)).toEqual(ids.slice(-10));
  expect(trace.find('19')).toBeUndefined();
  for (const root of roots.slice(-3)) trace.fail(root, report('x'.repeat(40_000)));
  expect(trace.all().map(({ id }) => id)).toEqual(['28', '29']);
  trace.fail(roots[0] as (typeof roots)[number], report('x'.repeat(200_000))); // forgotten before
  expect(trace.find('29')?.errors).toHaveLength(1);
  const large = trace.begin(fieldsOf('large')).root;
  trace.fail(large, report('x'.repeat(200_000)));
  expect(trace.all()).toEqual([large]);
});

test('an assignment with the id of its message is forgotten with the others', () => {
  const trace = createTrace({ deliveries: 3, bytes: 1e6, resultOf: () => undefined });
  const cascade = trace.begin(fieldsOf('one'));
  for (let i = 0; i < 5; i++) {
    trace.add(cascade, cascade.root, { ...fieldsOf('one'), kind: 'assignment' });
  }
  expect(cascade.deliveries).toHaveLength(6);
  trace.begin(fieldsOf('two'));
  expect(trace.find('one')?.kind).toBe('assignment');
  trace.begin(fieldsOf('three'));
  expect(trace.find('one')).toBeUndefined();
});

test('a network remembers what fits, and a receipt reads what it was given', async () => {
  const { network, spawn } = await startNetwork({ limits: { tracedBytes: 100_000 } });
  const a = await spawn();
  const receipts = [];
  for (let i = 0; i < 5; i++) receipts.push(await a.eval(`error(('x'):rep(30000))`));
  const known = receipts.filter(({ id }) => network.trace(id));
  expect(known).toEqual(receipts.slice(-known.length));
  expect(known.length).toBeGreaterThan(0);
  expect(known.length).toBeLessThan(4);
  expect(receipts[0]?.tree.result).toEqual(receipts[0]?.result);
  await network.close();
});
