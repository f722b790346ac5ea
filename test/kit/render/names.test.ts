import { expect, test } from 'vitest';
import { createNaming } from '../../../kit/render/names.js';

const TOKEN = 'tok-n'.padEnd(43, '0');
const SHOP = 'sh_op'.padEnd(43, '0');
const NAMES = new Map([
  [TOKEN, 'token'],
  [SHOP, 'llama-1'],
]);

test('an id that is a key is written as its name would be', () => {
  const named = createNaming(NAMES, []);
  expect(named(`Balances["${TOKEN}"]: nil -> "5"`)).toBe('Balances.token: nil -> "5"');
  expect(named(`Of[1]["${TOKEN}"].at: 1 -> 2`)).toBe('Of[1].token.at: 1 -> 2');
  expect(named(`{ ["${TOKEN}"] = 1, ["${SHOP}"] = 2 }`)).toBe('{ token = 1, ["llama-1"] = 2 }');
  expect(named(`Balances["${SHOP}"]: nil -> 1`)).toBe('Balances["llama-1"]: nil -> 1');
  expect(named(`["${TOKEN}"]`)).toBe('["token"]'); // a list in JSON
});

test('ids without a name stay, and so does what looks like one in a longer word', () => {
  const named = createNaming(NAMES, []);
  const nobody = 'x'.repeat(43);
  expect(named(`A["${nobody}"] ${nobody} ${TOKEN}0`)).toBe(`A["${nobody}"] ${nobody} ${TOKEN}0`);
});
