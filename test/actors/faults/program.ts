/**
 * Random programs of faults, steps, messages and time over a few processes that pass messages on, and
 * what must hold of any such run once all faults are over.
 */
import fc from 'fast-check';
import type { Delivery } from '../../../actors/messenger/trace.js';
import { type ActorNetwork, createNetwork } from '../../../actors/network.js';
import { printed, startNetwork } from '../kernel-module.js';

/** Numbers of processes; -1 is the wallet. */
interface PlainLink {
  readonly from?: number;
  readonly to?: number;
}

export type Command =
  | { readonly do: 'send'; readonly to: number; readonly hops: number }
  | { readonly do: 'hold' | 'release' | 'drop' | 'duplicate' | 'reorder'; readonly link: PlainLink }
  | { readonly do: 'delay'; readonly link: PlainLink; readonly ms: number }
  | { readonly do: 'partition'; readonly one: number; readonly other: number }
  | { readonly do: 'crash' | 'restart'; readonly target: number | 'su' | 'mu' | 'cu' }
  | { readonly do: 'busy'; readonly target: number | 'cu'; readonly ms: number }
  | { readonly do: 'end'; readonly number: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'step'; readonly count: number }
  | { readonly do: 'heal' | 'clear' | 'fork' };

const COUNT = 3;
const process = fc.integer({ min: 0, max: COUNT - 1 });
const link = fc.record(
  { from: fc.integer({ min: -1, max: COUNT - 1 }), to: process },
  { requiredKeys: [] },
);
const ms = fc.integer({ min: 1, max: 5_000 });
const just = <const Name extends string>(name: Name) => fc.constant(name);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: just('send'), to: process, hops: fc.nat(4) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('hold', 'release', 'drop', 'duplicate', 'reorder'),
      link,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: just('delay'), link, ms }) },
  { weight: 1, arbitrary: fc.record({ do: just('partition'), one: process, other: process }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('crash', 'restart'),
      target: fc.oneof(process, fc.constantFrom('su', 'mu', 'cu')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: just('busy'), target: process, ms }) },
  { weight: 2, arbitrary: fc.record({ do: just('end'), number: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 4, arbitrary: fc.record({ do: just('advance'), ms }) },
  { weight: 4, arbitrary: fc.record({ do: just('step'), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('heal', 'clear', 'fork') }) },
);

/** Long enough for faults to meet. */
export const program = fc.array(command, { minLength: 10, maxLength: 50, size: 'max' });

/** Each process counts what it sends to whom, and writes down what it gets from whom. */
const HOPPER = `Sent, Got = {}, {}
  Handlers.add('hop', 'Hop', function(m)
    Got[m.From] = (Got[m.From] or '') .. m.N .. ' '
    local hops = tonumber(m.Hops)
    for i = 1, math.min(hops, 2) do
      local to = Peers[(m.Nonce + i) % #Peers + 1]
      Sent[to] = (Sent[to] or 0) + 1
      Send({ Target = to, Action = 'Hop', N = tostring(Sent[to]), Hops = tostring(hops - 1) })
    end
  end)`;

/** A network of processes that know each other, as a state that programs start from. */
export async function prepare(crank: 'auto' | 'manual') {
  const { network, alice, spawn } = await startNetwork();
  const processes = [];
  for (let i = 0; i < COUNT; i++) processes.push(await spawn(HOPPER));
  const ids = processes.map(({ id }) => id);
  const peers = ids.map((id) => `'${id}'`).join(', ');
  for (const hopper of processes) await hopper.eval(`Peers = { ${peers} }`);
  const state = await network.capture();
  const { shared } = network;
  await network.close();
  return {
    ids,
    alice,
    start: () => createNetwork({ state, shared, crank }),
    fork: async (from: ActorNetwork) => createNetwork({ state: await from.capture(), shared }),
  };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** What a run came to, as plain values. */
export interface Outcome {
  readonly hashes: readonly string[];
  /** By sender and receiver: what the one sent, and what the other got. */
  readonly links: ReadonlyMap<string, { readonly sent: number; readonly got: readonly number[] }>;
  readonly deliveries: readonly Delivery[];
  readonly pending: number;
  readonly replays: readonly string[];
}

/** Runs a program, then ends all faults and delivers what is left. */
export async function play(
  { ids, alice, start, fork }: Prepared,
  program: readonly Command[],
): Promise<Outcome> {
  let network = await start();
  const sent = new Map<string, number>();
  const deliveries = new Map<string, Delivery>();
  const idOf = (number: number) => (number < 0 ? alice.address : (ids[number] ?? ''));
  const targetOf = (target: number | string) =>
    typeof target === 'number' ? idOf(target) : target;
  const linkOf = ({ from, to }: PlainLink) => ({
    ...(from === undefined ? {} : { from: idOf(from) }),
    ...(to === undefined ? {} : { to: idOf(to) }),
  });
  const collect = () => {
    for (const delivery of network.units.trace.all()) deliveries.set(delivery.id, delivery);
  };
  const send = async (target: string, hops: number) => {
    const count = (sent.get(target) ?? 0) + 1;
    const tags = { N: String(count), Hops: String(hops) };
    try {
      await network.send({ from: alice, to: target, action: 'Hop', tags });
      sent.set(target, count);
    } catch (error) {
      if ((error as { code?: string }).code !== 'UNIT_DOWN') throw error;
    }
  };
  const run = async (command: Command): Promise<unknown> => {
    const { faults } = network;
    switch (command.do) {
      case 'send':
        return send(idOf(command.to), command.hops);
      case 'hold':
        return faults.hold(linkOf(command.link));
      case 'release':
        return faults.release(linkOf(command.link));
      case 'drop':
        return faults.drop(linkOf(command.link), { times: 2, probability: 0.5 });
      case 'duplicate':
        return faults.duplicate(linkOf(command.link), { times: 2, probability: 0.5 });
      case 'reorder':
        return faults.reorder(linkOf(command.link));
      case 'delay':
        return faults.delay(linkOf(command.link), { min: 0, max: command.ms });
      case 'partition':
        if (command.one === command.other) return;
        return faults.partition([idOf(command.one)], [idOf(command.other)]);
      case 'crash':
        return faults.crash(targetOf(command.target));
      case 'restart':
        return faults.restart(targetOf(command.target));
      case 'busy':
        return faults.busy(targetOf(command.target), command.ms);
      case 'end':
        return faults.end(command.number);
      case 'advance':
        return network.clock.advance(command.ms);
      case 'step':
        for (let i = 0; i < command.count; i++) await network.step();
        return;
      case 'heal':
        return faults.heal();
      case 'clear':
        return faults.clear();
      case 'fork': {
        collect();
        const next = await fork(network);
        await network.close();
        network = next;
      }
    }
  };
  for (const command of program) await run(command);
  await network.faults.clear();
  while (await network.step());
  collect();
  const outcome = {
    links: await readLinks(network, ids, alice.address, sent),
    hashes: await Promise.all(ids.map((id) => network.stateHash(id))),
    replays: await Promise.all(ids.map((id) => network.replay(id))),
    deliveries: [...deliveries.values()],
    pending: network.pendingDeliveries().length,
  };
  await network.close();
  return outcome;
}

interface Books {
  readonly Sent: Readonly<Record<string, number>>;
  readonly Got: Readonly<Record<string, string>>;
}

async function readLinks(
  network: ActorNetwork,
  ids: readonly string[],
  wallet: string,
  sentByWallet: ReadonlyMap<string, number>,
): Promise<Outcome['links']> {
  const books = new Map<string, Books>();
  for (const id of ids) {
    const { output } = await network.dryRun(id, {
      Owner: wallet,
      From: wallet,
      Tags: [{ name: 'Action', value: 'Eval' }],
      Data: `return require('json').encode({ Sent = Sent, Got = Got })`,
    });
    books.set(id, JSON.parse(String(printed({ result: { output } }))));
  }
  const links = new Map<string, { sent: number; got: number[] }>();
  for (const from of [wallet, ...ids]) {
    for (const to of ids) {
      const sent = from === wallet ? sentByWallet.get(to) : books.get(from)?.Sent[to];
      const got = (books.get(to)?.Got[from] ?? '').trim();
      const numbers = got === '' ? [] : got.split(' ').map(Number);
      links.set(`${from}>${to}`, { sent: sent ?? 0, got: numbers });
    }
  }
  return links;
}
