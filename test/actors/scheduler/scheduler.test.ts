import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../actors/clock.js';
import { protocolTags, tagValue, tagValues } from '../../../actors/items/protocol.js';
import { createMemoryLog } from '../../../actors/memory-ports.js';
import type { LogEntry } from '../../../actors/ports.js';
import { nextHashChain } from '../../../actors/scheduler/hash-chain.js';
import { readLogs } from '../../../actors/scheduler/replay.js';
import { createScheduler } from '../../../actors/scheduler/scheduler.js';
import { signDataItem, verifyDataItem } from '../../../arlocal/data-item.js';
import { createGateway } from '../../../arlocal/gateway.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';

const alice = walletFromSeed(1, 'alice');

function open() {
  const clock = createVirtualClock(5_000);
  const gateway = createGateway({ store: createMemoryStore(), now: () => clock.now() });
  const log = createMemoryLog<LogEntry>(({ messageId }) => messageId);
  const wallet = walletFromSeed(1, 'su');
  const scheduler = createScheduler({ gateway, wallet, clock, log, emit: () => undefined });
  const processItem = (name: string) =>
    signDataItem(alice, { tags: [...protocolTags('Process'), { name: 'Name', value: name }] });
  const message = (target: string, data: string) =>
    signDataItem(alice, { target, tags: protocolTags('Message'), data });
  return { clock, gateway, log, scheduler, wallet, processItem, message };
}

