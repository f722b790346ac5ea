/** Where a log is read: a scheduler unit, or a node in HyperBEAM's shape. Nothing is checked here. */
import { type Fields, fieldsOf } from '../../arlocal/json-fields.js';
import { createEndpoint, type Endpoint, unreadable } from './endpoint.js';
import type { AdoptRequest } from './request.js';
import { readLegacyItem, readNodeItem, type WireItem } from './wire-item.js';

/** A message and the assignment that gave it its place. */
export interface WireEntry {
  /** Undefined if the endpoint does not serve it: an Arweave transaction, say. */
  readonly message: WireItem | undefined;
  readonly assignment: WireItem | undefined;
}

export interface Source {
  readonly url: string;
  /** The log of a process from a nonce on, page by page. */
  pages(process: string, from: number): AsyncIterable<readonly WireEntry[]>;
  /** An item by its id, where the endpoint serves items. */
  item?(id: string): Promise<WireItem | undefined>;
  /** Address of the messenger unit, where the endpoint tells it. */
  messenger?(): Promise<string | undefined>;
}

const PAGE = 1000;

export function openSource({ su, node }: AdoptRequest): Source {
  if (node !== undefined) return openNode(createEndpoint(node));
  return openSchedulerUnit(createEndpoint(su ?? ''));
}

function openSchedulerUnit(endpoint: Endpoint): Source {
  return {
    url: endpoint.url,
    async *pages(process, from) {
      for (let next = from; ; ) {
        const after = next === 0 ? '' : `&from-nonce=${next - 1}`;
        const path = `/${process}?process-id=${process}&limit=${PAGE}${after}`;
        const page = await endpoint.getFields(path);
        const edges = page.get('edges');
        if (!Array.isArray(edges)) throw unreadable(endpoint.url, path, 'it has no edges');
        if (edges.length === 0) return;
        yield edges.map((edge) => {
          const entry = fieldsOf(fieldsOf(edge).get('node'));
          const [message, assignment] = [entry.get('message'), entry.get('assignment')];
          return { message: readLegacyItem(message), assignment: readLegacyItem(assignment) };
        });
        next += edges.length;
        if (fieldsOf(page.get('page_info')).get('has_next_page') !== true) return;
      }
    },
  };
}

function openNode(endpoint: Endpoint): Source {
  const { url } = endpoint;
  return {
    url,
    async *pages(process, from) {
      for (let next = from; ; ) {
        const path = `/${process}~process@1.0/schedule?from=${next}&to=${next + PAGE - 1}`;
        const page = await endpoint.getFields(path);
        const assignments = fieldsOf(page.get('assignments'));
        if (!page.has('assignments')) throw unreadable(url, path, 'it has no assignments');
        const slots = [...assignments].sort(([a], [b]) => Number(a) - Number(b));
        if (slots.length === 0) return;
        yield slots.map(([, json]) => ({
          message: readNodeItem(fieldsOf(json).get('body')),
          assignment: readNodeItem(json),
        }));
        next += slots.length;
        if (page.get('continues') !== true) return;
      }
    },
    item: async (id) => readNodeItem(Object.fromEntries(await endpoint.getFields(`/${id}`))),
    async messenger() {
      const info: Fields = await endpoint.getFields('/~meta@1.0/info');
      const address = info.get('address');
      return typeof address === 'string' ? address : undefined;
    },
  };
}
