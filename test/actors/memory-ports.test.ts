import { describe, expect, test } from 'vitest';
import {
  createMemoryBlobs,
  createMemoryJobs,
  createMemoryLease,
  createMemoryLog,
} from '../../actors/memory-ports.js';

describe('a log', () => {
  const createLog = () => createMemoryLog<string>((entry) => entry);

  test('appends only where the caller believes it ends', () => {
    const log = createLog();
    expect(log.append('p', 0, ['a', 'b'])).toEqual({ kind: 'appended' });
    expect(log.append('p', 1, ['c'])).toEqual({ kind: 'stale', next: 2 });
    expect(log.append('p', 3, ['c'])).toEqual({ kind: 'stale', next: 2 });
    expect(log.read('p', 0)).toEqual(['a', 'b']);
    expect(log.append('q', 0, ['a'])).toEqual({ kind: 'appended' });
  });

  test('refuses an id for ever, and takes a group whole or not at all', () => {
    const log = createLog();
    log.append('p', 0, ['a']);
    expect(log.append('p', 1, ['b', 'a'])).toEqual({ kind: 'duplicate', id: 'a' });
    expect(log.append('p', 1, ['c', 'c'])).toEqual({ kind: 'duplicate', id: 'c' });
    expect([log.next('p'), log.find('p', 'b')]).toEqual([1, undefined]);
  });

  test('finds by position and by id', () => {
    const log = createLog();
    log.append('p', 0, ['a', 'b', 'c']);
    expect([log.at('p', 2), log.at('p', 3), log.at('q', 0)]).toEqual(['c', undefined, undefined]);
    expect([log.find('p', 'c'), log.find('p', 'd')]).toEqual([2, undefined]);
    expect(log.read('p', 1, 2)).toEqual(['b']);
    expect([...log.processes()]).toEqual(['p']);
  });
});

test('a lease is held in one place until it is released there', () => {
  const lease = createMemoryLease();
  expect(lease.acquire('p', 'one')).toBe('one');
  expect(lease.acquire('p', 'two')).toBe('one');
  lease.release('p', 'two');
  expect(lease.acquire('p', 'two')).toBe('one');
  lease.release('p', 'one');
  expect(lease.acquire('p', 'two')).toBe('two');
});

test('equal blobs are kept once and dropped with their last user', () => {
  const blobs = createMemoryBlobs();
  const name = blobs.put(Uint8Array.of(1, 2));
  expect(blobs.put(Uint8Array.of(1, 2))).toBe(name);
  blobs.drop(name);
  expect(blobs.get(name)).toEqual(Uint8Array.of(1, 2));
  blobs.drop(name);
  expect(blobs.get(name)).toBeUndefined();
});

describe('jobs', () => {
  test('leave in the order in which they came', () => {
    const jobs = createMemoryJobs<string>();
    jobs.add('p', 0, ['a', 'b']);
    expect(jobs.take()).toBe('a');
    jobs.add('q', 0, ['c']);
    expect([jobs.size, jobs.take(), jobs.take(), jobs.take(), jobs.size]).toEqual([
      2,
      'b',
      'c',
      undefined,
      0,
    ]);
  });

  test('of one evaluation are taken once', () => {
    const jobs = createMemoryJobs<string>();
    expect(jobs.add('p', 3, ['a'])).toBe(true);
    expect(jobs.add('p', 3, ['a'])).toBe(false);
    expect(jobs.add('p', 2, ['b'])).toBe(true); // late, and not sent before
    expect(jobs.add('p', 2, ['b'])).toBe(false);
    expect(jobs.add('q', 3, ['c'])).toBe(true);
    expect(jobs.size).toBe(3);
  });

  test('can be more than a function call has room for, and are all given out', () => {
    const jobs = createMemoryJobs<number>();
    const many = Array.from({ length: 200_000 }, (_, i) => i);
    jobs.add('p', 0, many);
    expect(many.every((job) => jobs.take() === job)).toBe(true);
    expect(jobs.take()).toBeUndefined();
  });
});
