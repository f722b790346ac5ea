/** Servers that are damaged, or lie: each is found out, by name, and nothing of theirs is stored. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import type { AdoptRequest } from '../../../kit/adopt/request.js';
import { createNetwork } from '../../../kit/network.js';
import { type Damage, type Elsewhere, SHOP, startElsewhere } from './elsewhere.js';

async function startBoth() {
  const there = await startElsewhere();
  const shop = await there.network.spawn({ name: 'shop', source: SHOP });
  for (const Item of ['apple', 'pear', 'plum']) {
    await shop.send({ from: 'alice', action: 'Restock', tags: { Item, Count: '3' } });
  }
  const here = await createNetwork({ seed: 3 });
  onTestFinished(() => here.close());
  return { there, shop, here };
}

type Way = (there: Elsewhere) => Partial<AdoptRequest>;
const bySu: Way = ({ su, gateway }) => ({ su, gateway });
const byNode: Way = ({ node }) => ({ node });
const byState: Way = ({ su, cu, gateway }) => ({ su, cu, gateway, state: 'checkpoint' });

const isGateway = (path: string) => /^\/(tx|raw|graphql|[\w-]{43}$)/.test(path);

/** Changes the JSON of a page of the log, where nobody else can be asked. */
const inLog =
  (change: (page: Page) => void): Damage =>
  (path, body) => {
    if (isGateway(path)) return new Response('{}', { status: 404 });
    if (!body.startsWith('{"page_info"')) return undefined;
    const page = JSON.parse(body) as Page;
    change(page);
    return JSON.stringify(page);
  };

interface Item {
  id: string;
  owner: { key: string };
  data: string;
  tags: { name: string; value: string }[];
  signature: string;
}
interface Page {
  page_info: { has_next_page: boolean };
  edges: { node: { message: Item; assignment: Item }; cursor: string }[];
}
const nodeAt = (page: Page, nonce: number) => page.edges[nonce]!.node;
const tagOf = ({ tags }: Item, name: string) => tags.find((tag) => tag.name === name)!;

const DAMAGES: [string, string, Way, Damage][] = [
  [
    'data of a message changed',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => {
      nodeAt(page, 0).message.data += '\nStock = {}';
    }),
  ],
  [
    'a tag of a message changed',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => {
      tagOf(nodeAt(page, 1).message, 'Count').value = '300';
    }),
  ],
  [
    'the signature of another message',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => {
      nodeAt(page, 1).message.signature = nodeAt(page, 2).message.signature;
    }),
  ],
  [
    'a message under the place of another',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => {
      nodeAt(page, 1).message = nodeAt(page, 2).message;
    }),
  ],
  [
    'a nonce changed',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => {
      tagOf(nodeAt(page, 1).assignment, 'Nonce').value = '7';
    }),
  ],
  [
    'a message left out',
    'ADOPT_LOG',
    bySu,
    inLog((page) => {
      page.edges.splice(1, 1);
    }),
  ],
  [
    'two messages in the wrong order',
    'ADOPT_LOG',
    bySu,
    inLog((page) => {
      page.edges.splice(1, 2, page.edges[2]!, page.edges[1]!);
    }),
  ],
  [
    'a message twice',
    'ADOPT_LOG',
    bySu,
    inLog((page) => {
      page.edges.splice(2, 0, page.edges[1]!);
    }),
  ],
  ['no log', 'ADOPT_LOG', bySu, inLog((page) => void page.edges.splice(0))],
  [
    'no assignments',
    'ADOPT_SIGNATURE',
    bySu,
    inLog((page) => void Object.assign(nodeAt(page, 0), { assignment: null })),
  ],
  [
    'a list that is none',
    'ADOPT_UNREADABLE',
    bySu,
    inLog((page) => void Object.assign(page, { edges: 'all' })),
  ],
  ['no JSON', 'ADOPT_UNREADABLE', bySu, () => '<html>'],
  ['JSON that is no object', 'ADOPT_UNREADABLE', bySu, () => '7'],
  ['an error of the server', 'ADOPT_AWAY', bySu, () => new Response('oops', { status: 500 })],
  ['too much to do', 'ADOPT_AWAY', bySu, () => new Response('wait', { status: 429 })],
  ['a refusal', 'ADOPT_REFUSED', bySu, () => new Response('no', { status: 404 })],
  [
    'data of a message changed at a node',
    'ADOPT_SIGNATURE',
    byNode,
    (path, body) => {
      if (path.includes('schedule')) return body.replaceAll('plum', 'gold');
      return isGateway(path) ? new Response('{}', { status: 404 }) : undefined;
    },
  ],
  [
    'a node without assignments',
    'ADOPT_UNREADABLE',
    byNode,
    (path) => (path.includes('schedule') ? '{}' : undefined),
  ],
  [
    'a state that is none',
    'ADOPT_STATE',
    byState,
    (path) => (path.startsWith('/state') ? 'memory' : undefined),
  ],
  [
    'a compute unit that has no state',
    'ADOPT_REFUSED',
    byState,
    (path) => (path.startsWith('/state') ? new Response('no', { status: 404 }) : undefined),
  ],
];

