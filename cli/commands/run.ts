/**
 * `corral run FILE.lua`: evaluates a script in a process and prints what it prints, until
 * everything that it set off is over. Joins a running network, or boots one without ports just for
 * this.
 */
import { bundleLua, explainMissingModule, type NetworkEvent } from '../../index.js';
import { randomAnchors } from '../anchors.js';
import { fetchInfo } from '../client.js';
import type { Command, CommandContext } from '../command.js';
import { followConsequences } from '../consequences.js';
import { CliError, EXIT } from '../errors.js';
import { tellOfGateway } from '../gateway-lines.js';
import { unlessAborted } from '../interrupt.js';
import { followLineage } from '../lineage.js';
import {
  BOOT_OPTIONS,
  bootNetwork,
  connect,
  DEFAULT_PORT_BASE,
  type JoinedNetwork,
  openProcess,
  USER_PROCESS,
} from '../network.js';
import type { ParsedArguments } from '../options.js';
import { explainMissingClient } from '../repl/herd-client.js';
import { describeLive, type LiveText } from '../repl/live.js';
import { bootedNames } from '../repl/processes.js';
import { readPulse, STILL_WAITS, waitsAnew } from '../suspended.js';

/** Silence after which a script is taken to wait for something that never comes. */
const SILENCE_MS = 60_000;

export const run: Command = {
  name: 'run',
  summary: 'evaluate a Lua file in a process and print the result',
  details: [
    'Evaluates FILE.lua, with the local files that it requires, in your process, and waits until ' +
      'all that it set off is over. A process that does not exist yet is spawned.',
    'Joins the network at --port-base if one runs there. If none does, it boots one without ports ' +
      'for this run; --db, --seed, --workers and --model are for that one.',
    'stdout is what the process prints and returns; errors go to stderr and exit with 1.',
  ],
  positionals: [{ name: 'FILE.lua', required: true }],
  options: [
    { name: 'process', value: 'NAME', summary: `process to run in, default: ${USER_PROCESS}` },
    { name: 'wallet', value: 'FILE', summary: 'key file (JWK) to sign with, default: alice' },
    ...BOOT_OPTIONS,
  ],
  run: async (args, context) => {
    const file = args.positionals[0] ?? '';
    const code = bundleLua(file);
    const network = await joinOrBoot(args, context);
    try {
      const name = args.texts.get('process') ?? USER_PROCESS;
      return await runCode({ file, code }, name, network, context);
    } finally {
      await network.close();
    }
  },
};

async function joinOrBoot(
  args: ParsedArguments,
  { terminal }: CommandContext,
): Promise<JoinedNetwork> {
  const walletFile = args.texts.get('wallet');
  const gateway = `http://127.0.0.1:${args.integers.get('port-base') ?? DEFAULT_PORT_BASE}`;
  const info = await fetchInfo(fetch, gateway).catch((error: unknown) => {
    if (error instanceof CliError && error.code === 'NETWORK_UNREACHABLE') return undefined;
    throw error;
  });
  if (info !== undefined) {
    terminal.note(terminal.colors.dim(`joined the network at ${gateway}`));
    const ignored = BOOT_OPTIONS.filter(({ name }) => name !== 'port-base' && isGiven(args, name));
    if (ignored.length > 0) {
      const names = ignored.map(({ name }) => `--${name}`).join(', ');
      terminal.note(terminal.colors.yellow(`ignored: ${names}, as that network runs already`));
    }
    return connect(fetch, info, { nextAnchor: randomAnchors(), walletFile });
  }
  terminal.note(terminal.colors.dim(`no network at ${gateway}: booting one for this run`));
  const onGatewayEvent = tellOfGateway(terminal, false);
  return bootNetwork(args, { listen: false, walletFile, onGatewayEvent });
}

function isGiven({ texts, integers }: ParsedArguments, name: string): boolean {
  return texts.has(name) || integers.has(name);
}

async function runCode(
  { file, code }: { readonly file: string; readonly code: string },
  name: string,
  { client, feed }: JoinedNetwork,
  { terminal, interrupt, debug }: CommandContext,
): Promise<number> {
  const { colors } = terminal;
  const process = await openProcess(client, name);
  const { suspended } = await readPulse(client, process.id);
  const consequences = followConsequences(feed);
  const lineage = followLineage(client, feed);
  const viewer = { process: process.id, isOurs: lineage.has, names: bootedNames(client), colors };
  let failed = false;
  const show = ({ text, isError }: LiveText) => {
    if (isError) failed = true;
    (isError ? terminal.note : terminal.print)(text);
  };
  let early: NetworkEvent[] | undefined = []; // while the result itself is still on its way
  const take = (event: NetworkEvent) => {
    const live = describeLive(event, { ...viewer, debug });
    if (live !== undefined) show(live);
  };
  const stopListening = feed.listen((event) => {
    if (early === undefined) take(event);
    else early.push(event);
  });
  let message = '';
  const stopCounting = client.onSent((id) => {
    message = id;
  });
  try {
    const evaluation = await unlessAborted(client.evaluate(process.id, code), interrupt.signal);
    if (evaluation.output !== '') terminal.print(evaluation.output);
    const events = early;
    early = undefined;
    for (const event of events) take(event);
    await consequences.settled(message, SILENCE_MS, interrupt.signal);
    const { error = '' } = evaluation;
    const hint = explainMissingModule(file, error) ?? explainMissingClient(error);
    if (hint !== undefined) terminal.note(hint);
    const after = await readPulse(client, process.id);
    if (waitsAnew(suspended, after.suspended)) {
      show({ text: colors.yellow(STILL_WAITS), isError: true });
    }
    return failed ? EXIT.failure : EXIT.ok;
  } finally {
    stopCounting();
    stopListening();
    lineage.stop();
    consequences.stop();
  }
}
