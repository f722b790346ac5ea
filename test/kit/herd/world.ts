/**
 * The worlds that these tests are played in. A market is wAR and a herder, both real, with payers and
 * workers that are wallets: what they say is what a test has them say. A herd has real users and real
 * workers as well, whose engine is modelled: its answers follow from the question.
 */
import { stripVTControlCharacters } from 'node:util';
import { createModelledEngine, createNetwork, PINNED, publishModules } from '../../../index.js';
import type { Network, Receipt, SendRequest } from '../../../kit/network-api.js';

/** Six words: with 20 tokens and terms of 1 winston the fee is 1 + (6 + 20) x 1 = 27. */
export const LIFE = 'What is the meaning of life?';

const PAYERS = ['alice', 'bob', 'carol'];
const WORKERS = ['llama', 'spare', 'third', 'fourth'];

type Tags = Readonly<Record<string, string>>;

/** A payment to the herder, for 20 tokens about life unless its tags say otherwise. */
export const pay = (from: string, winston: bigint | number, tags: Tags = {}): SendRequest => ({
  from,
  to: 'wAR',
  action: 'Transfer',
  tags: {
    Recipient: PINNED.herder,
    Quantity: String(winston),
    'X-Prompt': LIFE,
    'X-Tokens': '20',
    ...tags,
  },
});

/** What a worker that is a wallet says about its job. */
export const answer = (
  worker: string,
  job: number,
  data: string,
  tags: Tags = {},
): SendRequest => ({
  from: worker,
  to: 'herder',
  action: 'Inference-Response',
  tags: { 'Job-Id': String(job), Tokens: '9', 'Stop-Reason': 'end', ...tags },
  data,
});

export const fail = (worker: string, job: number, error: string, tags: Tags = {}): SendRequest => ({
  from: worker,
  to: 'herder',
  action: 'Inference-Error',
  tags: { 'Job-Id': String(job), Error: error, ...tags },
});

/** Moves the herder's time on: anybody may. */
export const tick: SendRequest = { from: 'eve', to: 'herder', action: 'Tick' };

/** A herder without workers. @param tags of its process */
export async function buildMarket(tags: Tags = {}) {
  const network = await createNetwork();
  const herder = await network.spawn({
    file: 'processes/herder.lua',
    id: PINNED.herder,
    tags,
  });
  for (const name of PAYERS) await network.mintWar(network.wallet(name), 1000n);
  const addresses = new Map(
    [...WORKERS, 'arbiter', 'eve'].map((name) => [name, network.wallet(name).address]),
  );
  const addressOf = (name: string) => addresses.get(name) ?? '';
  /** The owner's word about a worker. */
  const admit = (worker: string, more: Tags = {}) => ({
    from: 'owner',
    to: 'herder',
    action: 'Register-Worker',
    tags: { Worker: addressOf(worker), 'Worker-Name': worker, ...more },
  });
  return { network, herder, addressOf, admit };
}

/** A herder that answers to an arbiter, whose part the wallet of that name plays. */
export async function buildJudgedMarket() {
  const network = await createNetwork();
  const arbiter = network.wallet('arbiter').address;
  await network.close();
  return buildMarket({ Arbiter: arbiter });
}

/** A market with two workers in it. */
export async function buildHired(build: () => ReturnType<typeof buildMarket> = buildMarket) {
  const world = await build();
  for (const worker of ['llama', 'spare']) await world.network.send(world.admit(worker));
  return world;
}

/** wAR, a herder, one real worker, and `ada`, a process with the client package and 1000 winston. */
export async function buildHerd() {
  const network = await createNetwork({ localDevices: [createModelledEngine({ seed: 1 })] });
  const { llamaModule } = publishModules(network);
  const herder = await network.spawn({ file: 'processes/herder.lua', id: PINNED.herder });
  const worker = await network.spawn({
    file: 'processes/worker.lua',
    module: llamaModule,
    tags: { 'Model-ID': 'toy-model', 'Router-ID': herder.id },
  });
  await network.send({
    from: 'owner',
    to: herder,
    action: 'Register-Worker',
    tags: { Worker: worker.id, 'Worker-Name': 'llama' },
  });
  const ada = await network.spawn({ file: 'processes/client/llama-herder.lua', name: 'ada' });
  await network.mintWar(ada, 1000n);
  network.wallet('eve');
  return { network, herder, worker, ada };
}

/** All that processes printed on the way, without its colours and columns. */
export function printed({ tree }: Receipt): string {
  const texts = (node: Receipt['tree']): string[] => [
    ...(node.result?.prints ?? []).map(({ text }) => stripVTControlCharacters(text)),
    ...node.children.flatMap(texts),
  ];
  return texts(tree).join('\n').replaceAll(/ +/g, ' ');
}

/** What a wallet or process has, in winston. */
export async function balanceOf(network: Network, name: string): Promise<bigint> {
  const address = network.idOf(name);
  return BigInt(((await network.read('wAR', ['Balances', address])) as string | undefined) ?? '0');
}
