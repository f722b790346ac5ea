/**
 * The log of a network that nobody talks to at its own keyboard: what the herd and the other booted
 * processes print, every error, and every request that was refused. Processes have the names that
 * the banner gives them or that they were spawned with; ids are whole, to be looked up.
 */
import { stripVTControlCharacters } from 'node:util';
import type { NetworkEvent } from '../index.js';
import type { Client } from './client.js';
import type { CommandContext } from './command.js';
import { describeFailure, type FailureOptions } from './failures.js';
import type { Feed } from './feed.js';
import { formatCount } from './format.js';
import { findName } from './process-query.js';
import { bootedNames } from './repl/processes.js';

type EventOf<Type extends NetworkEvent['type']> = Extract<NetworkEvent, { type: Type }>;

/** Whose prints are logged, and the name that any process was spawned with. */
export interface LogNames {
  readonly booted: ReadonlyMap<string, string>;
  /** Empty for a process without a name. */
  nameOf(process: string): string;
}

/** Names that are remembered; a process beyond them is asked for again. */
const NAMES_MAX = 1_000;

/** Writes the log to stderr until the feed ends. */
export function watchHerd(client: Client, feed: Feed, { terminal, debug }: CommandContext): void {
  const booted = bootedNames(client);
  const given = new Map<string, string>();
  const options = { colors: terminal.colors, debug };
  const nameOf = (process: string) => given.get(process) ?? '';
  let written = Promise.resolve();
  /** Asks the gateway for the name of a process that an error is about: it may be of an earlier run. */
  const learn = async (event: NetworkEvent) => {
    const process = event.type === 'error' ? event.error.process : undefined;
    if (process === undefined || booted.has(process) || given.has(process)) return;
    if (given.size >= NAMES_MAX) given.clear();
    given.set(process, await findName(client.fetch, client.info.urls.gateway, process));
  };
  const write = async (event: NetworkEvent) => {
    await Promise.allSettled([learn(event)]); // without a name, its id has to do
    const line = describeLogged(event, { booted, nameOf }, options);
    if (line !== undefined) terminal.note(line);
  };
  feed.listen((event) => {
    if (isLogged(event, booted)) written = written.then(() => write(event));
  });
}

function isLogged(event: NetworkEvent, booted: ReadonlyMap<string, string>): boolean {
  if (event.type === 'evaluated') return event.print && booted.has(event.process);
  return event.type === 'error' || event.type === 'refused';
}

export function describeLogged(
  event: NetworkEvent,
  names: LogNames,
  options: FailureOptions,
): string | undefined {
  if (event.type === 'error') {
    const failure = describeFailure(event.error, { ...options, wholeIds: true });
    return prefixLines(sourceOf(event.error.process, names), failure);
  }
  if (event.type === 'refused') return describeRefusal(event, options);
  if (event.type !== 'evaluated') return undefined;
  const name = names.booted.get(event.process);
  if (name === undefined || !event.print || !event.output) return undefined;
  return prefixLines(name, event.output);
}

/** What an earlier run left. */
export function describeResumed({ requests, messages }: EventOf<'resumed'>): string {
  const underWay = requests === 1 ? '1 request' : `${formatCount(requests)} requests`;
  const left = messages === 1 ? '1 message' : `${formatCount(messages)} messages`;
  return `network  takes up what an earlier run left: ${underWay} under way, ${left} to go on with`;
}

/** `node  refused POST /push 404 UNKNOWN_PROCESS there is no process AAA`; what to do, if it is ours. */
export function describeRefusal(
  { part, method, path, status, code, text, hint, others }: EventOf<'refused'>,
  { colors }: Pick<FailureOptions, 'colors'>,
): string {
  const request = `${method} ${path} ${status} ${code} ${text}`;
  const more = others === undefined ? '' : colors.dim(` (and ${formatCount(others)} more)`);
  const isOurs = status >= 500;
  const line = `${colors.red(isOurs ? 'failed' : 'refused')} ${onOneLine(request)}${more}`;
  return prefixLines(part, isOurs && hint ? `${line}\n  ${onOneLine(hint)}` : line);
}

function sourceOf(process: string | undefined, { booted, nameOf }: LogNames): string {
  if (process === undefined) return 'network';
  const given = onOneLine(nameOf(process)).slice(0, 40);
  return booted.get(process) ?? (given === '' ? 'process' : `"${given}"`);
}

/** Texts of others: nothing in them moves the cursor or begins a line. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

function prefixLines(name: string, text: string): string {
  return text
    .split('\n')
    .map((line) => `${name}  ${line}`)
    .join('\n');
}
