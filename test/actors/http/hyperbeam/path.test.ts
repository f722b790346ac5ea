import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dryRunTags, parsePath } from '../../../../actors/http/hyperbeam/path.js';

const ID = 'AbC-_'.repeat(9).slice(0, 42).concat('E');

describe('paths', () => {
  test.each([
    [`/${ID}~process@1.0/now`, ['now'], 'process@1.0'],
    [`/${ID}/now`, ['now'], undefined],
    [`/${ID}/~scheduler@1.0/schedule`, ['schedule'], 'scheduler@1.0'],
    [`/${ID}~process@1.0/push/serialize~json@1.0`, ['push'], 'process@1.0'],
    [`/${ID}~process@1.0/compute/results=5`, ['compute', 'results=5'], 'process@1.0'],
    [`/${ID}/Compute&slot+integer=7/results/json`, ['compute', 'results', 'json'], undefined],
    [`//${ID}//slot/current/`, ['slot', 'current'], undefined],
  ])('%s', (target, keys, device) => {
    const path = parsePath(target);
    expect(path.id).toBe(ID);
    expect(path.device).toBe(device);
    expect(path.parts.map(({ key, value }) => (value ? `${key}=${value}` : key))).toEqual(keys);
  });

  test('names stay as they were written', () => {
    expect(parsePath(`/${ID}/Now/Balances/AbC`).names).toEqual(['Now', 'Balances', 'AbC']);
  });

  test('without an id', () => {
    expect(parsePath('/~meta@1.0/info/address')).toMatchObject({ id: '', device: 'meta@1.0' });
    expect(parsePath('/')).toMatchObject({ id: '', parts: [] });
  });

  test.each([
    `/${ID}/schedule&from=1&to=2`,
    `/${ID}/schedule?from=1&to=2`,
    `/${ID}/schedule%3Ffrom=1&to=2`,
    `/${ID}/schedule%3ffrom+integer=1&TO=2`,
    `/${ID}&from=1/schedule?from=9&to=2`,
  ])('parameters of %s', (target) => {
    expect(Object.fromEntries(parsePath(target).params)).toEqual({ from: '1', to: '2' });
  });

  test('tags of a dry-run keep what is in them', () => {
    const base = `/${ID}~process@1.0/as=execution/compute`;
    expect(dryRunTags(base)).toEqual([]);
    expect(dryRunTags(`/${ID}/compute`)).toBeUndefined();
    const tags = [
      { name: 'Action', value: 'a/b?c=d' },
      { name: 'X', value: '50% "é"' },
    ];
    expect(dryRunTags(`${base}&Action=a/b%3Fc=d&X=50%%20%22%C3%A9%22`)).toEqual(tags);
    expect(dryRunTags(`${base}?Action=a/b%3Fc=d&X=50%25%20"é"`)).toEqual(tags);
    expect(dryRunTags(`${base}%3FAction=A%26B`)).toEqual([{ name: 'Action', value: 'A&B' }]);
  });

  test('any text is a path', () => {
    const symbol = fc.constantFrom(
      '/',
      '%',
      '2',
      '6',
      '&',
      '=',
      '?',
      '~',
      '+',
      '%3F',
      'é',
      ID,
      'a',
    );
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 30 }), (symbols) => {
        const target = `/${symbols.join('')}`;
        expect(parsePath(target).parts).toBeInstanceOf(Array);
        dryRunTags(`${target}/as=execution/compute&${target}`);
      }),
    );
  });
});
