/**
 * Message trees of a running network: asked for at its gateway, drawn as text with the names that a
 * person knows.
 */
import { renderTree, type TraceDocument, type TreeDetail, type TreeRole } from '../index.js';
import type { Client } from './client.js';
import { bootedNames } from './repl/processes.js';
import { answered, type Fetch, reach } from './requests.js';
import type { Colors, Terminal } from './terminal.js';

export interface TraceQuestion {
  /** Whole id of a message, process or cron, or its beginning. */
  readonly id: string;
  /** Whether to tell what changed in the states. */
  readonly state: boolean;
  /** Most deliveries. */
  readonly most?: number | undefined;
  /** Of several deliveries of one message, the one to this process. */
  readonly process?: string | undefined;
}

/** All that `corral trace` shows. */
export const FULL_DETAIL: TreeDetail = {
  nonce: true,
  ids: true,
  time: true,
  gas: true,
  tags: true,
  output: 'all',
  stacks: true,
};

/** @throws {CliError} NETWORK_UNREACHABLE, NETWORK_REFUSED */
export async function fetchTrace(
  fetch: Fetch,
  gateway: string,
  { id, state, most, process }: TraceQuestion,
): Promise<TraceDocument> {
  const query = new URLSearchParams({
    state: state ? '1' : '0',
    ...(most === undefined ? {} : { most: String(most) }),
    ...(process === undefined ? {} : { process }),
  });
  const url = `${gateway}/corral/trace/${encodeURIComponent(id)}?${query}`;
  return (await (await answered(await reach(fetch, url), 'gateway')).json()) as TraceDocument;
}

/** The names in a trace, those of the banner and of the dev wallets first. */
export function namesOf(
  document: TraceDocument,
  client: Pick<Client, 'info'>,
): ReadonlyMap<string, string> {
  const { wallets, authority } = client.info;
  return new Map([
    ...Object.entries(document.names),
    ...wallets.map(({ address, name }): [string, string] => [address, name]),
    [authority, 'messenger unit'],
    ...bootedNames(client),
  ]);
}

export function drawTrace(
  document: TraceDocument,
  names: ReadonlyMap<string, string>,
  { colors, columns, interactive }: Pick<Terminal, 'colors' | 'columns' | 'interactive'>,
  detail: TreeDetail = FULL_DETAIL,
): string {
  return renderTree(document.tree, {
    names,
    detail,
    columns: interactive ? columns() : 100,
    paint: (text, role) => paint(text, role, colors),
  });
}

function paint(text: string, role: TreeRole, colors: Colors): string {
  if (role === 'message') return colors.bold(text);
  if (role === 'error') return colors.red(text);
  if (role === 'notice') return colors.yellow(text);
  return /^ {4}> /.test(text) ? text : colors.dim(text);
}
