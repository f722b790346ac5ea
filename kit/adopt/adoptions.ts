/**
 * Adopting: a process of another network is fetched when somebody touches it, and not before. What
 * was fetched is stored under its own ids, and from its first message here on it lives here.
 */
import type { AdoptedState } from '../../actors/compute/elsewhere.js';
import { tagValue, tagValues } from '../../actors/items/protocol.js';
import type { ActorNetwork } from '../../actors/network.js';
import type { DataItem } from '../../arlocal/data-item.js';
import { isId } from '../../arlocal/encoding.js';
import { createReader } from '../../arlocal/upstream/reader.js';
import { createRequests } from '../../arlocal/upstream/requests.js';
import { KitError } from '../errors.js';
import { type FindItem, readLog, type VerifiedLog } from './log.js';
import { type AdoptRequest, checkRequest } from './request.js';
import { openSource, type Source } from './source.js';
import { checkState, readState } from './state.js';
import { verifyWireItem } from './wire-item.js';

export interface Adoptions {
  /** All that were asked for. */
  requests(): readonly AdoptRequest[];
  /** @throws {BAD_OPTION, ADOPT_EXISTS} */
  add(request: AdoptRequest): Promise<void>;
  /** How many processes were asked for. */
  readonly size: number;
  /** True for a process that was asked for. */
  has(process: string): boolean;
  /** Fetches what is new of a process that was asked for. @returns how many messages */
  bring(process: string): Promise<number>;
}

const DEADLINE_MS = 30_000;

/**
 * @param current the network of this moment, once it has started
 * @param onBrought told of each process that is here now
 */
export function createAdoptions(
  current: () => Promise<ActorNetwork>,
  onBrought: (process: string) => void,
  known: readonly AdoptRequest[] = [],
): Adoptions {
  const requests = new Map(known.map((request) => [request.process, request]));
  const underWay = new Map<string, Promise<number>>();
  const fetchNow = async (request: AdoptRequest) => {
    const count = await fetchProcess(await current(), request);
    onBrought(request.process);
    return count;
  };
  return {
    requests: () => [...requests.values()],
    async add(request) {
      const checked = checkRequest(request);
      const { process } = checked;
      const { units } = await current();
      if (units.scheduler.process(process)) throw exists(process);
      requests.set(process, checked);
    },
    get size() {
      return requests.size;
    },
    has: (process) => requests.has(process),
    bring(process) {
      const request = requests.get(process);
      if (!request) return Promise.resolve(0);
      const fetching =
        underWay.get(process) ?? fetchNow(request).finally(() => underWay.delete(process));
      underWay.set(process, fetching);
      return fetching;
    },
  };
}

/** Everything is verified before anything is stored. */
async function fetchProcess(network: ActorNetwork, request: AdoptRequest): Promise<number> {
  const { process, cu, gateway } = request;
  const { units } = network;
  const record = units.scheduler.process(process);
  if (record && !record.adopted) throw exists(process);
  const next = record?.adopted?.until ?? 0;
  const last = units.log.at(process, next - 1);
  const source = openSource(request);
  const find = createFind(network, source, gateway);
  const isFirst = next === 0;
  const state =
    isFirst && request.state === 'checkpoint' ? await readState(cu ?? '', process) : undefined;
  const here = { next, last, scheduler: record?.adopted?.scheduler };
  const log = await readLog(source, request, here, find);
  if (isFirst && log.entries.length === 0) throw empty(source, process);
  if (state) checkState(cu ?? '', process, state, log.entries.length);
  const programs = isFirst ? await findPrograms(network, log, find) : [];
  const messenger = isFirst ? await messengerOf(request, source, log) : undefined;
  store(network, request, { ...log, items: [...programs, ...log.items] }, messenger, state);
  return log.entries.length;
}

function store(
  { gateway, units }: ActorNetwork,
  { process }: AdoptRequest,
  { scheduler, entries, items }: VerifiedLog,
  messenger: string | undefined,
  state: AdoptedState | undefined,
): void {
  if (entries.length === 0) return;
  for (const { item, alias } of items) {
    if (!gateway.item(alias ?? item.id))
      gateway.putItem(item, alias === undefined ? {} : { alias });
  }
  const from = units.scheduler.process(process)?.adopted?.messenger ?? messenger;
  units.adopt({ process, scheduler, entries, ...(from && { messenger: from }) }, state);
}

/** Who signed for processes there: the one whom the process trusts, if nobody tells. */
async function messengerOf(request: AdoptRequest, source: Source, { items }: VerifiedLog) {
  const told = request.messenger ?? (await source.messenger?.());
  if (told !== undefined) return told;
  const [authority, other] = tagValues(items[0]?.item.tags ?? [], 'Authority').flatMap((value) =>
    value.split(','),
  );
  return other === undefined ? authority : undefined;
}

/** Looks here, at the network's own gateway behind, at the node, and at the gateway that was given. */
function createFind(network: ActorNetwork, source: Source, gateway: string | undefined): FindItem {
  const reader =
    gateway === undefined
      ? undefined
      : createReader(
          createRequests({ url: gateway, fetch, deadline: () => AbortSignal.timeout(DEADLINE_MS) }),
        );
  return async (id) => {
    await network.gateway.fetchMissing([id], { data: true });
    const here = network.gateway.item(id);
    if (here) return here;
    const wire = await source.item?.(id).catch(ignoreRefusal);
    const served = wire && verifyWireItem(wire);
    if (served?.id === id) return served;
    const found = await reader?.find(id).catch(ignoreRefusal);
    return found?.kind === 'item' ? found.item : undefined;
  };
}

/** What a process runs, which its log does not hold. @throws {ADOPT_MODULE} */
async function findPrograms(network: ActorNetwork, { items }: VerifiedLog, find: FindItem) {
  const tags = items[0]?.item.tags ?? [];
  const ids = ['Module', 'On-Boot'].map((name) => tagValue(tags, name) ?? '').filter(isId);
  const programs: { item: DataItem }[] = [];
  for (const id of ids) {
    if (network.gateway.locate(id)) continue;
    const item = await find(id);
    if (!item && !network.gateway.locate(id)) throw noModule(id);
    if (item) programs.push({ item });
  }
  return programs;
}

/** Who has it not, or something else under its id, has it not; who is away may have it. */
const HAS_IT_NOT: ReadonlySet<unknown> = new Set([
  'ADOPT_REFUSED',
  'UPSTREAM_REFUSED',
  'UPSTREAM_UNTRUE',
]);

function ignoreRefusal(error: unknown): undefined {
  if (HAS_IT_NOT.has((error as { code?: unknown }).code)) return undefined;
  throw error;
}

function noModule(id: string): KitError {
  return new KitError('ADOPT_MODULE', `nobody has the module ${id}, which the process runs`, {
    hint: 'Give the URL of a gateway that has it: adopt({ ..., gateway }).',
    details: { id },
  });
}

function empty({ url }: Source, process: string): KitError {
  return new KitError('ADOPT_LOG', `the log of ${process} at ${url} is empty`, {
    hint: 'Give the URL of the scheduler unit that the process names, or of its node.',
    details: { url, process },
  });
}

function exists(process: string): KitError {
  return new KitError('ADOPT_EXISTS', `the process ${process} is on this network already`, {
    hint: 'Adopt it in a network of its own.',
    details: { process },
  });
}
