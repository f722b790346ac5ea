import { describe, expect, test } from 'vitest';
import {
  createMemoryCheckpoints,
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

test('a checkpoint is kept until it is taken', () => {
  const checkpoints = createMemoryCheckpoints();
  const state = { evaluations: 3, checkpoint: Uint8Array.of(1, 2) };
  checkpoints.put('p', state);
  expect(checkpoints.take('q')).toBeUndefined();
  expect(checkpoints.take('p')).toEqual(state);
  expect(checkpoints.take('p')).toBeUndefined();
});

describe('jobs', () => {
  test('leave in the order in which they came', () => {
    const jobs = createMemoryJobs<string>();
    jobs.add(['a', 'b']);
    expect(jobs.take()).toBe('a');
    jobs.add(['c']);
    expect([jobs.size, jobs.take(), jobs.take(), jobs.take(), jobs.size]).toEqual([
      2,
      'b',
      'c',
      undefined,
      0,
    ]);
  });

  test('can be more than a function call has room for, and are all given out', () => {
    const jobs = createMemoryJobs<number>();
    const many = Array.from({ length: 200_000 }, (_, i) => i);
    jobs.add(many);
    expect(many.every((job) => jobs.take() === job)).toBe(true);
    expect(jobs.take()).toBeUndefined();
  });
});
