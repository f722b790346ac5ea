/**
 * The developer's network: in memory, with its own time, wallets by name and processes from a text or
 * a file. It is a network like any other to whatever takes one, and stands on a core network that it
 * can exchange, so that what holds it goes on when the whole state does not.
 */

import { tagList } from '../actors/items/protocol.js';
import type { ActorNetwork, Receipt as CoreReceipt } from '../actors/network.js';
import { impersonate, signMessage, signSpawn } from './cheats/impersonate.js';
import { mintWar } from './cheats/mint-war.js';
import { setState } from './cheats/set-state.js';
import { type Core, createRelay, miningOf, startCore } from './core.js';
import { delegateTo, join } from './delegate.js';
import type { Network, NetworkOptions, Receipt, SpawnRequest } from './network-api.js';
import { createDirectory, type Directory } from './people/directory.js';
import type { Sender } from './people/refs.js';
import { readContent, readDryRun } from './process/message.js';
import { createProcess, findProcess, markNetwork } from './process/process.js';
import { bootFailed, createDefaultModule, readSpawn } from './process/spawn.js';
import { createRead } from './read/read.js';
import { createKitClock, keepRealTime } from './time/kit-clock.js';

export type * from './network-api.js';

/**
 * @throws {BAD_OPTION, BAD_MOMENT, BAD_DURATION, UPSTREAM_AWAY, UPSTREAM_REFUSED}
 * @example
 * await using network = await createNetwork();
 * const counter = await network.spawn({ file: 'counter.lua' });
 * const { result } = await network.send({ from: 'alice', to: counter, action: 'Increment' });
 */
export async function createNetwork(options: NetworkOptions = {}): Promise<Network> {
  return createFacade(options, await startCore(options));
}

function createFacade(options: NetworkOptions, first: Core): Network {
  const core = first;
  const current = () => core.network;
  const directory = createDirectory(current);
  const relay = createRelay();
  relay.events.on('spawned', ({ process, name }) => directory.note(process, name));
  relay.follow(core);
  const clock = createKitClock(() => core);
  const stopTime = options.time === 'real' ? keepRealTime(clock, relay.emit) : undefined;
  const network: Network = join(delegateTo(current), {
    ...createCalls(current, directory, () => network),
    clock,
    events: relay.events,
    mining: miningOf(options),
    get names() {
      return directory.names;
    },
    wallet: directory.wallet,
    idOf: directory.idOf,
    async mine(blocks?: number) {
      const block = current().gateway.mine(blocks);
      await current().clock.tick();
      return block;
    },
    async close() {
      stopTime?.();
      await core.close();
      relay.end();
    },
    [Symbol.asyncDispose]: () => network.close(),
  });
  return network;
}

type Calls = Pick<
  Network,
  | 'ownerOf'
  | 'impersonate'
  | 'mintWar'
  | 'setState'
  | 'process'
  | 'spawn'
  | 'send'
  | 'eval'
  | 'submit'
  | 'assign'
  | 'dryRun'
  | 'read'
  | 'result'
  | 'results'
  | 'crons'
  | 'monitor'
  | 'unmonitor'
  | 'replay'
  | 'stateHash'
>;

/** The calls that name processes and senders. */
function createCalls(
  current: () => ActorNetwork,
  directory: Directory,
  self: () => Network,
): Calls {
  const { idOf } = directory;
  const addressOf = (sender: Sender) => directory.senderOf(sender).address;
  const moduleOf = createDefaultModule(current);
  const mark = (receipt: CoreReceipt) => markReceipt(receipt, self());
  return {
    ownerOf(process) {
      const { from } = current().units.scheduler.requireProcess(idOf(process));
      return directory.walletAt(from) ?? impersonate(current(), from);
    },
    impersonate: (ref) => impersonate(current(), idOf(ref)),
    mintWar: async (to, amount) => mintWar(current(), self().send, moduleOf, idOf(to), amount),
    setState: async (process, path, value) =>
      setState(current(), self().send, idOf(process), path, value),
    process: (ref) => findProcess(self(), current().units.scheduler.requireProcess(idOf(ref))),
    async spawn(request = {}) {
      const spawning = readSpawn(request, moduleOf);
      const by = signSpawn(current(), directory.senderOf(request.from ?? 'owner'));
      const tags = [...by.tags, ...spawning.tags];
      const { id, name, spawned } = await current().spawn({ ...spawning, tags, from: by.from });
      const receipt = mark(spawned);
      if (isProgram(request) && receipt.result?.error) {
        throw bootFailed(request, id, receipt.result.error);
      }
      return createProcess(self(), { id, name }, receipt);
    },
    async send({ from, to, ...content }) {
      const said = readContent(content);
      const by = signMessage(current(), directory.senderOf(from));
      const tags = [...by.tags, ...tagList(said.tags)];
      return mark(await current().send({ ...said, tags, from: by.from, to: idOf(to) }));
    },
    eval: (process, code, from) =>
      self().send({
        from: from ?? self().ownerOf(process),
        to: process,
        action: 'Eval',
        data: code,
      }),
    submit: async (bytes) => mark(await current().submit(bytes)),
    assign: async (process, message, how) =>
      mark(await current().assign(idOf(process), message, how)),
    dryRun: async (process, message = {}) =>
      current().dryRun(idOf(process), readDryRun(message, addressOf)),
    read: createRead(current, idOf),
    result: async (process, message) => current().result(idOf(process), message),
    results: (process, query) => current().results(idOf(process), query),
    crons: async (process, query) => current().crons(idOf(process), query),
    monitor: async (process) => current().monitor(idOf(process)),
    unmonitor: (process) => current().unmonitor(idOf(process)),
    replay: async (process) => current().replay(idOf(process)),
    stateHash: async (process) => current().stateHash(idOf(process)),
  };
}

function isProgram({ source, file }: SpawnRequest): boolean {
  return source !== undefined || file !== undefined;
}

/** Says how much is still to come, and which network to ask about it. */
function markReceipt(receipt: CoreReceipt, network: Network): Receipt {
  const pending = 'pending' in receipt ? {} : { pending: { value: 0, enumerable: true } };
  return markNetwork(Object.defineProperties(receipt, pending) as Receipt, network);
}
