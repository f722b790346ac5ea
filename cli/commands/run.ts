/**
 * `corral run FILE.lua`: evaluates a script in a process and prints what it prints, until
 * everything that it set off is over. Joins a running network, or boots one without ports just for
 * this.
 */
import { randomAnchors } from '../anchors.js';
import { fetchInfo } from '../client.js';
import type { Command, CommandContext } from '../command.js';
import { followConsequences } from '../consequences.js';
import { CliError, EXIT } from '../errors.js';
import { unlessAborted } from '../interrupt.js';
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
import { describeLive } from '../repl/live.js';
import { bundleLua } from '../repl/load-files.js';

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
    const code = bundleLua(args.positionals[0] ?? '');
    const network = await joinOrBoot(args, context);
    try {
      const name = args.texts.get('process') ?? USER_PROCESS;
      return await runCode(code, name, network, context);
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
    return connect(fetch, info, { nextAnchor: randomAnchors(), walletFile });
  }
  terminal.note(terminal.colors.dim(`no network at ${gateway}: booting one for this run`));
  return bootNetwork(args, { listen: false, walletFile });
}

async function runCode(
  code: string,
  name: string,
  { client, feed }: JoinedNetwork,
  { terminal, interrupt }: CommandContext,
): Promise<number> {
  const process = await openProcess(client, name);
  const consequences = followConsequences(feed);
  let failed = false;
  let later: string[] | undefined = []; // printed while the result itself is still on its way
  const stopListening = feed.listen((event) => {
    if (event.type === 'evaluated' && event.error !== undefined && event.process === process.id) {
      failed = true;
    }
    const text = describeLive(event, process.id, terminal.colors);
    if (text === undefined) return;
    if (event.type === 'evaluated' && event.error !== undefined) terminal.note(text);
    else if (later === undefined) terminal.print(text);
    else later.push(text);
  });
  let message = '';
  const stopCounting = client.onSent((id) => {
    message = id;
  });
  try {
    const evaluation = await unlessAborted(client.evaluate(process.id, code), interrupt.signal);
    if (evaluation.output !== '') terminal.print(evaluation.output);
    for (const text of later) terminal.print(text);
    later = undefined;
    if (evaluation.error !== undefined) {
      terminal.note(terminal.colors.red(evaluation.error.trim()));
      return EXIT.failure;
    }
    await consequences.settled(message, SILENCE_MS, interrupt.signal);
    return failed ? EXIT.failure : EXIT.ok;
  } finally {
    stopCounting();
    stopListening();
    consequences.stop();
  }
}
