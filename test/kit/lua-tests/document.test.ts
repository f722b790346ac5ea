/**
 * docs/LUA-TESTS.md is one project: each block of Lua is the file that its first line names. Its tests
 * pass, and what the document shows of them is what they say.
 */
import pc from 'picocolors';
import { expect, test } from 'vitest';
import { failureLines, fileLines } from '../../../cli/testing/lua-lines.js';
import { snippetsOf } from '../../snippets.js';
import { failures, readIn, runIn, writeProject } from './project.js';

const snippets = snippetsOf('docs/LUA-TESTS.md');
const files = Object.fromEntries(
  snippets
    .filter(({ language }) => language === 'lua')
    .map(({ code }) => [/^-- (\S+)\n/.exec(code)?.[1] ?? 'without a name', code]),
);
const testFiles = Object.keys(files).filter((file) => file.endsWith('.test.lua'));
const plain = pc.createColors(false);

/** What the document shows after the block of a file. */
const shownAfter = (file: string) =>
  snippets.find(({ code }) => code === files[file])?.shown?.replace(/\d+ ms/g, 'T ms');

test('every block is a file', () => {
  expect(Object.keys(files)).not.toContain('without a name');
  expect(testFiles.length).toBeGreaterThan(6);
});

test.each(testFiles.filter((file) => file.startsWith('test/')))('%s passes', async (file) => {
  const root = writeProject(files);
  const [report] = await runIn(root, [file]);
  expect(report?.failure).toBeUndefined();
  expect(failures(report as never, readIn(root, file))).toEqual({});
  expect(report?.tests.length).toBeGreaterThan(0);
  const shown = shownAfter(file);
  if (shown === undefined) return;
  const lines = fileLines(report as never, { reporter: 'tree', filter: '', colors: plain });
  const told = lines.map((line) => line.replace(/\d+ ms/g, 'T ms'));
  expect(shown.split('\n').slice(0, told.length)).toEqual(told);
});

test('failing/greeter.test.lua fails as it is shown', async () => {
  const root = writeProject({ ...files, 'package.json': '{}' });
  const reports = await runIn(root, ['failing/greeter.test.lua']);
  const readSource = (file: string) => readIn(root, file);
  const told = failureLines(reports, readSource, plain);
  // Seen from its own folder, a program's files are named from there.
  const shown = shownAfter('failing/greeter.test.lua')?.replaceAll('process/', '').trimEnd();
  expect(told.slice(1).join('\n').replaceAll('process/', '')).toBe(shown);
});
