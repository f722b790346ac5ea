/**
 * `corral test`: the tests of a project, those in Lua by Corral and those in TypeScript by the
 * project's own vitest, with one summary and one exit code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import { type FileReport, projectRoot, runLuaTests } from '../../index.js';
import type { Command, CommandContext } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { Interrupted } from '../interrupt.js';
import type { ParsedArguments } from '../options.js';
import { fitLines } from '../terminal.js';
import { type Collecting, type CollectPlan, startCollecting } from '../testing/collected.js';
import {
  failureLines,
  fileLines,
  REPORTERS,
  type Reporter,
  testDot,
} from '../testing/lua-lines.js';
import { type Selection, selectTests } from '../testing/selection.js';
import { isBad, plural, summaryLines, type Tally, tallyReports } from '../testing/tally.js';
import { findVitest, runVitest, type VitestOutcome } from '../testing/vitest.js';
import { watchSources } from '../testing/watch.js';

export const test: Command = {
  name: 'test',
  summary: 'run the tests of a project, in Lua and in TypeScript',
  details: [
    'Runs the files called *.test.lua under this folder, or those named, and then vitest for ' +
      '*.test.ts, if the project has it. docs/LUA-TESTS.md tells how tests in Lua look.',
    'The report goes to stdout. The exit code is 0 if all passed, 1 if one did not or none ran; where ' +
      'CI is set, also if those in TypeScript had to be left out, for lack of vitest.',
  ],
  positionals: [{ name: 'FILES', required: false, many: true }],
  options: [
    { name: 'filter', short: 't', value: 'TEXT', summary: 'only tests whose names contain TEXT' },
    { name: 'bail', summary: 'stop at the first test that fails' },
    { name: 'coverage', summary: 'which lines of Lua ran; also in coverage/lcov.info' },
    { name: 'gas', summary: 'what messages cost, by process and handler' },
    { name: 'update', short: 'u', summary: 'write golden traces and snapshots anew' },
    {
      name: 'reporter',
      value: 'NAME',
      summary: `what is told of Lua tests: ${REPORTERS.join(', ')}`,
    },
    { name: 'json', summary: 'the whole report as one JSON document on stdout' },
    { name: 'watch', short: 'w', summary: 'run again whenever a file of the project changes' },
  ],
  run: async (args, context) => {
    const plan = readPlan(args, context);
    if (!args.flags.has('watch')) return runOnce(plan);
    return watchSources(plan.root, context, () => runOnce(readPlan(args, context)));
  },
};

/** What is to be run and how it is told. */
interface Plan {
  readonly root: string;
  readonly selection: Selection;
  readonly filter: string;
  readonly bail: boolean;
  readonly update: boolean;
  readonly collect: CollectPlan;
  readonly reporter: Reporter;
  readonly json: boolean;
  readonly context: CommandContext;
}

/** @throws {CliError} USAGE, FILE_NOT_FOUND */
function readPlan(args: ParsedArguments, context: CommandContext): Plan {
  const from = nodeProcess.cwd();
  const root = projectRoot(from);
  const selection = selectTests(root, from, args.positionals);
  if (selection.lua.length + selection.scripts.length === 0) {
    const hint =
      'Tests are files called *.test.lua, and *.test.ts for vitest. `corral init` makes some.';
    throw new CliError('USAGE', `there are no tests under ${from}`, hint, { from });
  }
  return {
    root,
    selection,
    filter: args.texts.get('filter') ?? '',
    bail: args.flags.has('bail'),
    update: args.flags.has('update'),
    collect: { coverage: args.flags.has('coverage'), gas: args.flags.has('gas') },
    reporter: readReporter(args, selection),
    json: args.flags.has('json'),
    context,
  };
}

/** One file is told in full. */
function readReporter({ texts }: ParsedArguments, { lua }: Selection): Reporter {
  const name = texts.get('reporter') ?? (lua.length === 1 ? 'tree' : 'files');
  const reporter = REPORTERS.find((known) => known === name);
  if (reporter !== undefined) return reporter;
  const hint = `There are: ${REPORTERS.join(', ')}.`;
  throw new CliError('USAGE', `there is no reporter "${name}"`, hint, { name });
}

async function runOnce(plan: Plan): Promise<number> {
  const collecting = startCollecting(plan.collect);
  try {
    return await runBoth(plan, collecting);
  } finally {
    collecting.close();
  }
}

