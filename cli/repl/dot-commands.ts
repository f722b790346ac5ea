/**
 * The console's own commands, as one table: `.help` and completion derive from it.
 */
import { bundleLua } from '../../index.js';
import type { Client } from '../client.js';
import { describeBreakpoints, withoutBreakpoint } from '../debug/breakpoints.js';
import { CliError } from '../errors.js';
import { alignColumns, formatAmount, formatWar, parseAmount } from '../format.js';
import { blueprintNames, readBlueprint } from '../package-files.js';
import { type Console, evaluate, refreshPrompt } from './console.js';
import { CLIENT_HELP } from './herd-client.js';
import { findProcess, knownProcesses, requireFreeName } from './processes.js';

export interface DotCommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Whether the line is a command inside `.editor`, too, and not text. */
  readonly inEditor?: boolean;
  /** Throws for a mistake; answers (or resolves to) false when the process reported an error. */
  run(console: Console, words: readonly string[]): unknown;
}

export const DOT_COMMANDS: readonly DotCommand[] = [
  { name: '.help', usage: '.help', summary: 'this list', run: showHelp },
  {
    name: '.editor',
    usage: '.editor',
    summary: 'write several lines of Lua, then .done or .cancel',
    run: openEditor,
  },
  { name: '.done', usage: '.done', summary: 'send what .editor holds', inEditor: true, run: done },
  { name: '.cancel', usage: '.cancel', summary: 'drop it', inEditor: true, run: cancel },
  { name: '.load', usage: '.load FILE', summary: 'run a Lua file and what it requires', run: load },
  {
    name: '.load-blueprint',
    usage: '.load-blueprint NAME',
    summary: 'run a blueprint that ships with Corral',
    run: loadBlueprint,
  },
  {
    name: '.processes',
    usage: '.processes',
    summary: 'names and ids of all processes you may need',
    run: showProcesses,
  },
  { name: '.use', usage: '.use NAME|ID', summary: 'go to another process of yours', run: use },
  { name: '.spawn', usage: '.spawn NAME', summary: 'start a process and go to it', run: spawn },
  { name: '.wallets', usage: '.wallets', summary: 'addresses and balances', run: showWallets },
  {
    name: '.balance',
    usage: '.balance [NAME]',
    summary: 'wAR of this process, or of another',
    run: showBalance,
  },
  {
    name: '.fund',
    usage: '.fund [NAME] AMOUNT',
    summary: 'give wAR from your wallet: .fund 0.001',
    run: fund,
  },
  {
    name: '.debug',
    usage: '.debug [ID]',
    summary: 'walk through a message; the last one of this process without ID',
    run: debugMessage,
  },
  {
    name: '.break',
    usage: '.break [PLACE]',
    summary: 'stop messages at FILE:LINE, a handler, or error; or list',
    run: addBreakpoint,
  },
  {
    name: '.unbreak',
    usage: '.unbreak [N]',
    summary: 'forget breakpoint N, or all',
    run: removeBreakpoint,
  },
  { name: '.exit', usage: '.exit', summary: 'leave; so does Ctrl-D', run: exit },
];

function showHelp({ terminal }: Console): void {
  const rows = DOT_COMMANDS.map(({ usage, summary }) => [`  ${usage}`, summary]);
  for (const line of alignColumns(rows)) terminal.print(line);
  terminal.print();
  terminal.print('  Anything else is Lua for the process: Inbox[#Inbox], Handlers.list,');
  terminal.print('  Send({ Target = ao.id, Action = "Ping" }).');
  for (const line of CLIENT_HELP) terminal.print(`  ${line}`);
}

function openEditor(console: Console): void {
  console.draft = { kind: 'editor', lines: [] };
  console.terminal.note(console.terminal.colors.dim('Lua until .done sends it; .cancel drops it.'));
}

async function done(console: Console): Promise<boolean> {
  const { draft } = console;
  if (draft === undefined) throw nothingToSend('.done');
  console.draft = undefined;
  const code = draft.lines.join('\n');
  return code.trim() === '' || evaluate(console, code);
}

function cancel(console: Console): void {
  if (console.draft === undefined) throw nothingToSend('.cancel');
  console.draft = undefined;
}

function nothingToSend(command: string): CliError {
  return new CliError('USAGE', `${command}: no editor is open`, 'Open one with .editor.');
}

function load(console: Console, words: readonly string[]): Promise<boolean> {
  const file = required(words.join(' '), '.load FILE');
  return evaluate(console, bundleLua(file), file);
}

