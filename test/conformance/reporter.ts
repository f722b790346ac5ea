/**
 * What `npm run conformance` prints: for each client the calls that were tried, those that worked,
 * and what was not tried and why. A client is the outermost `describe` of a test file; a test is one
 * call or deed of it.
 */
import type { Reporter, TestCase, TestModule, TestRunEndReason } from 'vitest/node';

interface Tally {
  tried: number;
  worked: number;
  failures: string[];
  /** Reason -> number of tests that were skipped for it. */
  skipped: Map<string, number>;
}

function clientOf(test: TestCase): string {
  let suite = test.parent;
  while (suite.type === 'suite' && suite.parent.type === 'suite') suite = suite.parent;
  return suite.type === 'suite' ? suite.name : test.name;
}

function count(tally: Tally, test: TestCase): void {
  const result = test.result();
  if (result.state === 'skipped' || result.state === 'pending') {
    const reason = (result.state === 'skipped' && result.note) || test.name;
    tally.skipped.set(reason, (tally.skipped.get(reason) ?? 0) + 1);
    return;
  }
  tally.tried++;
  if (result.state === 'passed') tally.worked++;
  else tally.failures.push(`${test.fullName}: ${result.errors?.[0]?.message ?? 'failed'}`);
}

class ConformanceReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly { message: string }[],
    _reason: TestRunEndReason,
  ): void {
    const tallies = new Map<string, Tally>();
    for (const module of modules) {
      for (const error of module.errors())
        console.log(`${module.relativeModuleId}: ${error.message}`);
      for (const test of module.children.allTests()) {
        const client = clientOf(test);
        const tally = tallies.get(client) ?? blank();
        tallies.set(client, tally);
        count(tally, test);
      }
    }
    for (const { message } of errors) console.log(message);
    print(tallies);
  }
}

function blank(): Tally {
  return { tried: 0, worked: 0, failures: [], skipped: new Map() };
}

function print(tallies: ReadonlyMap<string, Tally>): void {
  const width = Math.max(...[...tallies.keys()].map((client) => client.length));
  const row = (client: string, tried: unknown, worked: unknown) =>
    console.log(
      `${client.padEnd(width)}  ${String(tried).padStart(5)}  ${String(worked).padStart(6)}`,
    );
  row('client', 'tried', 'worked');
  let tried = 0;
  let worked = 0;
  for (const [client, tally] of [...tallies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (tally.tried > 0) row(client, tally.tried, tally.worked);
    tried += tally.tried;
    worked += tally.worked;
  }
  row('all', tried, worked);
  for (const { failures } of tallies.values())
    for (const text of failures) console.log(`failed: ${text}`);
  for (const { skipped } of tallies.values()) {
    for (const [reason, tests] of skipped) console.log(`not tried (${tests}): ${reason}`);
  }
}

export default ConformanceReporter;
