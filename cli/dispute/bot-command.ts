/**
 * What `corral challenger` and `corral defender` share: join a running network over HTTP, run the bot
 * until Ctrl-C, and say each thing that it does on one line.
 */
import {
  type Bot,
  type BotEvent,
  type BotOptions,
  type CorralInfo,
  createArbiterReader,
  createThreadThinker,
  runBot,
  type Thinker,
  type Wallet,
  walletFromSeed,
} from '../../index.js';
import { randomAnchors } from '../anchors.js';
import { createClient, fetchInfo } from '../client.js';
import type { CommandContext } from '../command.js';
import { CliError, EXIT } from '../errors.js';
import { openFeed } from '../feed.js';
import { untilAborted } from '../interrupt.js';
import { DEFAULT_PORT_BASE } from '../network.js';
import type { OptionSpec, ParsedArguments } from '../options.js';
import { openWallet } from '../wallets.js';
import { describeBotEvent } from './bot-lines.js';
import { createClientPort } from './client-port.js';

const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT_BASE}`;
/** Name under which every network's own operator signs. */
const OPERATOR = 'operator';
/** How often clocks are looked at; everything else wakes a bot by itself. */
const LOOK_INTERVAL_MS = 2_000;

export const BOT_OPTIONS: readonly OptionSpec[] = [
  { name: 'url', value: 'URL', summary: `gateway of the network, default ${DEFAULT_URL}` },
  { name: 'json', summary: 'one JSON object a line on stdout' },
];

/** Every bot has a thread that computes for its games, and may use another for what can wait. */
type CommonOptions = BotOptions & { readonly checker: Thinker };

/** What the kinds of bots make of the network that they find. */
export type MakeBot = (options: CommonOptions, info: CorralInfo) => Bot;

/** @param wallet name of a dev wallet, `operator`, or path of a key file */
export async function runBotCommand(
  { texts, flags }: ParsedArguments,
  wallet: string,
  makeBot: MakeBot,
  { terminal, interrupt }: CommandContext,
): Promise<number> {
  const url = texts.get('url') ?? DEFAULT_URL;
  const info = await fetchInfo(fetch, url.replace(/\/+$/, ''));
  const signer = findWallet(info, wallet);
  const nextAnchor = randomAnchors();
  const client = createClient({ info, wallet: signer, fetch, nextAnchor });
  const port = createClientPort(client);
  const json = flags.has('json');
  let ending = false;
  const tell = (event: BotEvent) => {
    if (ending) return; // what breaks off because the bot ends is no failure
    terminal.print(json ? toJson(event) : describeBotEvent(event, terminal.colors));
  };
  const [thinker, checker] = [createThreadThinker(port.data), createThreadThinker(port.data)];
  const arbiter = createArbiterReader(port, info.processes.arbiter);
  const bot = makeBot({ port, arbiter, thinker, checker, tell }, info);

  const feed = await openFeed(fetch, info);
  const running = runBot(bot);
  const timer = setInterval(running.wake, LOOK_INTERVAL_MS);
  feed.listen((event) => {
    if (event.type === 'evaluated' && event.process === arbiter.id) running.wake();
  });
  try {
    if (!json) terminal.note(terminal.colors.dim(`${bot.role} ${signer.address} at ${url}`));
    running.wake();
    await Promise.race([untilAborted(interrupt.signal), feed.ended]);
    if (!interrupt.signal.aborted) throw stopped(url);
    return EXIT.ok;
  } finally {
    ending = true;
    clearInterval(timer);
    feed.close();
    await Promise.all([running.stop(), thinker.close(), checker.close()]);
  }
}

function findWallet(info: CorralInfo, wallet: string): Wallet {
  if (wallet === OPERATOR) return walletFromSeed(info.seed, OPERATOR);
  const known = info.wallets.find(({ name }) => name === wallet);
  return openWallet(info, known?.jwk ?? wallet);
}

function toJson(event: BotEvent): string {
  return JSON.stringify(event, (_key, value) => {
    if (typeof value === 'bigint') return `${value}`;
    if (!(value instanceof Error)) return value;
    return { code: (value as { code?: unknown }).code, message: value.message };
  });
}

function stopped(url: string): CliError {
  const hint = 'Start it again, and this command after it: a bot goes on where it was.';
  return new CliError('NETWORK_STOPPED', `the network at ${url} was stopped`, hint, { url });
}