function loadBlueprint(console: Console, [name]: readonly string[]): Promise<boolean> {
  const usage = `.load-blueprint NAME (${blueprintNames().join(', ')})`;
  return evaluate(console, readBlueprint(required(name, usage)));
}

async function showProcesses(console: Console): Promise<void> {
  const rows = (await knownProcesses(console.client)).map(({ name, id, own }) => {
    const here = id === console.process.id ? '<- you are here' : '';
    return [`  ${name}`, id, own ? here : 'built in'];
  });
  for (const line of alignColumns(rows)) console.terminal.print(line.trimEnd());
}

async function use(console: Console, [name]: readonly string[]): Promise<void> {
  const found = await findProcess(console.client, required(name, '.use NAME|ID'));
  if (!found.own) {
    const hint = 'Only its owner can evaluate Lua in it; send it messages with Send instead.';
    throw new CliError('PROCESS_UNKNOWN', `the process ${found.name} is not yours`, hint);
  }
  console.process = found;
  await refreshPrompt(console);
}

async function spawn(console: Console, [name]: readonly string[]): Promise<void> {
  const wanted = required(name, '.spawn NAME');
  await requireFreeName(console.client, wanted);
  console.process = await console.client.spawn(wanted);
  await refreshPrompt(console);
}

async function showWallets({ client, terminal }: Console): Promise<void> {
  const rows = await Promise.all(
    client.info.wallets.map(async ({ name, address }) => {
      const [ar, war] = await Promise.all([client.arBalance(address), client.warBalance(address)]);
      return [`  ${name}`, address, formatAmount(ar, 'AR'), formatAmount(war, 'wAR')];
    }),
  );
  for (const line of alignColumns(rows)) terminal.print(line);
}

async function showBalance(console: Console, [name]: readonly string[]): Promise<void> {
  const { client, terminal } = console;
  const account = name === undefined ? console.process : await findProcess(client, name);
  const winston = await client.warBalance(account.id);
  terminal.print(`${account.name}: ${winston} (${formatWar(winston)})`);
}

async function fund(console: Console, words: readonly string[]): Promise<void> {
  const [name, text] = words.length > 1 ? words : [undefined, words[0]];
  const { client, terminal } = console;
  const amount = required(text, '.fund [NAME] AMOUNT');
  const winston = parseAmount(amount);
  if (winston === undefined) {
    const hint = 'Give wAR with at most 12 decimals, such as 0.001.';
    throw new CliError('USAGE', `.fund cannot give "${amount}"`, hint, { amount });
  }
  const account = name === undefined ? console.process : await findProcess(client, name);
  const balance = await client.warBalance(client.wallet.address);
  if (balance < winston) throw tooPoor(client, balance, amount);
  const transfer = { Action: 'Transfer', Recipient: account.id, Quantity: winston.toString() };
  await client.send(client.info.processes.war, transfer);
  terminal.print(`${client.wallet.name} sends ${formatWar(winston)} to ${account.name}`);
}

function tooPoor({ wallet }: Client, balance: bigint, asked: string): CliError {
  const has = `${wallet.name} has ${formatAmount(balance, 'wAR')}`;
  const hint =
    'Nothing was sent. Give less, or sign with another key: `corral repl --wallet FILE`.';
  return new CliError('BALANCE_TOO_LOW', `${has}, ${asked} wAR were asked for`, hint);
}

function debugMessage({ debugging, process }: Console, [id]: readonly string[]): Promise<void> {
  return debugging.open(process, id);
}

async function addBreakpoint(console: Console, words: readonly string[]): Promise<void> {
  const { debugging, process, terminal } = console;
  const text = words.join(' ');
  const about = text === '' ? undefined : await debugging.addBreakpoint(process, text);
  const lines = describeBreakpoints(debugging.breakpointsOf(process), terminal, about);
  for (const line of lines) terminal.print(line);
}

async function removeBreakpoint(console: Console, [which = '']: readonly string[]): Promise<void> {
  const { debugging, process, terminal } = console;
  const left = withoutBreakpoint(debugging.breakpointsOf(process), which);
  await debugging.setBreakpoints(process, left);
  for (const line of describeBreakpoints(left, terminal)) terminal.print(line);
}

function exit(console: Console): void {
  console.closed = true;
}

function required(word: string | undefined, usage: string): string {
  if (word !== undefined && word !== '') return word;
  const [command = '', ...words] = usage.split(' ');
  const missing = words.find((candidate) => !candidate.startsWith('['));
  throw new CliError('USAGE', `${command} needs ${missing}`, `Write it as ${usage}.`, { usage });
}
