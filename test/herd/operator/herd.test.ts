/** The operator with the real herd behind it: its answers carry the roots of claims that are open. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseOperatorConfig } from '../../../herd/operator/config.js';
import { type Operator, startOperator } from '../../../index.js';
import { Receiver } from './bench.js';

const keys = mkdtempSync(join(tmpdir(), 'corral-operator-'));
const receiver = await new Receiver().listen();
let operator: Operator;

beforeAll(async () => {
  operator = await startOperator({ config: parseOperatorConfig('port: 0'), workers: 2, keys });
});

afterAll(async () => {
  await operator.stop();
  await receiver.close();
  rmSync(keys, { recursive: true });
});

async function ask(fields: Record<string, string>): Promise<void> {
  const question = { model: operator.model, callback: receiver.url, ...fields };
  const init = { method: 'POST', body: JSON.stringify(question) };
  expect((await fetch(`${operator.url}/api/v1/question`, init)).status).toBe(200);
}

async function read(reqId: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${operator.url}/api/v1/requests/${reqId}`);
  return ((await response.json()) as { data: Record<string, unknown> }).data;
}

/** The claim as the arbiter tells it. */
async function readClaim(claim: unknown): Promise<Record<string, unknown>> {
  const { network, info } = operator.corral;
  const tags = [
    { name: 'Action', value: 'Claim-Info' },
    { name: 'Claim', value: String(claim) },
  ];
  const { messages } = await network.dryRun(info.processes.arbiter, { Tags: tags });
  return JSON.parse(String(messages[0]?.Data)) as Record<string, unknown>;
}

describe('an answer', () => {
  test('has the root of a claim that the arbiter holds open, of this very answer', async () => {
    await ask({ prompt: 'Tell me a joke', req_id: 'joke' });
    const { body } = await receiver.received.next();
    expect(body).toMatchObject({ req_id: 'joke', prompt: 'Tell me a joke' });
    expect(body.answer).toMatch(/\w/);
    const request = await read('joke');
    expect(request).toMatchObject({ answer: body.answer, state_root: body.state_root });
    expect(await readClaim(request.claim)).toMatchObject({
      status: 'open',
      answer: body.answer,
      claimRoot: body.state_root?.replace(/^0x/, ''),
    });
  });

  test('is the same for the same question, and another for another', async () => {
    const roots = [];
    for (const prompt of ['Tell me a joke', 'Tell me a joke', 'Tell me a story']) {
      await ask({ prompt });
      roots.push((await receiver.received.next()).body.state_root);
    }
    expect(roots[1]).toBe(roots[0]);
    expect(roots[2]).not.toBe(roots[0]);
  });

  test('of two at once goes to the question that it belongs to', async () => {
    const prompts = ['What is the meaning of life?', 'Who are you?'];
    for (const prompt of prompts) await ask({ prompt });
    const told = [await receiver.received.next(), await receiver.received.next()];
    expect(told.map(({ body }) => body.prompt).sort()).toEqual([...prompts].sort());
    expect(new Set(told.map(({ body }) => body.state_root)).size).toBe(2);
  });
});

test('a question that no worker can answer has the reason of the herd', async () => {
  await ask({ prompt: 'a '.repeat(1500), req_id: 'long' });
  const { body } = await receiver.received.next();
  expect(body).toMatchObject({ req_id: 'long', answer: '', state_root: '' });
  expect(body.error).toMatch(/^ANSWER_FAILED: .*context/);
});

test('an answer whose claim the arbiter refuses is none', async () => {
  const { network, info } = operator.corral;
  const tags = { 'Claim-Bond': `${10n ** 18n}` }; // more than the worker has
  const from = network.wallet('operator');
  await network.send({ from, to: info.processes.arbiter, action: 'Set-Terms', tags });
  await ask({ prompt: 'Tell me a joke', req_id: 'unbonded' });
  const { body } = await receiver.received.next();
  expect(body).toMatchObject({ req_id: 'unbonded', answer: '', state_root: '' });
  expect(body.error).toMatch(/^ANSWER_FAILED: the arbiter did not take the claim/);
});

test('a model file that is missing is a mistake in the config', async () => {
  const config = parseOperatorConfig('model_path: /no/such.gguf');
  const started = startOperator({ config, keys });
  await expect(started).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  await expect(started).rejects.toThrow('model_path');
});
