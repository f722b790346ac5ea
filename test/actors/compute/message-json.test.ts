import { describe, expect, test } from 'vitest';
import {
  cronJson,
  dataText,
  dryRunJson,
  environmentJson,
  messageJson,
} from '../../../actors/compute/message-json.js';
import { protocolTags } from '../../../actors/items/protocol.js';
import type { LogEntry } from '../../../actors/ports.js';
import { readProcess } from '../../../actors/scheduler/process-record.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';

const alice = walletFromSeed(1, 'alice');
const unit = walletFromSeed(1, 'mu');
const { item: processItem } = signDataItem(alice, { tags: protocolTags('Process') });
const process = readProcess(processItem);
const entry: LogEntry = {
  nonce: 3,
  messageId: 'M'.repeat(43),
  assignmentId: 'A'.repeat(43),
  timestampMs: 1_700_000_000_000,
  blockHeight: 12,
  hashChain: 'H'.repeat(43),
  exclude: [],
};
const read = (json: string) => JSON.parse(json) as Record<string, unknown>;

describe('the JSON of a message', () => {
  test('has the keys and types that a process of AO is given', () => {
    const tags = [...protocolTags('Message'), { name: 'X', value: 'y' }];
    const anchor = '7'.padStart(32, '0');
    const { item } = signDataItem(alice, { target: process.id, data: 'hi', anchor, tags });
    expect(read(messageJson(process, entry, item, unit.address))).toEqual({
      Id: entry.messageId,
      Signature: item.signature,
      Data: 'hi',
      Owner: alice.address,
      Target: process.id,
      Anchor: anchor,
      From: alice.address,
      Tags: tags,
      Epoch: 0,
      Nonce: 3,
      Timestamp: 1_700_000_000_000,
      'Block-Height': 12,
      'Hash-Chain': entry.hashChain,
      Cron: false,
      'Read-Only': false,
    });
  });

  test('of a process comes from the process, forwarded by who signed it', () => {
    const from = 'P'.repeat(43);
    const { item } = signDataItem(unit, { tags: [{ name: 'From-Process', value: from }] });
    const message = read(messageJson(process, entry, item, unit.address));
    expect(message).toMatchObject({
      From: from,
      Owner: unit.address,
      'Forwarded-By': unit.address,
    });
  });

  test('has no tags that would replace From or Owner', () => {
    const { item } = signDataItem(alice, {
      tags: [
        { name: 'From', value: 'forged' },
        { name: 'Owner', value: 'forged' },
        { name: 'from', value: 'forged' },
        { name: 'OWNER', value: 'forged' },
        { name: 'From-Whom', value: 'kept' },
      ],
    });
    expect(read(messageJson(process, entry, item, unit.address)).Tags).toEqual([
      { name: 'From-Whom', value: 'kept' },
    ]);
  });

  test('of the process itself is addressed to it, that of another stays as it was', () => {
    const other = unit.address;
    const { item } = signDataItem(alice, { target: other });
    expect(read(messageJson(process, { ...entry, nonce: 0 }, item, unit.address)).Target).toBe(
      process.id,
    );
    expect(read(messageJson(process, entry, item, unit.address)).Target).toBe(other);
  });

  test('lacks what the assignment excludes, but never who sent it', () => {
    const { item } = signDataItem(alice, { target: process.id, data: 'big' });
    const exclude = ['Data', 'Anchor', 'Tags', 'Signature', 'From', 'Owner', 'Target', 'Id'];
    const message = read(messageJson(process, { ...entry, exclude }, item, unit.address));
    for (const field of exclude.slice(0, 4)) expect(message).not.toHaveProperty(field);
    expect(message).toMatchObject({
      From: alice.address,
      Owner: alice.address,
      Target: process.id,
    });
    expect(message).toHaveProperty('Id');
  });
});