describe('the scheduler unit', () => {
  test('starts a log with the process itself and goes on without a gap', () => {
    const { scheduler, processItem, message, log } = open();
    const { id } = scheduler.start(processItem('a'));
    const nonces = ['x', 'y', 'z'].map((data) => scheduler.schedule(message(id, data)).nonce);
    expect(nonces).toEqual([1, 2, 3]);
    const entries = log.read(id, 0);
    expect(entries.map(({ nonce }) => nonce)).toEqual([0, 1, 2, 3]);
    expect(entries[0]?.messageId).toBe(id);
    entries.forEach((entry, nonce) => {
      expect(entry.hashChain).toBe(nextHashChain(id, entries[nonce - 1]));
    });
  });

  test('signs an assignment of its own for each and stores it on the gateway', () => {
    const { scheduler, processItem, message, gateway, wallet } = open();
    const { id } = scheduler.start(processItem('a'));
    const sent = message(id, 'hello');
    const entry = scheduler.schedule(sent);
    const assignment = gateway.item(entry.assignmentId);
    expect(assignment && verifyDataItem(assignment)).toBe(true);
    expect(assignment?.address).toBe(wallet.address);
    expect(assignment?.tags).toEqual([
      { name: 'Process', value: id },
      { name: 'Epoch', value: '0' },
      { name: 'Nonce', value: '1' },
      { name: 'Hash-Chain', value: entry.hashChain },
      { name: 'Block-Height', value: String(gateway.height).padStart(12, '0') },
      { name: 'Timestamp', value: '5000' },
      { name: 'Data-Protocol', value: 'ao' },
      { name: 'Variant', value: 'ao.TN.1' },
      { name: 'Type', value: 'Assignment' },
      { name: 'Message', value: sent.item.id },
    ]);
    expect(gateway.item(sent.item.id)?.data).toEqual(sent.item.data);
  });

  test('names no message in the assignment of the process itself', () => {
    const { scheduler, processItem, gateway, log } = open();
    const { id } = scheduler.start(processItem('a'));
    const tags = gateway.item(log.at(id, 0)?.assignmentId ?? '')?.tags ?? [];
    expect(tagValue(tags, 'Nonce')).toBe('0');
    expect(tagValue(tags, 'Message')).toBeUndefined();
  });

  test('never writes a timestamp before the previous one', () => {
    const { clock, gateway, processItem, message } = open();
    const log = createMemoryLog<LogEntry>(({ messageId }) => messageId);
    let nowMs = 9_000;
    const scheduler = createScheduler({
      gateway,
      wallet: alice,
      clock: { ...clock, now: () => nowMs },
      log,
      emit: () => undefined,
    });
    const { id } = scheduler.start(processItem('a'));
    nowMs = 8_000;
    expect(scheduler.schedule(message(id, 'early')).timestampMs).toBe(9_000);
    nowMs = 9_500;
    expect(scheduler.schedule(message(id, 'late')).timestampMs).toBe(9_500);
  });

  test('refuses a message that it has given a place before', () => {
    const { scheduler, processItem, message, log } = open();
    const { id } = scheduler.start(processItem('a'));
    const sent = message(id, 'once');
    scheduler.schedule(sent);
    const duplicate = expect.objectContaining({ code: 'DUPLICATE_MESSAGE' });
    expect(() => scheduler.schedule(sent)).toThrow(duplicate);
    expect(() => scheduler.assign(id, sent.item.id)).toThrow(duplicate);
    expect(log.next(id)).toBe(2);
  });

  test('refuses what it does not know', () => {
    const { scheduler, processItem, message } = open();
    const { id } = scheduler.start(processItem('a'));
    const unknown = expect.objectContaining({ code: 'UNKNOWN_PROCESS' });
    expect(() => scheduler.schedule(message(alice.address, 'x'))).toThrow(unknown);
    expect(() => scheduler.assign(alice.address, id)).toThrow(unknown);
    expect(() => scheduler.assign(id, 'A'.repeat(43))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_NOT_FOUND' }),
    );
    expect(() => scheduler.start(processItem('a'))).toThrow(
      expect.objectContaining({ code: 'PROCESS_EXISTS' }),
    );
  });

  test('assigns a message of one process to another, with fields left out', () => {
    const { scheduler, processItem, message, gateway } = open();
    const a = scheduler.start(processItem('a'));
    const b = scheduler.start(processItem('b'));
    const sent = message(a.id, 'for both');
    scheduler.schedule(sent);
    const entry = scheduler.assign(b.id, sent.item.id, { exclude: ['Data', 'Tags'] });
    expect(entry).toMatchObject({ nonce: 1, messageId: sent.item.id, exclude: ['Data', 'Tags'] });
    const tags = gateway.item(entry.assignmentId)?.tags ?? [];
    expect(tagValues(tags, 'Exclude')).toEqual(['Data', 'Tags']);
  });

  test('answers at a pinned id', () => {
    const { scheduler, processItem, message, gateway } = open();
    const pinned = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
    const record = scheduler.start(processItem('a'), pinned);
    expect(record.id).toBe(pinned);
    expect(scheduler.schedule(message(pinned, 'x')).nonce).toBe(1);
    expect(gateway.item(pinned)?.id).toBe(record.item.id);
    expect(gateway.item(pinned)?.id).not.toBe(pinned);
  });

  test.each(['short', 'B'.repeat(43), `${'A'.repeat(42)}!`, ''])('refuses to pin "%s"', (id) => {
    const { scheduler, processItem } = open();
    expect(() => scheduler.start(processItem('a'), id)).toThrow(
      expect.objectContaining({ code: 'INVALID_ID' }),
    );
  });

  test('names its processes without reading their items', () => {
    const { scheduler, processItem, gateway, log, wallet, clock } = open();
    const ids = ['a', 'b'].map((name) => scheduler.start(processItem(name)).id);
    const refuse = () => {
      throw new Error('an item was read');
    };
    const blind = Object.create(gateway, { item: { value: refuse }, locate: { value: refuse } });
    const next = createScheduler({ gateway: blind, wallet, clock, log, emit: () => undefined });
    expect([...next.processes()]).toEqual(ids);
    expect(() => next.process(ids[0] ?? '')).toThrow('an item was read');
  });

  test('takes up the logs that it finds on a gateway', () => {
    const { scheduler, processItem, message, gateway, log, wallet, clock } = open();
    const { id } = scheduler.start(processItem('a'));
    const other = scheduler.start(processItem('b'), 'E'.repeat(43));
    for (const data of ['x', 'y']) scheduler.schedule(message(id, data));
    scheduler.assign(other.id, id, { exclude: ['Data'] });
    const read = readLogs(gateway, wallet.address);
    for (const process of [id, other.id])
      expect(read.read(process, 0)).toEqual(log.read(process, 0));
    const emit = () => undefined;
    const next = createScheduler({ gateway, wallet, clock, log: read, emit });
    expect(next.schedule(message(id, 'z')).nonce).toBe(3);
    expect([...next.processes()].sort()).toEqual([id, other.id].sort());
  });
});
