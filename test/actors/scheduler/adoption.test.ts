/** Whose assignments count is for this network's scheduler unit to say, and for nobody else. */
import { expect, test } from 'vitest';
import { createNetwork } from '../../../actors/network.js';
import type { LogEntry } from '../../../actors/ports.js';
import { type Adoption, pickAdopted } from '../../../actors/scheduler/adoption.js';
import { nextHashChain } from '../../../actors/scheduler/hash-chain.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import type { Wallet } from '../../../arlocal/wallet.js';
import { startNetwork } from '../kernel-module.js';

const id = (letter: string) => letter.repeat(42).concat('A');

function signed(wallet: Wallet, type: string, tags: Record<string, string>) {
  const all = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1', Type: type, ...tags };
  const list = Object.entries(all).map(([name, value]) => ({ name, value }));
  return signDataItem(wallet, { tags: list });
}

test('nobody else can say that assignments of his count', async () => {
  const { network, spawn, alice } = await startNetwork();
  const process = await spawn('Count = 1');
  const last = network.units.log.at(process.id, 1)!;
  const forged = signed(alice, 'Assignment', {
    Process: process.id,
    Nonce: '2',
    Message: last.messageId,
    'Hash-Chain': nextHashChain(process.id, last),
    Timestamp: String(last.timestampMs),
    'Block-Height': '0',
  });
  const adoption = signed(alice, 'Adoption', {
    Process: process.id,
    Scheduler: alice.address,
    Until: '3',
    Head: forged.item.id,
  });
  for (const { bytes } of [forged, adoption]) network.gateway.acceptItem(bytes);
  expect(await network.replay(process.id)).toBe(await network.stateHash(process.id));
  const again = await createNetwork({ gateway: network.gateway });
  expect(again.units.log.next(process.id)).toBe(2);
  expect(again.units.scheduler.adoptedUntil(process.id)).toBe(0);
  const unit = network.wallet('scheduler-unit');
  const stolen = signed(unit, 'Adoption', { Process: process.id, Scheduler: alice.address });
  expect(() => network.gateway.acceptItem(stolen.bytes)).toThrow(
    expect.objectContaining({ code: 'SIGNER_RESERVED' }),
  );
  await again.close();
  await network.close();
});

test('of what another unit signed counts the one chain that ends where it should', () => {
  const process = id('p');
  const entries: LogEntry[] = [];
  for (let nonce = 0; nonce < 4; nonce++) {
    entries.push({
      nonce,
      messageId: nonce === 0 ? process : id('m'),
      assignmentId: id(String(nonce)),
      timestampMs: nonce,
      blockHeight: 0,
      hashChain: nextHashChain(process, entries.at(-1)),
      exclude: [],
    });
  }
  const twin = { ...entries[2]!, assignmentId: id('t') }; // signed for the same place
  const adoption: Adoption = { scheduler: id('s'), until: 4, head: entries[3]!.assignmentId };
  const all = [twin, ...entries.toReversed()];
  expect(pickAdopted(process, adoption, all)).toEqual(entries);
  expect(pickAdopted(process, { ...adoption, until: 3, head: twin.assignmentId }, all)).toEqual([
    ...entries.slice(0, 2),
    twin,
  ]);
  const cut = entries.filter(({ nonce }) => nonce !== 1);
  expect(pickAdopted(process, adoption, cut)).toEqual(entries.slice(2));
});
