/** What puts something on the log of a network, and what became of it. */
import type { DataItemFields } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';
import { protocolTags, tagList, tagValue } from './items/protocol.js';
import type { Limits } from './limits.js';
import type { Accepted } from './messenger/messenger.js';
import { type Absent, fetchForItem } from './messenger/missing.js';
import type { ActorNetwork, Receipt, SendRequest, SpawnRequest } from './network.js';
import type { Signer } from './network-wallets.js';
import type { Units } from './units.js';

type Messaging = Pick<ActorNetwork, 'spawn' | 'send' | 'accept' | 'receive' | 'submit' | 'assign'>;

/** The calls that put something on the log. */
export function createMessaging(
  units: Units,
  { messageBytes: maxBytes }: Limits,
  gateway: Gateway,
  sign: Signer,
  absent: Absent | undefined,
): Messaging {
  const { messenger, scheduler, compute } = units;
  const receive = async (bytes: Uint8Array) => {
    const item = gateway.readItem(bytes, { maxBytes });
    if (gateway.upstream) await fetchForItem(gateway, item);
    if (absent?.has(item.target) && !scheduler.process(item.target))
      await absent.bring(item.target);
    return messenger.accept(item);
  };
  const send = async (request: SendRequest) =>
    settle(messenger.accept(sign(request.from, toMessage(request))), units);
  return {
    accept: (bytes) => messenger.accept(gateway.readItem(bytes, { maxBytes })),
    receive,
    send,
    submit: async (bytes) => settle(await receive(bytes), units),
    async assign(process, message, how) {
      if (gateway.upstream) await gateway.fetchMissing([message], { data: true });
      return settle(messenger.assign(process, message, how), units);
    },
    async spawn(request) {
      const { from } = request;
      const signed = sign(from, toProcess(request, scheduler.address, messenger.address));
      if (gateway.upstream) await fetchForItem(gateway, signed.item);
      const spawned = await settle(messenger.accept(signed, request.id), units);
      const { id } = spawned;
      return {
        id,
        name: tagValue(signed.item.tags, 'Name'),
        spawned,
        eval: (code, by = from) => send({ from: by, to: id, action: 'Eval', data: code }),
        dryRun: (message = {}) => compute.dryRun(id, message),
      };
    },
  };
}

/** Waits until everything that an accepted item set off is over, or waits for something. */
async function settle({ id, process, cascade }: Accepted, units: Units): Promise<Receipt> {
  await units.crank.rest(cascade);
  const { root, deliveries } = cascade;
  const { log } = units;
  const live: Receipt = {
    id,
    tree: root,
    get assignment() {
      return process === undefined ? undefined : log.at(process, root.nonce ?? -1);
    },
    get result() {
      return root.result;
    },
    get messages() {
      return deliveries.slice(1);
    },
    get errors() {
      return deliveries.flatMap(({ errors }) => errors);
    },
    get pending() {
      return cascade.pending;
    },
  };
  // What is over is kept as it is, and can be read once the network is closed as well.
  return live.pending > 0 ? live : { ...live };
}

function toMessage({ to, action, tags, data, anchor }: SendRequest): DataItemFields {
  const actionTag = action === undefined ? [] : [{ name: 'Action', value: action }];
  return {
    target: to,
    anchor,
    tags: [...protocolTags('Message'), ...actionTag, ...tagList(tags)],
    data: data ?? '',
  };
}

function toProcess(request: SpawnRequest, scheduler: string, authority: string): DataItemFields {
  const tags = tagList(request.tags);
  const defaults = { Module: request.module, Scheduler: scheduler, Authority: authority };
  const added = Object.entries(defaults)
    .filter(([name]) => tagValue(tags, name) === undefined)
    .map(([name, value]) => ({ name, value }));
  return { tags: [...protocolTags('Process'), ...added, ...tags], data: request.data ?? '' };
}
