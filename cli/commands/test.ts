/**
 * `corral test`: the tests of a project, those in Lua by Corral and those in TypeScript by the
 * project's own vitest, with one summary and one exit code.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import nodeProcess from 'node:process';
import { type FileReport, runLuaTests } from '../../index.js';
import type { Command, CommandContext } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { Interrupted } from '../interrupt.js';
import type { ParsedArguments } from '../options.js';
import {
  failureLines,
  fileLines,
  REPORTERS,
  type Reporter,
  testDot,
} from '../testing/lua-lines.js';
import { type Selection, selectTests } from '../testing/selection.js';
import { plural, summaryLines, type Tally, tallyReports } from '../testing/tally.js';
import { findVitest, runVitest, type VitestOutcome } from '../testing/vitest.js';
import { watchSources } from '../testing/watch.js';

export const test: Command = {
  name: 'test',
  summary: 'run the tests of a project, in Lua and in TypeScript',
  details: [
    'Runs the files called *.test.lua under this folder, or those named, and then the project’s ' +
      'vitest for its *.test.ts, if there are any. docs/LUA-TESTS.md tells how tests in Lua look.',
    'The report goes to stdout. The exit code is 0 if all passed, 1 if one did not.',
  ],
  positionals: [{ name: 'FILES', required: false, many: true }],
  options: [
    { name: 'filter', short: 't', value: 'TEXT', summary: 'only tests whose names contain TEXT' },
    { name: 'bail', summary: 'stop at the first test that fails' },
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
  readonly reporter: Reporter;
  readonly json: boolean;
  readonly context: CommandContext;
}

/** @throws {CliError} USAGE, FILE_NOT_FOUND */
function readPlan(args: ParsedArguments, context: CommandContext): Plan {
  const root = nodeProcess.cwd();
  const selection = selectTests(root, args.positionals);
  if (selection.lua.length + selection.scripts.length === 0) {
    const hint =
      'Tests are files called *.test.lua, and *.test.ts for vitest. `corral init` makes some.';
    throw new CliError('USAGE', `there are no tests under ${root}`, hint, { root });
  }
  return {
    root,
    selection,
    filter: args.texts.get('filter') ?? '',
    bail: args.flags.has('bail'),
    update: args.flags.has('update'),
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
  const { context, selection, bail, json } = plan;
  const startMs = context.uptimeMs();
  const reports = selection.lua.length === 0 ? [] : await runLua(plan);
  if (context.interrupt.signal.aborted) throw new Interrupted('stopped');
  const lua = tallyReports(reports);
  const hasFailed = lua.failed + lua.broken > 0;
  const scripts = bail && hasFailed ? undefined : await runScripts(plan);
  const passed = !hasFailed && scripts?.passed !== false;
  const durationMs = context.uptimeMs() - startMs;
  if (json) {
    const typescript = scripts?.report ?? null;
    context.terminal.print(JSON.stringify({ passed, durationMs, lua: reports, typescript }));
  } else {
    tellSummary(plan, reports, lua, scripts, durationMs);
  }
  if (context.interrupt.signal.aborted) throw new Interrupted('stopped');
  return passed ? EXIT.ok : EXIT.failure;
}

function runLua(plan: Plan): Promise<FileReport[]> {
  const { root, selection, filter, bail, update, reporter, json, context } = plan;
  const { terminal, interrupt, uptimeMs, env } = context;
  const { colors } = terminal;
  return runLuaTests({
    files: selection.lua,
    root,
    filter,
    bail,
    golden: { update, create: (env.CI ?? '') === '' },
    uptimeMs,
    signal: interrupt.signal,
    onTest: (result) => {
      if (!json && reporter === 'dot') terminal.write(testDot(result, colors));
    },
    onFile: (report) => {
      if (json) return;
      for (const line of fileLines(report, reporter, colors)) terminal.print(line);
    },
  });
}

async function runScripts(plan: Plan): Promise<VitestOutcome | undefined> {
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
    env: context.env,
  });
}

function tellSummary(
  { root, reporter, context: { terminal } }: Plan,
  reports: readonly FileReport[],
  lua: Tally,
  scripts: VitestOutcome | undefined,
  durationMs: number,
): void {
  const { colors } = terminal;
  if (reporter === 'dot' && reports.length > 0) terminal.print();
  const readSource = (file: string) => readText(join(root, file));
  for (const line of failureLines(reports, readSource, colors)) terminal.print(line);
  const tallies = [
    ...(reports.length > 0 ? [['Lua', lua] as const] : []),
    ...(scripts?.tally ? [['TypeScript', scripts.tally] as const] : []),
  ];
  terminal.print();
  for (const line of summaryLines(tallies, durationMs, colors)) terminal.print(line);
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
