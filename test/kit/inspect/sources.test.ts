/** The texts of a program, found again in what was sent, and Lua's stacks with their lines. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bundleLua } from '../../../herd/bundle.js';
import { indexSources, readBundle } from '../../../kit/inspect/sources.js';
import { readStack } from '../../../kit/inspect/stack.js';

const shop = fileURLToPath(new URL('../debug/shop/', import.meta.url));

test('every file of a bundle is found under its name, as it was', () => {
  const files = readBundle(bundleLua(`${shop}shop.lua`));
  expect([...files.keys()]).toEqual(['lib/money.lua', 'shop.lua']);
  for (const [name, source] of files) expect(source).toBe(readFileSync(shop + name, 'utf8'));
  expect(readBundle('load([[ x ]])').size).toBe(0);
});

test('a chunk is as it was loaded last; texts without a name are told apart by their functions', () => {
  const bundle = bundleLua(`${shop}shop.lua`);
  const older = bundle.replace('local question', 'local older');
  const first = 'X = 1\nfunction f()\n  error("f")\nend';
  const second = 'Y = 2\nZ = 3\nW = 4\n-- no function here';
  const sources = indexSources([second, bundle, older, first]);
  expect(sources.names).toEqual(['lib/money.lua', 'shop.lua']);
  expect(sources.linesOf('@shop.lua')?.[30]).toContain('local question');
  expect(sources.linesOf('aos')?.[0]).toBe('Y = 2');
  expect(sources.linesOf('aos', 2)?.[1]).toBe('function f()');
  expect(sources.linesOf('nowhere.lua')).toBeUndefined();
});

test('a stack names files and lines, with the code around the innermost one', () => {
  const sources = indexSources([bundleLua(`${shop}shop.lua`)]);
  const stack = [
    "\t[C]: in function 'error'",
    "\tlib/money.lua:5: in function 'lib.money.split'",
    '\tshop.lua:23: in function <shop.lua:22>',
    '\t[string "aos"]:7: in function <[string "aos"]:5>',
    '\t(...tail calls...)',
  ].join('\n');
  const [split, handler, evaluated] = readStack(stack, sources);
  expect(split).toMatchObject({ place: 'lib/money.lua:5', what: "function 'lib.money.split'" });
  expect(split?.code?.map(({ line, isHere }) => [line, isHere])).toEqual([
    [3, false],
    [4, false],
    [5, true],
    [6, false],
    [7, false],
  ]);
  expect(handler).toMatchObject({ place: 'shop.lua:23', what: 'function' });
  expect(handler?.code).toEqual([
    { line: 23, text: expect.stringContaining('money.split'), isHere: true },
  ]);
  expect(evaluated).toEqual({
    place: 'aos:7',
    what: 'function',
    code: [{ line: 7, text: expect.any(String), isHere: true }],
  });
});