describe('the sender of a message that says it comes from a process', () => {
  const bob = walletFromSeed(1, 'bob');
  const claimed = 'P'.repeat(43);
  const processOf = (...authorities: string[]) =>
    readProcess(
      signDataItem(alice, { tags: authorities.map((value) => ({ name: 'Authority', value })) })
        .item,
    );
  test.each([
    ['the messenger unit, trusted', unit, [unit.address], claimed, claimed],
    ['the messenger unit, not trusted: the process refuses it', unit, ['x'], claimed, claimed],
    ['the messenger unit, by a process that trusts all', unit, [], claimed, claimed],
    ['an Authority', bob, [unit.address, bob.address], claimed, claimed],
    ['an Authority among several in one tag', bob, [`x,${bob.address}`], claimed, claimed],
    ['a stranger: the process refuses it', bob, [unit.address], claimed, claimed],
    ['a stranger, by a process that trusts all', bob, [], claimed, bob.address],
    ['a stranger who names an Authority', bob, ['P', unit.address], 'P', bob.address],
    ['a stranger who names the messenger unit', bob, ['x'], unit.address, bob.address],
  ])('is found if it is signed by %s', (_, signer, authorities, name, from) => {
    const { item } = signDataItem(signer, { tags: [{ name: 'From-Process', value: name }] });
    const message = read(messageJson(processOf(...authorities), entry, item, unit.address));
    expect(message).toMatchObject({ From: from, Owner: signer.address });
    expect(message['Forwarded-By']).toBe(from === signer.address ? undefined : signer.address);
  });
});

test('data that is not UTF-8 is null', () => {
  expect(dataText(Buffer.from('héllo'))).toBe('héllo');
  expect(dataText(new Uint8Array())).toBe('');
  expect(dataText(Uint8Array.of(0x68, 0xff))).toBeNull();
});

test('a cron has no id, nonce or data', () => {
  const cron = {
    name: '0-1-hour',
    tags: [{ name: 'Action', value: 'Cron' }],
    timestampMs: 5,
    blockHeight: 2,
  };
  expect(read(cronJson(process, cron))).toEqual({
    Owner: alice.address,
    From: alice.address,
    Target: process.id,
    Tags: [{ name: 'Action', value: 'Cron' }],
    Timestamp: 5,
    'Block-Height': 2,
    Cron: true,
    'Read-Only': false,
  });
});

describe('the JSON of a dry-run', () => {
  const now = { timestampMs: 9, blockHeight: 4 };

  test('fills in what is left out', () => {
    expect(read(dryRunJson(process, {}, now))).toEqual({
      Id: '1234',
      Owner: '1234',
      From: '1234',
      Data: '1234',
      Target: process.id,
      Tags: [],
      Timestamp: 9,
      'Block-Height': 4,
      Cron: false,
      'Read-Only': true,
    });
  });

  test('keeps what is given', () => {
    const message = read(dryRunJson(process, { Owner: 'me', Data: 'x', Timestamp: 1 }, now));
    expect(message).toMatchObject({ Owner: 'me', From: 'me', Data: 'x', Timestamp: 1 });
    const other = { Owner: 'me', Cron: true, Other: ['x'] };
    expect(read(dryRunJson(process, other, now))).toMatchObject({ Cron: false });
    expect(read(dryRunJson(process, other, now))).not.toHaveProperty('Other');
  });
});

describe('the environment', () => {
  const { item: module } = signDataItem(unit, { tags: protocolTags('Module') });
  const spawned = (...tags: [string, string][]) => {
    const fields = [['Module', module.id], ...tags].map(([name = '', value = '']) => ({
      name,
      value,
    }));
    return signDataItem(alice, { tags: [...protocolTags('Process'), ...fields] }).item;
  };

  test('is the process and its module', () => {
    const item = spawned();
    expect(read(environmentJson(readProcess(item), module, unit.address))).toEqual({
      Process: { Id: item.id, Owner: alice.address, Tags: item.tags },
      Module: { Id: module.id, Owner: unit.address, Tags: module.tags },
    });
  });

  test("trusts this network's messenger unit where the process trusts AO's", () => {
    const ao = 'fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY';
    const authorities = (...values: string[]) => {
      const item = spawned(...values.map((value): [string, string] => ['Authority', value]));
      const { Process } = read(environmentJson(readProcess(item), module, unit.address));
      const { Tags } = Process as { Tags: { name: string; value: string }[] };
      return Tags.filter(({ name }) => name === 'Authority').map(({ value }) => value);
    };
    expect(authorities(ao)).toEqual([ao, unit.address]);
    expect(authorities(`${alice.address},${ao}`)).toEqual([`${alice.address},${ao}`, unit.address]);
    expect(authorities(ao, unit.address)).toEqual([ao, unit.address]);
    expect(authorities(alice.address)).toEqual([alice.address]);
    expect(authorities()).toEqual([]);
  });
});
