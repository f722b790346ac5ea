/**
 * `corral verify --db DIR`: whether everything in a folder is as it was written and signed, and every
 * process answers the same when it is replayed.
 */
import { type VerifyReport, verifyNetwork } from '../../index.js';
import type { Command, CommandContext } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { formatCount, shortId } from '../format.js';
import type { ParsedArguments } from '../options.js';
import { createSteps } from '../steps.js';

type Verdict = VerifyReport['processes'][number];

export const verify: Command = {
  name: 'verify',
  summary: 'check all of a --db folder, and replay its processes',
  details: [
    'Compares everything in the folder with its checksums, computes every id, signature and block ' +
      'again, and replays every process from its signed log: results, states and deliveries must ' +
      'be the same. No network may run on the folder meanwhile, and nothing in it is changed.',
    'Says what differs, of a process from which nonce on. The exit code is 0 if nothing does, else 1.',
  ],
  positionals: [],
  options: [
    { name: 'db', value: 'DIR', summary: 'folder to check' },
    {
      name: 'mend',
      summary: 'if only the files beside the database are wrong, write them anew',
    },
    { name: 'json', summary: 'the whole report as one JSON document on stdout' },
  ],
  run: async (args, context) => {
    const report = await verifyNetwork({
      db: requireFolder('verify', args),
      mend: args.flags.has('mend'),
      onProgress: createSteps(context.terminal),
    });
    if (args.flags.has('json')) context.terminal.print(JSON.stringify(report));
    else for (const line of describeReport(report, context)) context.terminal.print(line);
    return report.whole ? EXIT.ok : EXIT.failure;
  },
};

/** The folder that a command is about. */
export function requireFolder(command: string, { texts }: ParsedArguments): string {
  const folder = texts.get('db');
  if (folder !== undefined) return folder;
  const hint = `\`corral ${command} --help\` lists what it takes.`;
  throw new CliError('USAGE', `\`corral ${command}\` needs --db DIR`, hint, { command });
}

export function describeReport(
  report: VerifyReport,
  { terminal }: Pick<CommandContext, 'terminal'>,
): string[] {
  const { red, green } = terminal.colors;
  const { figures, findings, processes, whole, mended, folder } = report;
  const evaluations = processes.reduce((sum, process) => sum + process.evaluations, 0);
  const counts = [
    `${formatCount(figures.entries)} entries, ${formatCount(figures.blocks)} blocks`,
    `${formatCount(figures.records)} records`,
    `${formatCount(processes.length)} processes, ${formatCount(evaluations)} evaluations replayed`,
  ];
  const problems = [
    ...findings.map(({ place, problem }) => `${place}: ${problem}`),
    ...processes.flatMap(describeProcess),
  ];
  if (mended) problems.push('mended: the files beside the database were written anew');
  const verdict = whole ? green(`${folder} is whole`) : red(`${folder} is not whole`);
  return [...counts, ...problems, ...describeRemarks(report), verdict];
}

/** What is no fault, and who may have to do with what is one. */
function describeRemarks({ processes, others, whole }: VerifyReport): string[] {
  const remarks = processes.flatMap((process) =>
    process.remarks.map((remark) => `${labelOf(process)}: remark: ${remark}`),
  );
  if (others.length === 0 || (whole && remarks.length === 0)) return remarks;
  const advice = whole ? 'gas is counted otherwise' : 'replay with that one tells more';
  return [...remarks, `written by another Corral (${others.join(', ')}): ${advice}`];
}

function labelOf({ id, name }: Verdict): string {
  return name === undefined ? `process ${id}` : `process ${name} (${shortId(id)})`;
}

function describeProcess(process: Verdict): string[] {
  const label = labelOf(process);
  return process.differences.map(({ nonce, problem }) => {
    const place = nonce === undefined ? '' : `, nonce ${nonce}`;
    return `${label}${place}: ${problem}`;
  });
}
