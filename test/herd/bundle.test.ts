import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundleLua } from '../../herd/bundle.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corral-load-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): string {
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), source);
  }
  return join(folder, 'main.lua');
}

/** The modules that a bundle registers, in order. */
const modulesOf = (bundle: string) =>
  [...bundle.matchAll(/^package\.loaded\["([^"]+)"\]/gm)].map((match) => match[1]);

test('modules that are no local files are left to the process', () => {
  const source = 'local json = require("json")\nreturn json.encode({})\n';
  expect(modulesOf(bundleLua(write({ 'main.lua': source })))).toEqual([]);
});

test('dependencies come first, each once, also through other files', () => {
  const main = write({
    'main.lua': 'local a = require("a")\nlocal c = require "lib.c"\nreturn a.x + c.x',
    'a.lua': "local c = require('lib.c')\nreturn { x = c.x + 1 }",
    'lib/c.lua': 'return { x = 1 }',
  });
  expect(modulesOf(bundleLua(main))).toEqual(['lib.c', 'a']);
});

test('requires in comments are not followed', () => {
  const source = '-- local old = require("old")\nreturn 1';
  const main = write({ 'main.lua': source, 'old.lua': 'error("old")' });
  expect(modulesOf(bundleLua(main))).toEqual([]);
});

test('a long string of any level in a file survives the bundling', () => {
  const main = write({ 'main.lua': 'return require("a")', 'a.lua': 'return [[x]] .. [=[y]=]' });
  expect(bundleLua(main)).toContain('assert(load([==[\nreturn [[x]] .. [=[y]=]]==], "@a.lua"))');
});

test('a line that starts with #! is left out without moving the others', () => {
  const main = write({ 'main.lua': '#!/usr/bin/env corral run\nreturn 1' });
  expect(bundleLua(main)).toContain('local source = [[\n\nreturn 1]]\n');
});

test('files are named from the main file, or from the root that they are in', () => {
  const main = write({ 'main.lua': 'return 1' });
  const nested = join(dirname(main), 'app', 'x.lua');
  write({ 'app/x.lua': 'return require("lib.y")', 'app/lib/y.lua': 'return 1' });
  const names = (bundle: string) => [...bundle.matchAll(/"@([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(names(bundleLua(nested)))).toEqual(new Set(['lib/y.lua', 'x.lua']));
  const inRoot = names(bundleLua(nested, dirname(main)));
  expect(new Set(inRoot)).toEqual(new Set(['app/lib/y.lua', 'app/x.lua']));
  expect(names(bundleLua(main, dirname(nested)))[0]).toBe('main.lua');
});

describe('refuses', () => {
  test('a file that is not there', () => {
    expect(() => bundleLua(join(folder, 'none.lua'))).toThrow(
      expect.objectContaining({
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining('none.lua'),
      }),
    );
  });

  test('a folder', () => {
    expect(() => bundleLua(folder)).toThrow(expect.objectContaining({ code: 'FILE_NOT_READABLE' }));
  });

  test('files that require each other in a circle, naming the circle', () => {
    const main = write({
      'main.lua': 'require("a")',
      'a.lua': 'require("b")',
      'b.lua': 'require("c")',
      'c.lua': 'require("b")',
    });
    expect(() => bundleLua(main)).toThrow(
      expect.objectContaining({
        code: 'REQUIRE_CYCLE',
        message: 'the files require each other in a circle: b -> c -> b',
      }),
    );
  });
});
