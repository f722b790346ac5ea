/**
 * Processes by owner and name, found as aos finds them: through the GraphQL of the gateway.
 */
import { checked, type Fetch, reach, refused } from './requests.js';

export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface ProcessRef {
  readonly name: string;
  readonly id: string;
}

const PROCESSES_QUERY = `query ($owners: [String!], $tags: [TagFilter!], $after: String) {
  transactions(owners: $owners, tags: $tags, first: 100, after: $after, sort: HEIGHT_ASC) {
    pageInfo { hasNextPage }
    edges { cursor node { id tags { name value } } }
  }
}`;

/**
 * Processes that an address owns, oldest first.
 *
 * @param name only those of this name; all without
 */
export async function findProcesses(
  fetch: Fetch,
  gateway: string,
  owner: string,
  name?: string,
): Promise<ProcessRef[]> {
  const tags = [
    { name: 'Data-Protocol', values: ['ao'] },
    { name: 'Type', values: ['Process'] },
    ...(name === undefined ? [] : [{ name: 'Name', values: [name] }]),
  ];
  const found: ProcessRef[] = [];
  let page: ProcessPage | undefined;
  do {
    const after: string | undefined = page?.edges.at(-1)?.cursor;
    page = await queryProcesses(fetch, gateway, { owners: [owner], tags, after });
    found.push(...page.edges.map(({ node }) => ({ id: node.id, name: nameOf(node.tags) })));
  } while (page.pageInfo.hasNextPage);
  return found;
}

/** The name that a process was spawned with; empty without one. */
export async function findName(fetch: Fetch, gateway: string, process: string): Promise<string> {
  const query = 'query ($id: ID!) { transaction(id: $id) { tags { name value } } }';
  const { transaction } = await ask<{ transaction: { tags: Tag[] } | null }>(fetch, gateway, {
    query,
    variables: { id: process },
  });
  return nameOf(transaction?.tags ?? []);
}

interface ProcessPage {
  readonly pageInfo: { readonly hasNextPage: boolean };
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly tags: readonly Tag[] };
  }[];
}

async function queryProcesses(
  fetch: Fetch,
  gateway: string,
  variables: Readonly<Record<string, unknown>>,
): Promise<ProcessPage> {
  const query = PROCESSES_QUERY;
  const { transactions } = await ask<{ transactions: ProcessPage }>(fetch, gateway, {
    query,
    variables,
  });
  return transactions;
}

async function ask<Data>(fetch: Fetch, gateway: string, question: object): Promise<Data> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(question);
  const response = await reach(fetch, `${gateway}/graphql`, { method: 'POST', headers, body });
  const { data, errors } = (await (await checked(response, 'gateway')).json()) as {
    data?: Data;
    errors?: readonly { message: string }[];
  };
  if (data === undefined || data === null) {
    throw refused('gateway', errors?.[0]?.message ?? 'an empty answer to a GraphQL query');
  }
  return data;
}

function nameOf(tags: readonly Tag[]): string {
  return tags.find((tag) => tag.name === 'Name')?.value ?? '';
}
