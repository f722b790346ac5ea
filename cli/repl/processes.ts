/**
 * Processes by name: those that the network booted with and those that this wallet owns.
 */
import { didYouMean } from '../../index.js';
import type { Client } from '../client.js';
import { CliError } from '../errors.js';
import type { ProcessRef } from '../process-query.js';

export interface KnownProcess extends ProcessRef {
  /** Whether this wallet may evaluate Lua in it. */
  readonly own: boolean;
}

/** The network's own processes under the names that the banner uses, then the wallet's. */
export async function knownProcesses(client: Client): Promise<KnownProcess[]> {
  const own = (await client.ownProcesses()).map((found) => ({ ...found, own: true }));
  const ids = new Set(own.map(({ id }) => id));
  return [...bootedProcesses(client).filter(({ id }) => !ids.has(id)), ...own];
}

/** Names as in the banner: wAR, herder, llama-1 and so on. */
export function bootedProcesses({ info }: Pick<Client, 'info'>): KnownProcess[] {
  const { war, herder, arbiter, workers, joker, apm, apmV2 } = info.processes;
  const named: [string, string][] = [
    ['wAR', war],
    ['herder', herder],
    ['arbiter', arbiter],
    ...workers.map((id, index): [string, string] => [`llama-${index + 1}`, id]),
    ['joker', joker],
    ['apm', apm],
    ['apm-2', apmV2],
  ];
  return named.map(([name, id]) => ({ name, id, own: false }));
}

/** Names of the booted processes by id. */
export function bootedNames(client: Pick<Client, 'info'>): Map<string, string> {
  return new Map(bootedProcesses(client).map(({ id, name }) => [id, name]));
}

/**
 * @param name a name, or the id of any known process; among equal names the newest counts
 * @throws {CliError} PROCESS_UNKNOWN
 */
export async function findProcess(client: Client, name: string): Promise<KnownProcess> {
  const known = await knownProcesses(client);
  const found = known.findLast((process) => process.name === name || process.id === name);
  if (found !== undefined) return found;
  const names = known.map((process) => process.name);
  const hint = `${didYouMean(name, names)}.processes lists them all.`;
  throw new CliError('PROCESS_UNKNOWN', `no process named "${name}"`, hint, { name });
}

/**
 * Two processes of one name could not be told apart: `.use` takes the newest.
 *
 * @throws {CliError} NAME_TAKEN
 */
export async function requireFreeName(client: Client, name: string): Promise<void> {
  const id = await client.findProcess(name);
  if (id !== undefined) {
    const hint = `Go to it with \`.use ${name}\`, or choose another name.`;
    throw new CliError('NAME_TAKEN', `you own a process named "${name}" already: ${id}`, hint);
  }
  requireNotBuiltIn(client, name);
}

/** @throws {CliError} NAME_TAKEN */
export function requireNotBuiltIn(client: Client, name: string): void {
  const builtIn = bootedProcesses(client).find((process) => process.name === name);
  if (builtIn === undefined) return;
  const message = `"${name}" is a built-in program of the network: ${builtIn.id}`;
  const hint = 'Nobody can evaluate Lua in it: send it messages, and choose another name.';
  throw new CliError('NAME_TAKEN', message, hint, { name });
}
