/** The calls of a network that name processes and senders, as the core takes them. */
import { tagList } from '../actors/items/protocol.js';
import type { ActorNetwork, Receipt } from '../actors/network.js';
import { impersonate, signMessage, signSpawn } from './cheats/impersonate.js';
import { mintWar } from './cheats/mint-war.js';
import { setState } from './cheats/set-state.js';
import type { Network, SpawnRequest } from './network-api.js';
import type { Directory } from './people/directory.js';
import type { Sender } from './people/refs.js';
import { readContent, readDryRun } from './process/message.js';
import { createProcess, findProcess, markNetwork } from './process/process.js';
import { bootFailed, createDefaultModule, readSpawn } from './process/spawn.js';
import { createRead } from './read/read.js';

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
export function createCalls(
  current: () => ActorNetwork,
  directory: Directory,
  self: () => Network,
): Calls {
  const { idOf } = directory;
  const addressOf = (sender: Sender) => directory.senderOf(sender).address;
  const moduleOf = createDefaultModule(current);
  const mark = (receipt: Receipt) => markNetwork(receipt, self());
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
    eval: async (process, code, from) =>
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
