import { describe, expect, test } from 'vitest';
import { createVirtualClock, createWallClock, VIRTUAL_START_MS } from '../../actors/clock.js';

const BACKWARDS = expect.objectContaining({ code: 'CLOCK_BACKWARDS' });

describe('virtual time', () => {
  test('stands still until it is set', () => {
    const clock = createVirtualClock();
    expect([clock.now(), clock.now()]).toEqual([VIRTUAL_START_MS, VIRTUAL_START_MS]);
    clock.set(VIRTUAL_START_MS + 5);
    expect(clock.now()).toBe(VIRTUAL_START_MS + 5);
  });

  test('never goes back, and is a whole number', () => {
    const clock = createVirtualClock(1000);
    for (const bad of [999, 1000.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clock.set(bad)).toThrow(BACKWARDS);
    }
    expect(clock.now()).toBe(1000);
  });
});

describe('wall-clock time', () => {
  test('follows its source, but not back', () => {
    let source = 100.7;
    const clock = createWallClock(() => source);
    expect(clock.now()).toBe(100);
    source = 90;
    expect(clock.now()).toBe(100);
    source = 250;
    expect(clock.now()).toBe(250);
  });

  test('can be moved forward and goes on from there', () => {
    let source = 1000;
    const clock = createWallClock(() => source);
    clock.set(61_000);
    source = 1500;
    expect(clock.now()).toBe(61_500);
    expect(() => clock.set(61_499)).toThrow(BACKWARDS);
  });
});
