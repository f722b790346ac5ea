import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLayeredMap } from '../../arlocal/layered-map.js';

test('a layered map is as a map, and what it sealed is never changed', () => {
  const step = fc.oneof(
    fc.record({ key: fc.nat({ max: 9 }), value: fc.nat() }),
    fc.constant('seal' as const),
    fc.constant('fork' as const),
  );
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    let layered = createLayeredMap<number, number>();
    let plain = new Map<number, number>();
    const sealed: (readonly [ReadonlyMap<number, number>, Map<number, number>])[] = [];
    for (const one of steps) {
      if (one === 'seal') sealed.push([layered.seal(), new Map(plain)]);
      else if (one === 'fork') {
        layered = createLayeredMap(layered.seal());
        plain = new Map(plain);
      } else {
        layered.set(one.key, one.value);
        plain.set(one.key, one.value);
      }
    }
    expect([...layered.keys()]).toEqual([...plain.keys()]);
    for (let key = 0; key < 10; key++) {
      expect([layered.get(key), layered.has(key)]).toEqual([plain.get(key), plain.has(key)]);
    }
    for (const [then, expected] of sealed) expect(then).toEqual(expected);
  });
  fc.assert(property);
});
