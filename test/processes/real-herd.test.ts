/** The herd as it is shipped: the real network, the real engine, the demo model. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printedText } from '../../actors/compute/result.js';
import type { ProcessHandle } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { type Corral, startCorral } from '../../herd/corral.js';

const LIFE = 'What is the meaning of life?';
let corral: Corral;
let user: ProcessHandle;

beforeAll(async () => {
  corral = await startCorral({ listen: false, clock: 'virtual', workers: 2 });
  user = await corral.spawnUser({ name: 'asker', war: 1_000_000n });
});

afterAll(() => corral.close());

/** Evaluates code in the user's process, and all that follows. Returns what the Eval shows. */
async function run(code: string): Promise<string> {
  const receipt = await user.eval(code);
  expect(receipt.errors).toEqual([]);
  return (receipt.result && printedText(receipt.result)) ?? '';
}

async function balances(): Promise<Record<string, string>> {
  await run(
    'Send({ Target = Llama.token, Action = "Balances" }).onReply(function(m) ALL = m.Data end)',
  );
  return JSON.parse(await run('return ALL')) as Record<string, string>;
}

const held = async (): Promise<string | undefined> => (await balances())[user.id];

test('answers a question for its fee', async () => {
  const before = BigInt((await held()) ?? 0);
  await run(`Llama.run("${LIFE}", 20, function(text) OUTPUTS = text end)`);
  expect(await run('return OUTPUTS')).toMatch(/^[A-Z].* life .*\.$/);
  expect(BigInt((await held()) ?? 0)).toBe(before - 27n);
});

test('has every answer claimed, and the claim final when nobody challenged it', async () => {
  const { arbiter, herder, workers } = corral.info.processes;
  const ask = async (action: string, tags: Record<string, string> = {}) => {
    const Tags = Object.entries({ Action: action, ...tags }).map(([name, value]) => ({
      name,
      value,
    }));
    const { messages } = await corral.network.dryRun(arbiter, { Tags });
    return JSON.parse(String(messages[0]?.Data));
  };
  const [claim] = (await ask('Open-Claims')) as string[];
  const view = await ask('Claim-Info', { Claim: claim ?? '' });
  expect(view).toMatchObject({
    id: `${herder}:1`,
    status: 'open',
    answer: await run('return OUTPUTS'),
  });
  expect(workers).toContain(view.worker);
  expect(await ask('Account', { Account: view.worker })).toMatchObject({
    free: '99990000000000',
    locked: '10000000000',
    delegate: corral.network.wallet('operator').address,
  });
  // Nobody sends anything: the arbiter's own cron sees that the window is over, within five minutes.
  await corral.network.clock.advance(view.until - view.openedAt + 5 * 60_000);
  expect(await ask('Claim-Info', { Claim: claim ?? '' })).toMatchObject({ status: 'final' });
  expect(await ask('Open-Claims')).toEqual([]);
});

test('ends the answer before the stop text', async () => {
  await run(`Llama.run("${LIFE}", 20, function(text) SHORT = text end, { Termination = " life" })`);
  expect(await run('return SHORT')).toMatch(/^[A-Z].*(?<! life)$/);
  expect(await run('return OUTPUTS:sub(1, #SHORT + 5) == SHORT .. " life" and "cut"')).toBe('cut');
});

test('refunds a prompt that does not fit the context, and works on', async () => {
  const before = await held();
  const options = '{ OnError = function(reason) WHY = reason end }';
  await run(`Llama.run(("llama "):rep(400), 5, nil, ${options})`);
  expect(await run('return WHY')).toMatch(/^Refunded: The prompt .*(context|tokens)/);
  expect(await held()).toBe(before);
  await run(`Llama.run("${LIFE}", 20, function(text) AGAIN = text end)`);
  expect(await run('return tostring(AGAIN == OUTPUTS)')).toBe('true');
});

test('tells a joke on a topic to who asks the joker', async () => {
  const { joker } = corral.info.processes;
  await run(`Send({ Target = "${joker}", Action = "Joke", Topic = "cats" })`);
  expect(await run('return Inbox[#Inbox].Action')).toBe('Joke-Response');
  expect(await run('return Inbox[#Inbox].Data')).toMatch(/^[A-Z].* cat.*[.!?]$/s);
});

test('carries the most X- tags that wAR forwards, and says no to one more', async () => {
  const { wallet } = devWallet('alice');
  const pay = (count: number) => {
    const tag = (i: number) => [`X-${String(i).padStart(3, '0')}`, 'x'.repeat(27)]; // 36 bytes
    const tags = Object.fromEntries(Array.from({ length: count }, (_, i) => tag(i)));
    return corral.network.send({
      from: wallet,
      to: corral.info.processes.war,
      action: 'Transfer',
      tags: { Recipient: user.id, Quantity: '1', ...tags },
    });
  };
  const before = BigInt((await held()) ?? 0);
  const most = await pay(100);
  expect(most.errors).toEqual([]);
  expect(most.messages.map(({ action }) => action)).toEqual(['Debit-Notice', 'Credit-Notice']);
  const more = await pay(101);
  expect(more.errors).toEqual([]);
  expect(more.messages.map(({ action }) => action)).toEqual(['Transfer-Error']);
  expect(BigInt((await held()) ?? 0)).toBe(before + 1n);
});

test('keeps the supply of wAR', async () => {
  const all = Object.values(await balances()).map(BigInt);
  await run(
    'Send({ Target = Llama.token, Action = "Total-Supply" }).onReply(function(m) SUM = m.Data end)',
  );
  expect(all.reduce((sum, balance) => sum + balance, 0n)).toBe(BigInt(await run('return SUM')));
});
