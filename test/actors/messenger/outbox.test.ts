import { describe, expect, test } from 'vitest';
import { protocolTags } from '../../../actors/items/protocol.js';
import {
  derivedAnchor,
  messageFields,
  type OutboxOrigin,
  spawnedFields,
  spawnFields,
} from '../../../actors/messenger/outbox.js';
import { readProcess } from '../../../actors/scheduler/process-record.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';

const alice = walletFromSeed(1, 'alice');
const target = walletFromSeed(1, 'bob').address;
const anchor = '7'.padStart(32, '0');
const tags = [
  ...protocolTags('Process'),
  { name: 'Module', value: 'M'.repeat(43) },
  { name: 'Scheduler', value: 'S'.repeat(43) },
];
const process = readProcess(signDataItem(alice, { tags }).item);
const origin: OutboxOrigin = { process, evaluation: 4, index: 1, initial: 'I'.repeat(43) };

describe('an outbox message', () => {
  test('is given the tags that say who sent it and why, once', () => {
    const fields = messageFields(
      {
        Target: target,
        Anchor: anchor,
        Data: 'hi',
        Tags: [
          { name: 'Data-Protocol', value: 'other' },
          { name: 'Variant', value: 'ao.TN.1' },
          { name: 'Type', value: 'Process' },
          { name: 'From-Process', value: 'forged' },
          { name: 'Pushed-For', value: 'forged' },
          { name: 'Assignments', value: ['x'] },
          { name: 'Reference', value: '7' },
        ],
      },
      origin,
    );
    expect(fields).toEqual({
      target,
      anchor,
      data: 'hi',
      tags: [
        { name: 'Data-Protocol', value: 'ao' },
        { name: 'Variant', value: 'ao.TN.1' },
        { name: 'Type', value: 'Message' },
        { name: 'From-Process', value: process.id },
        { name: 'From-Module', value: 'M'.repeat(43) },
        { name: 'Pushed-For', value: 'I'.repeat(43) },
        { name: 'Reference', value: '7' },
      ],
    });
  });

  test.each([
    [undefined, ''],
    [42, '42'],
    [false, 'false'],
    [{ a: [1] }, '{"a":[1]}'],
  ])('with data %j is sent as text', (data, text) => {
    expect(messageFields({ Target: target, Data: data }, origin).data).toBe(text);
  });

  test('without an anchor of 32 characters gets one from its place', () => {
    const { anchor: derived } = messageFields({ Target: target, Anchor: 'short' }, origin);
    expect(derived).toBe(derivedAnchor(origin));
    expect(derivedAnchor({ ...origin, index: 2 })).not.toBe(derived);
    expect(derivedAnchor({ ...origin, evaluation: 5 })).not.toBe(derived);
  });

  test.each([[7], [1.5], [true], [{ a: 1 }], [undefined]])(
    'with the tag value %j is refused by the name of the tag',
    (value) => {
      const entry = { Target: target, Tags: [{ name: 'Quantity', value }] };
      expect(() => messageFields(entry, origin)).toThrow(
        expect.objectContaining({ code: 'TAG_NOT_STRING', details: { tag: 'Quantity' } }),
      );
    },
  );

  test.each([[undefined], [7], ['too short'], ['']])('to the target %j is refused', (bad) => {
    expect(() => messageFields({ Target: bad }, origin)).toThrow(
      expect.objectContaining({ code: 'UNSENDABLE_MESSAGE' }),
    );
  });
});

describe('a spawn', () => {
  test("is given the spawner's scheduler unless it names one", () => {
    const scheduler = (entry: object) =>
      spawnFields(entry, origin).tags?.filter(({ name }) => name === 'Scheduler');
    expect(scheduler({})).toEqual([{ name: 'Scheduler', value: 'S'.repeat(43) }]);
    const own = [{ name: 'Scheduler', value: 'own' }];
    expect(scheduler({ Tags: own })).toEqual(own);
  });

  test('is told to its parent with its own tags', () => {
    const { tags: spawned = [] } = spawnFields(
      { Tags: [{ name: 'Reference', value: '9' }] },
      origin,
    );
    const notice = spawnedFields(spawned, 'C'.repeat(43), origin);
    expect(notice.target).toBe(process.id);
    expect(notice.tags).toEqual([
      { name: 'Data-Protocol', value: 'ao' },
      { name: 'Variant', value: 'ao.TN.1' },
      { name: 'Type', value: 'Message' },
      { name: 'From-Process', value: process.id },
      { name: 'From-Module', value: 'M'.repeat(43) },
      { name: 'Pushed-For', value: 'I'.repeat(43) },
      { name: 'Action', value: 'Spawned' },
      { name: 'Process', value: 'C'.repeat(43) },
      { name: 'Reference', value: '9' },
      { name: 'Scheduler', value: 'S'.repeat(43) },
    ]);
  });
});
