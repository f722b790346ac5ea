import { expect, test } from 'vitest';
import { createRecent } from '../../actors/recent.js';

test('what was used last stays, and the rest goes', () => {
  const recent = createRecent<number>({ entries: 10, bytes: 1_000 });
  recent.set('kept', -1);
  for (let i = 0; i < 1_000; i++) {
    recent.set(`${i}`, i);
    expect(recent.get('kept')).toBe(-1);
  }
  expect(recent.get('999')).toBe(999);
  const known = Array.from({ length: 1_000 }, (_, i) => recent.get(`${i}`));
  expect(known.filter((value) => value !== undefined).length).toBeLessThan(30);
});

test('large values leave room for few', () => {
  const recent = createRecent<string>({ entries: 100, bytes: 1_000 });
  for (let i = 0; i < 50; i++) recent.set(`${i}`, `value ${i}`, 400);
  const known = Array.from({ length: 50 }, (_, i) => `${i}`).filter((key) => recent.get(key));
  expect(known).toContain('49');
  expect(known.length).toBeLessThan(5);
});
