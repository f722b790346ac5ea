/**
 * A whole herd, killed while it answers: every request that was taken with 202 is answered or
 * refunded. A few kills; CORRAL_HERD_KILLS sets another number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Corral, startCorral, verifyNetwork } from '../../index.js';
import { type Acknowledged, runLane } from './lane.js';

const KILLS = Number(process.env.CORRAL_HERD_KILLS ?? 4);
const STEPS = 1_500;
const MINUTES = 60_000;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'corral-herd-kill-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test(
  `a herd is killed ${KILLS} times, and every request is answered or refunded`,
  async () => {
    const folder = join(scratch, 'network');
    const child = 'herd-child.mjs';
    const acknowledged = await runLane({ child, folder, seed: 'herd', kills: KILLS, steps: STEPS });
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    const keys = join(scratch, 'keys');
    const corral = await startCorral({ db: folder, listen: false, workers: 1, keys });
    await corral.network.resumed;
    await untilAllEnded(corral, acknowledged);
    for (const { reference = '' } of acknowledged) {
      expect(endsOf(corral, reference), `request ${reference}`).toHaveLength(1);
    }
    await checkMoney(corral);
    await corral.close();
    const { findings, processes } = await verifyNetwork({ db: folder });
    const differing = processes.filter(({ differences }) => differences.length > 0);
    expect({ findings, differing }).toEqual({ findings: [], differing: [] });
  },
  60 * MINUTES,
);

/** Answers to a request and refunds of it, as its sender got them. */
function endsOf({ network, info }: Corral, reference: string) {
  const asker = network.wallet('operator').address;
  const tags = [{ name: 'X-Reference', values: [reference] }];
  const { edges } = network.gateway.query({ recipients: [asker], tags, first: 100 });
  return edges.filter(({ entry }) => {
    const tag = (name: string) => entry.tags.find((one) => one.name === name)?.value;
    const isAnswer = tag('Action') === 'Inference-Response';
    const isRefund = tag('Action') === 'Credit-Notice' && tag('Sender') === info.processes.herder;
    return isAnswer || isRefund;
  });
}

/** Looks again after each evaluation of the herder or wAR, until every request has its end. */
async function untilAllEnded(corral: Corral, acknowledged: readonly Acknowledged[]): Promise<void> {
  const open = new Set(acknowledged.map(({ reference = '' }) => reference));
  const look = () => {
    for (const reference of open) if (endsOf(corral, reference).length > 0) open.delete(reference);
    return open.size === 0;
  };
  if (look()) return;
  await new Promise<void>((resolve) => {
    const stop = corral.network.events.on('sent', () => {
      if (!look()) return;
      stop();
      resolve();
    });
  });
}

async function checkMoney({ network, info }: Corral) {
  const ask = async (action: string) => {
    const tags = { Tags: [{ name: 'Action', value: action }] };
    return (await network.dryRun(info.processes.war, tags)).messages[0];
  };
  const balances = JSON.parse(String((await ask('Balances'))?.Data)) as Record<string, string>;
  const total = Object.values(balances).reduce((sum, text) => sum + BigInt(text), 0n);
  expect(String(total)).toBe((await ask('Total-Supply'))?.Data);
}
