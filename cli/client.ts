/**
 * A small client to a running network, over the HTTP that every AO client speaks: items are signed
 * here and posted to the messenger unit, results read from the compute unit, processes found by
 * name through the gateway's GraphQL. The CLI uses nothing else, so `start`, `up`, `run` and `repl`
 * see exactly what any other client sees.
 */
import { type CorralInfo, signDataItem, type Wallet } from '../index.js';
import type { NextAnchor } from './anchors.js';
import { CliError } from './errors.js';
import { findProcesses, type ProcessRef, type Tag } from './process-query.js';
import { checked, type Fetch, reach, refused } from './requests.js';

/** An outbox entry of a result, as the compute unit serves it. */
interface OutboxMessage {
  readonly Target?: string;
  readonly Tags?: readonly Tag[];
  readonly Data?: string;
}

/** One evaluation, as far as a console needs it. */
interface Evaluation {
  /** What the process printed and the value of an Eval, colours included. */
  readonly output: string;
  readonly prompt?: string;
  readonly error?: string;
  readonly messages: readonly OutboxMessage[];
}

export interface Client {
  readonly info: CorralInfo;
  readonly wallet: Wallet;
  readonly fetch: Fetch;
  /** Newest process of that name that this client's wallet owns. */
  findProcess(name: string): Promise<string | undefined>;
  /** All processes that this client's wallet owns, oldest first. */
  ownProcesses(): Promise<ProcessRef[]>;
  spawn(name: string): Promise<ProcessRef>;
  /** Signs and sends a message; resolves to its id once the messenger unit took it. */
  send(target: string, tags: Readonly<Record<string, string>>, data?: string): Promise<string>;
  /** Calls the listener with the id of every message sent from now on; returns how to stop. */
  onSent(listener: (message: string) => void): () => void;
  /** Evaluates Lua in a process that this client's wallet owns. */
  evaluate(process: string, code: string): Promise<Evaluation>;
  /** Evaluates a message and forgets it: nothing is assigned, the process stays as it was. */
  dryRun(
    process: string,
    tags: Readonly<Record<string, string>>,
    data?: string,
  ): Promise<Evaluation>;
  /** winston of wAR that a wallet or a process holds */
  warBalance(account: string): Promise<bigint>;
  /** winston of AR at an address */
  arBalance(address: string): Promise<bigint>;
}

export interface ClientOptions {
  readonly info: CorralInfo;
  readonly wallet: Wallet;
  readonly fetch: Fetch;
  readonly nextAnchor: NextAnchor;
}

const PROTOCOL = { 'Data-Protocol': 'ao', Variant: 'ao.TN.1' };

/** What is known about a network at its gateway: GET {gateway}/corral. */
export async function fetchInfo(fetch: Fetch, gateway: string): Promise<CorralInfo> {
  const response = await reach(fetch, `${gateway}/corral`);
  if (!response.ok) {
    const hint = 'Another program may have this port; choose one with --port-base.';
    const message = `no Corral network at ${gateway} (HTTP ${response.status})`;
    throw new CliError('NETWORK_UNREACHABLE', message, hint, { gateway });
  }
  return (await response.json()) as CorralInfo;
}

export function createClient({ info, wallet, fetch, nextAnchor }: ClientOptions): Client {
  const { urls } = info;

  const post = async (target: string, tags: Readonly<Record<string, string>>, data: string) => {
    const list = Object.entries({ ...PROTOCOL, ...tags }).map(([name, value]) => ({ name, value }));
    const { item, bytes } = signDataItem(wallet, {
      target,
      anchor: nextAnchor(),
      tags: list,
      data,
    });
    const headers = { 'Content-Type': 'application/octet-stream', Accept: 'application/json' };
    const body = new Uint8Array(bytes);
    await checked(await reach(fetch, urls.mu, { method: 'POST', headers, body }), 'messenger unit');
    return item.id;
  };

  const dryRun: Client['dryRun'] = async (process, tags, data = '') => {
    const Tags = Object.entries({ ...PROTOCOL, Type: 'Message', ...tags }).map(([name, value]) => ({
      name,
      value,
    }));
    const sender = { Id: '1234', Owner: wallet.address, From: wallet.address, Anchor: '0' };
    const body = JSON.stringify({ ...sender, Target: process, Data: data, Tags });
    const headers = { 'Content-Type': 'application/json' };
    const url = `${urls.cu}/dry-run?process-id=${process}`;
    return readEvaluation(await reach(fetch, url, { method: 'POST', headers, body }));
  };

  const sentListeners = new Set<(message: string) => void>();
  const send: Client['send'] = async (target, tags, data = '') => {
    const message = await post(target, { Type: 'Message', ...tags }, data);
    for (const listener of sentListeners) listener(message);
    return message;
  };

  return {
    info,
    wallet,
    fetch,
    ownProcesses: () => findProcesses(fetch, urls.gateway, wallet.address),
    findProcess: async (name) =>
      (await findProcesses(fetch, urls.gateway, wallet.address, name)).at(-1)?.id,
    spawn: async (name) => {
      const units = { Module: info.module, Scheduler: info.scheduler, Authority: info.authority };
      return { name, id: await post('', { Type: 'Process', Name: name, ...units }, '1984') };
    },
    send,
    onSent: (listener) => {
      sentListeners.add(listener);
      return () => sentListeners.delete(listener);
    },
    evaluate: async (process, code) => {
      const message = await send(process, { Action: 'Eval' }, code);
      return readEvaluation(
        await reach(fetch, `${urls.cu}/result/${message}?process-id=${process}`),
      );
    },
    dryRun,
    warBalance: async (account) => {
      const tags = { Action: 'Balance', Recipient: account };
      const { messages, error } = await dryRun(info.processes.war, tags);
      const quantity = messages[0]?.Data;
      if (quantity !== undefined) return BigInt(quantity);
      throw refused('wAR process', `no balance of ${account}: ${error ?? 'it sent no answer'}`);
    },
    arBalance: async (address) => {
      const response = await reach(fetch, `${urls.gateway}/wallet/${address}/balance`);
      return BigInt(await (await checked(response, 'gateway')).text());
    },
  };
}

/** Reads a result of the compute unit; its status code says nothing, as for every AO client. */
export async function readEvaluation(response: Response): Promise<Evaluation> {
  const body = (await response.json()) as {
    error?: string;
    Error?: unknown;
    Output?: { data?: unknown; prompt?: string };
    Messages?: readonly OutboxMessage[];
  };
  if (body.error !== undefined) throw refused('compute unit', body.error);
  const data = body.Output?.data;
  return {
    output: typeof data === 'string' ? data : '',
    messages: body.Messages ?? [],
    ...(body.Output?.prompt === undefined ? {} : { prompt: body.Output.prompt }),
    ...(body.Error ? { error: errorText(body.Error) } : {}),
  };
}

/** An Eval's error may be any JSON value: whatever the Lua code returned second. */
function errorText(error: unknown): string {
  return typeof error === 'string' ? error : JSON.stringify(error);
}
