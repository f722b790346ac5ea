/**
 * What the store lacks is read from the given gateway, and is stored here from then on: so that what a
 * process read once it reads again, whatever becomes of that gateway.
 */
import { isId } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import type { Entry, Store } from '../store.js';
import type { Found, Reader } from './reader.js';

export interface FetchOptions {
  /** Data of transactions too, which is not read otherwise. @default false */
  readonly data?: boolean | undefined;
}

export interface FetcherOptions {
  readonly store: Store;
  readonly reader: Reader;
  /** Stores what was read and verified. */
  readonly adopt: (found: Found) => void;
  /** Closes a block: a transaction that was read was mined there, so it is not pending here. */
  readonly mine: () => void;
}

/** Ids that one request may make us ask for. */
const IDS_MAX = 100;

export function createFetcher({ store, reader, adopt, mine }: FetcherOptions) {
  const findOnce = shareCalls(reader.find);
  const dataOnce = shareCalls((id) => {
    const entry = store.get(id)?.entry;
    return entry ? fetchData(entry) : Promise.resolve();
  });

  async function fetchData({ id, dataKey, dataSize, l1 }: Entry): Promise<void> {
    const data = await reader.data({ id, dataSize, dataRoot: l1?.dataRoot ?? '' });
    if (data && !store.data(dataKey)) store.putData(dataKey, data);
  }

  /** Throws what the reader throws, and LIST_TOO_LONG. */
  return async (ids: readonly string[], { data = false }: FetchOptions = {}): Promise<void> => {
    const unknown = [...new Set(ids)].filter((id) => isId(id) && !store.get(id));
    if (unknown.length > IDS_MAX) {
      const bounds = { what: 'Ids that are not here', got: unknown.length, limit: IDS_MAX };
      throw new ArlocalError('LIST_TOO_LONG', bounds);
    }
    const found = (await Promise.all(unknown.map(findOnce))).filter((one) => one !== undefined);
    for (const one of found) adopt(one); // in the order of the request, not of the answers
    if (found.some(({ kind }) => kind === 'transaction')) mine();
    if (!data) return;
    const known = ids.flatMap((id) => store.get(id)?.entry ?? []);
    await Promise.all(known.filter(lacksData).map(({ id }) => dataOnce(id)));
  };

  function lacksData({ l1, dataSize, dataKey }: Entry): boolean {
    return l1 !== null && dataSize > 0 && !store.data(dataKey);
  }
}

/** Calls with the same id at the same time are one. */
function shareCalls<Result>(call: (id: string) => Promise<Result>) {
  const underWay = new Map<string, Promise<Result>>();
  return (id: string): Promise<Result> => {
    const shared = underWay.get(id) ?? call(id).finally(() => underWay.delete(id));
    underWay.set(id, shared);
    return shared;
  };
}
