/**
 * `corral up`: a network that stays, until Ctrl-C. On a terminal it opens the REPL of the user's
 * process; headless, or without a terminal, it writes what the herd says to stderr.
 */
import type { BotEvent, NetworkEvent } from '../../index.js';
import type { Command, CommandContext } from '../command.js';
import { describeBotEvent } from '../dispute/bot-lines.js';
import { EXIT } from '../errors.js';
import { tellOfGateway } from '../gateway-lines.js';
import { untilAborted } from '../interrupt.js';
import { describeResumed, watchHerd } from '../log.js';
import {
  BOOT_OPTIONS,
  bootNetwork,
  describeNetwork,
  type JoinedNetwork,
  USER_PROCESS,
} from '../network.js';
import type { ParsedArguments } from '../options.js';
import { converse } from '../repl/converse.js';
import { watchMessages } from '../verbose.js';

export const up: Command = {
  name: 'up',
  summary: 'boot the network and keep it running',
  details: [
    'Boots a network with a wAR token, a llama herder and its workers, an APM registry and a ' +
      'joker, on the loopback interface. Any AO client can talk to it: aoconnect, aos, corral repl.',
    `On a terminal it opens the REPL of your process "${USER_PROCESS}"; .exit stops the network, and ` +
      'so does Ctrl-C, twice on an empty line. Headless, one Ctrl-C stops it.',
    'With -v every message is told as a block: its tags, what it printed and where, the Lua stack of ' +
      'an error in your files, and what it changed. `corral trace ID` tells one later.',
    'The banner and the log go to stderr. With --json stdout is exactly one line, written when ' +
      'the network is ready: the same document as GET /corral at its gateway.',
  ],
  positionals: [],
  options: [
    ...BOOT_OPTIONS,
    {
      name: 'host',
      value: 'ADDR',
      summary: 'address to listen on, default: this machine only',
    },
    { name: 'verbose', short: 'v', summary: 'tell every message: tags, prints, errors, changes' },
    { name: 'headless', summary: 'no REPL: run until Ctrl-C or SIGTERM' },
    { name: 'challenger', summary: 'check every answer of the herd, challenge false ones' },
    { name: 'no-defender', summary: "leave the herd's claims to `corral defender`" },
    { name: 'json', summary: 'headless, and one JSON line on stdout when ready' },
  ],
  run: async (args, context) => {
    const isWatched = isHeadless(args, context) && !args.flags.has('json');
    const onBotEvent = isWatched ? describeBots(context) : undefined;
    const host = args.texts.get('host');
    if (host !== undefined && !LOOPBACK.test(host)) warnOfVisitors(host, context);
    const onGatewayEvent = tellOfGateway(context.terminal, isWatched);
    const onEvent = tellOfResumed(context);
    const tell = { onBotEvent, onGatewayEvent, onEvent };
    const network = await bootNetwork(args, { listen: true, ...tell });
    try {
      return await stay(network, args, context);
    } finally {
      await network.close();
    }
  },
};

/** Addresses that nobody else's machine reaches. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

function warnOfVisitors(host: string, { terminal }: CommandContext): void {
  const { yellow } = terminal.colors;
  terminal.note(yellow(`warning: listening on ${host}, not only on this machine.`));
  terminal.note(
    '  Corral asks for no password: whoever reaches these ports can read everything, mint AR, send\n' +
      '  from the dev wallets (their keys are public) and keep this machine busy. See SECURITY.md.',
  );
}

async function stay(
  { client, feed }: JoinedNetwork,
  { flags }: ParsedArguments,
  context: CommandContext,
): Promise<number> {
  const { terminal, interrupt } = context;
  const json = flags.has('json');
  if (json) terminal.print(JSON.stringify(client.info));
  else
    for (const line of await describeNetwork(client, context.uptimeMs(), terminal))
      terminal.note(line);
  if (!isHeadless({ flags }, context)) {
    terminal.note(
      terminal.colors.dim('This is the REPL of your process. .help lists its commands.'),
    );
    const verbose = flags.has('verbose');
    return converse({ client, feed, context, name: USER_PROCESS, verbose });
  }
  if (!json) {
    terminal.note(terminal.colors.dim('Join it with `corral repl`; Ctrl-C stops it.'));
    if (flags.has('verbose')) watchMessages({ client, feed, terminal, note: terminal.note });
    else watchHerd(client, feed, context);
  }
  await untilAborted(interrupt.signal);
  return EXIT.ok;
}

function isHeadless({ flags }: Pick<ParsedArguments, 'flags'>, { terminal }: CommandContext) {
  return !terminal.interactive || flags.has('json') || flags.has('headless');
}

function tellOfResumed({ terminal }: CommandContext) {
  return (event: NetworkEvent) => {
    if (event.type === 'resumed') terminal.note(describeResumed(event));
  };
}

/** Bots say what they do where the herd's log is. */
function describeBots({ terminal }: CommandContext) {
  return (event: BotEvent) =>
    terminal.note(`${event.role}  ${describeBotEvent(event, terminal.colors)}`);
}
