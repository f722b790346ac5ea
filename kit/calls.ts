/** The calls of a network that name processes and senders, as the core takes them. */
import { tagList } from '../actors/items/protocol.js';
import type { ActorNetwork, Receipt } from '../actors/network.js';
import { OPERATOR, PINNED } from '../herd/herd.js';
import type { Adoptions } from './adopt/adoptions.js';
import { impersonate, signMessage, signSpawn } from './cheats/impersonate.js';
import { mintWar } from './cheats/mint-war.js';
import { setState } from './cheats/set-state.js';
import type { AdoptedProcess, Network, SpawnRequest } from './network-api.js';
import type { Directory } from './people/directory.js';
import type { Ref, Sender } from './people/refs.js';
import { readContent, readDryRun } from './process/message.js';
import { createProcess, findProcess, markNetwork } from './process/process.js';
import { bootFailed, createDefaultModule, readSpawn } from './process/spawn.js';
import { createRead } from './read/read.js';

type Calls = Pick<
  Network,
  | 'ownerOf'
  | 'adopt'
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
  | 'deliveries'
>;

/** What the calls stand on. */
export interface CallsOptions {
  readonly current: () => ActorNetwork;
  readonly directory: Directory;
  readonly adoptions: Adoptions;
  readonly self: () => Network;
}

/** The calls that name processes and senders. */
export function createCalls({ current, directory, adoptions, self }: CallsOptions): Calls {
  const { idOf } = directory;
  const addressOf = (sender: Sender) => directory.senderOf(sender).address;
  const moduleOf = createDefaultModule(current);
  const mark = (receipt: Receipt) => markNetwork(receipt, self());
  const isAway = (id: string) =>
    adoptions.has(id) && current().units.scheduler.process(id) === undefined;
  /** The id of a process that is here, if it is anywhere. */
  const reach = async (ref: Ref): Promise<string> => {
    const id = idOf(ref);
    if (isAway(id)) await adoptions.bring(id);
    return id;
  };
  const adopted = (id: string): AdoptedProcess => {
    const name = current().units.scheduler.process(id)?.name;
    return Object.assign(findProcess(self(), { id, name }), { load: () => adoptions.bring(id) });
  };
  return {
    ownerOf(process) {
      const { from } = current().units.scheduler.requireProcess(idOf(process));
      return directory.walletAt(from) ?? impersonate(current(), from);
    },
    impersonate: (ref) => impersonate(current(), idOf(ref)),
    async mintWar(to, amount) {
      await reach(PINNED.war);
      directory.wallet(OPERATOR); // whoever boots wAR has a name in traces
      return mintWar(current(), self().send, moduleOf, idOf(to), amount);
    },
    setState: async (process, path, value) => {
      const id = await reach(process);
      return setState(current(), self().send, id, path, value);
    },
    process(ref) {
      const id = idOf(ref);
      if (adoptions.has(id)) return adopted(id);
      return findProcess(self(), current().units.scheduler.requireProcess(id));
    },
    async adopt(request) {
      await adoptions.add(request);
      return adopted(request.process);
    },
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
      const id = idOf(to);
      if (isAway(id)) await reach(id); // otherwise it is sent before anything is awaited
      const by = signMessage(current(), directory.senderOf(from));
      const tags = [...by.tags, ...tagList(said.tags)];
      return mark(await current().send({ ...said, tags, from: by.from, to: id }));
    },
    async eval(process, data, sender) {
      if (isAway(idOf(process))) await reach(process);
      const from = sender ?? self().ownerOf(process);
      return self().send({ from, to: process, action: 'Eval', data });
    },
    submit: async (bytes) => mark(await current().submit(bytes)),
    assign: async (process, message, how) =>
      mark(await current().assign(await reach(process), message, how)),
    dryRun: async (process, message = {}) =>
      current().dryRun(await reach(process), readDryRun(message, addressOf)),
    read: createRead(current, reach),
    result: async (process, message) => current().result(await reach(process), message),
    results: (process, query) => current().results(idOf(process), query),
    crons: async (process, query) => current().crons(await reach(process), query),
    monitor: async (process) => current().monitor(await reach(process)),
    unmonitor: async (process) => current().unmonitor(idOf(process)),
    replay: async (process) => current().replay(await reach(process)),
    stateHash: async (process) => current().stateHash(await reach(process)),
    // Step by step of the network of the moment: it may be reverted in between.
    async *deliveries() {
      for (let one = await self().step(); one; one = await self().step()) yield one;
    },
  };
}

function isProgram({ source, file }: SpawnRequest): boolean {
  return source !== undefined || file !== undefined;
}