describe('what is served', () => {
  test('is told as far as it cannot be read', async () => {
    const { there, shop, here } = await startBoth();
    const adopted = await here.adopt({ process: shop.id, ...bySu(there) });
    const answers = { '<html>': '"<html>" is no JSON', 7: '"7" is no object' };
    for (const [answer, says] of Object.entries(answers)) {
      there.damage = () => answer;
      await expect(adopted.load()).rejects.toMatchObject({
        code: 'ADOPT_UNREADABLE',
        message: expect.stringContaining(`cannot be read: ${says}`),
      });
    }
  });

  test.each(DAMAGES)('%s: %s', async (_, code, way, damage) => {
    const { there, shop, here } = await startBoth();
    const adopted = await here.adopt({ process: shop.id, ...way(there) });
    there.damage = damage;
    const items = here.gateway.count({});
    await expect(adopted.read('Stock')).rejects.toMatchObject({ code, name: 'KitError' });
    await expect(adopted.send({ from: 'alice', action: 'Buy' })).rejects.toMatchObject({ code });
    expect(here.gateway.count({})).toBe(items);
    expect(here.units.scheduler.process(shop.id)).toBeUndefined();
    there.damage = undefined; // and when it is whole again, it comes
    expect(await adopted.read('Stock')).toEqual({ apple: 3, pear: 3, plum: 3 });
  });

  test('what a log gets wrong is taken from who has it right', async () => {
    const { there, shop, here } = await startBoth();
    there.damage = (path, body) =>
      path.includes('limit=') ? body.replaceAll('"plum"', '"gold"') : undefined;
    const adopted = await here.adopt({ process: shop.id, ...bySu(there) });
    expect(await adopted.read('Stock')).toEqual({ apple: 3, pear: 3, plum: 3 });
  });

  test('the log of another process', async () => {
    const { there, shop, here } = await startBoth();
    const other = await there.network.spawn({ name: 'other', source: SHOP });
    const adopted = await here.adopt({ process: other.id, ...bySu(there) });
    const { units, gateway } = there.network;
    there.damage = inLog((page) => {
      const entry = units.log.at(shop.id, 0)!;
      const { tags, signature, owner } = gateway.item(entry.assignmentId)!;
      const assignment = {
        id: entry.assignmentId,
        tags: [...tags],
        signature,
        owner: { key: owner },
      };
      Object.assign(nodeAt(page, 0), { assignment });
    });
    await expect(adopted.load()).rejects.toMatchObject({
      code: 'ADOPT_LOG',
      message: expect.stringContaining(`it is about the process ${shop.id}`),
    });
  });

  test('a log that another unit signed', async () => {
    const { there, shop, here } = await startBoth();
    const stranger = walletFromSeed('stranger', 'unit').address;
    const adopted = await here.adopt({ process: shop.id, ...bySu(there), scheduler: stranger });
    await expect(adopted.load()).rejects.toMatchObject({
      code: 'ADOPT_SCHEDULER',
      hint: expect.stringContaining(there.network.addresses.scheduler),
    });
  });

  test('a state that is ahead of the log', async () => {
    const { there, shop, here } = await startBoth();
    const adopted = await here.adopt({ process: shop.id, ...byState(there) });
    there.damage = inLog((page) => void page.edges.pop());
    await expect(adopted.load()).rejects.toMatchObject({
      code: 'ADOPT_STATE',
      message: expect.stringContaining('it is of nonce 3, and the log ends at 2'),
    });
  });

  test('a state that is not what the log leads to: a replay tells', async () => {
    const { there, shop, here } = await startBoth();
    const cheat = await there.network.fork();
    onTestFinished(() => cheat.close());
    await cheat.setState(shop.id, 'Stock.apple', 1_000);
    const lie = Buffer.from(await cheat.units.compute.memory(shop.id));
    there.damage = (path) => {
      if (!path.startsWith('/state')) return undefined;
      const [timestamp, height] = ['1735689600000', '0'];
      const headers = {
        'Last-Ordinate': '3',
        'Last-Timestamp': timestamp,
        'Last-Block-Height': height,
      };
      return new Response(lie, { headers });
    };
    const adopted = await here.adopt({ process: shop.id, ...byState(there) });
    expect(await adopted.read('Stock.apple')).toBe(1_000);
    expect(await here.replay(adopted)).not.toBe(await here.stateHash(adopted));
  });
});

describe('what is asked for', () => {
  test('nobody there', async () => {
    const { shop, here } = await startBoth();
    const adopted = await here.adopt({ process: shop.id, su: 'http://127.0.0.1:9' });
    await expect(adopted.load()).rejects.toMatchObject({ code: 'ADOPT_AWAY' });
    const local = await here.spawn({ source: SHOP });
    const { errors } = await local.eval(`ao.send({ Target = '${shop.id}', Action = 'Who' })`);
    expect(errors).toMatchObject([{ code: 'ADOPT_AWAY' }]);
  });

  test('a module that nobody has', async () => {
    const { there, shop, here } = await startBoth();
    const adopted = await here.adopt({ process: shop.id, su: there.su });
    await expect(adopted.load()).rejects.toMatchObject({ code: 'ADOPT_MODULE' });
  });

  test('a process that is here, or not there', async () => {
    const { there, here } = await startBoth();
    const local = await here.spawn();
    await expect(here.adopt({ process: local.id, ...bySu(there) })).rejects.toMatchObject({
      code: 'ADOPT_EXISTS',
    });
    const nobody = 'x'.repeat(42).concat('A');
    const adopted = await here.adopt({ process: nobody, ...bySu(there) });
    await expect(adopted.load()).rejects.toMatchObject({ code: 'ADOPT_REFUSED' });
  });

  test.each([
    [{ process: 'shop', su: 'http://localhost:1' }],
    [{}],
    [{ su: 'http://localhost:1', node: 'http://localhost:1' }],
    [{ su: 'localhost' }],
    [{ su: 'ftp://localhost' }],
    [{ su: 'http://localhost:1', state: 'memory' }],
    [{ su: 'http://localhost:1', state: 'checkpoint' }],
    [{ su: 'http://localhost:1', scheduler: 'theirs' }],
  ])('%j is refused at once', async (request) => {
    const here = await createNetwork();
    onTestFinished(() => here.close());
    const process = 'x'.repeat(42).concat('A');
    await expect(here.adopt({ process, ...request } as AdoptRequest)).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
  });
});
