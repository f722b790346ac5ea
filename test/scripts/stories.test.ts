/** The stories: each runs as its own process, and prints what its first comment promises. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';

const MAX_LINES = 80;
const folder = join(packageRoot, 'scripts');
const stories = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const run = promisify(execFile);

async function play(name: string, ...args: string[]): Promise<string> {
  const story = join(packageRoot, 'dist', 'scripts', `${name}.js`);
  const { stdout } = await run(process.execPath, [story, ...args]);
  return stripVTControlCharacters(stdout);
}

test('each is shorter than 80 lines and has been played here', () => {
  const names = [
    'call-herder',
    'crashed-worker',
    'dispute',
    'fee-auction',
    'joker',
    'replay-process',
  ];
  expect(stories.map((name) => name.replace('.ts', ''))).toEqual(names);
  const lengths = stories.map(
    (name) => readFileSync(join(folder, name), 'utf8').split('\n').length,
  );
  expect(Math.max(...lengths)).toBeLessThan(MAX_LINES);
});

test('call-herder: requested, dispatched, answered', async () => {
  const told = await play('call-herder');
  expect(told).toMatch(/REQ\][\s\S]*DISPATCH\][\s\S]*RES\]/);
  expect(told).toMatch(/What is the meaning of life\?\n.*life.*\n$/);
});

test('fee-auction: the highest multiplier that waits is served next, equal ones in order', async () => {
  const told = await play('fee-auction');
  expect(told).toContain('arrived: early, patient, thrifty, urgent');
  expect(told).toContain('served:  early, urgent, thrifty, patient');
});

test('joker: a joke on the topic', async () => {
  expect(await play('joker', 'cats')).toMatch(/^cats: .*cat.*[.!?]\n$/);
});

test('crashed-worker: the other worker answers after the time limit', async () => {
  const told = await play('crashed-worker');
  expect(told).toMatch(/! .*out of memory/);
  expect(told).toMatch(/DISPATCH\].*llama-1[\s\S]*RETRY\][\s\S]*DISPATCH\].*llama-2[\s\S]*RES\]/);
  expect(told).toMatch(/answer: .*llama/);
});

test('replay-process: the same states come out of the log', async () => {
  const told = await play('replay-process');
  expect(told.match(/the same state/g)).toHaveLength(3);
  expect(told).not.toContain('DIFFERENT');
});

test('dispute: halved down to one instruction, which the arbiter computes', async () => {
  const told = await play('dispute');
  expect(told).toMatch(
    /defender {4}operators[\s\S]*challenger {2}operator [\s\S]*defender {4}steps/,
  );
  expect(told).toMatch(/the arbiter computes \S+/);
  expect(told).toMatch(/the challenger wins: /);
  expect(told).toMatch(/user gets back \d+ winston/);
});