async function runBoth(plan: Plan, collecting: Collecting): Promise<number> {
  const { context, selection, bail, json, root } = plan;
  const { terminal, interrupt } = context;
  const startMs = context.uptimeMs();
  const lua = selection.lua.length === 0 ? [] : await runLua(plan, collecting);
  if (interrupt.signal.aborted) throw new Interrupted('stopped');
  const hasFailed = isBad(tallyReports(lua));
  const scripts = bail && hasFailed ? undefined : await runScripts(plan, collecting);
  if (interrupt.signal.aborted) throw new Interrupted('stopped');
  const tallies = talliesOf(lua, scripts);
  const hasRun = tallies.some(([, { passed, failed }]) => passed + failed > 0);
  const isLeftOut = isCi(context.env) && scripts === undefined && selection.scripts.length > 0;
  const passed = !hasFailed && scripts?.passed !== false && hasRun && !isLeftOut;
  const durationMs = context.uptimeMs() - startMs;
  const tables = collecting.report(root, terminal.columns());
  if (json) {
    for (const line of tables) terminal.note(line);
    const typescript = scripts?.reports ?? [];
    terminal.print(JSON.stringify({ passed, durationMs, lua, typescript }));
  } else {
    tellFailures(plan, lua);
    for (const line of tables) terminal.print(line);
    terminal.print();
    for (const line of summaryLines(tallies, passed, durationMs, terminal.colors)) {
      terminal.print(line);
    }
  }
  const isBroken = tallies.some(([, { broken }]) => broken > 0);
  if (!hasRun && !isBroken && plan.filter !== '') {
    terminal.note(terminal.colors.yellow(`no test has "${plan.filter}" in its name`));
  }
  return passed ? EXIT.ok : EXIT.failure;
}

function runLua(plan: Plan, { collector }: Collecting): Promise<FileReport[]> {
  const { root, selection, filter, bail, update, reporter, json, context } = plan;
  const { terminal, interrupt, uptimeMs, env } = context;
  const { colors } = terminal;
  return runLuaTests({
    files: selection.lua,
    root,
    filter,
    bail,
    collect: collector,
    golden: { update, create: !isCi(env) },
    uptimeMs,
    signal: interrupt.signal,
    onTest: (result) => {
      if (!json && reporter === 'dot') terminal.write(testDot(result, colors));
    },
    onFile: (report) => {
      if (json) return;
      for (const line of fileLines(report, { reporter, filter, colors })) {
        terminal.print(fitLines(line, terminal));
      }
    },
  });
}

/** vitest takes a pipe for a terminal where CI is set, or where only stderr is one. */
const NO_COLOR = { NO_COLOR: '1', FORCE_COLOR: undefined };

async function runScripts(plan: Plan, collecting: Collecting): Promise<VitestOutcome | undefined> {
  const { root, selection, filter, bail, update, json, context } = plan;
  const { scripts, scriptFilters } = selection;
  if (scripts.length === 0) return undefined;
  const program = findVitest(root);
  if (program === undefined) {
    const what = `${plural(scripts.length, 'test file')} in TypeScript`;
    context.terminal.note(
      context.terminal.colors.yellow(
        `left out: ${what}, as this project has no vitest (npm install --save-dev vitest)`,
      ),
    );
    return undefined;
  }
  return runVitest(program, {
    ...{ root, bail, update, filters: scriptFilters, name: filter },
    output: json ? 'stderr' : 'both',
    env: { ...context.env, ...collecting.env, ...(!context.terminal.colorful && NO_COLOR) },
  });
}

/** There, tests that cannot run are a failure: a forgotten install must not be green. */
function isCi(env: CommandContext['env']): boolean {
  return (env.CI ?? '') !== '';
}

function tellFailures(
  { root, reporter, context: { terminal } }: Plan,
  reports: readonly FileReport[],
): void {
  if (reporter === 'dot' && reports.length > 0) terminal.print();
  const readSource = (file: string) => readText(join(root, file));
  for (const line of failureLines(reports, readSource, terminal.colors)) {
    terminal.print(fitLines(line, terminal));
  }
}

/** Of each language that has tests. */
function talliesOf(
  lua: readonly FileReport[],
  scripts: VitestOutcome | undefined,
): (readonly [language: string, tally: Tally])[] {
  return [
    ...(lua.length > 0 ? [['Lua', tallyReports(lua)] as const] : []),
    ...(scripts ? [['TypeScript', tallyReports(scripts.reports)] as const] : []),
  ];
}

/** A file to show lines of; one that is gone meanwhile is shown without. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
