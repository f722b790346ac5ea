/**
 * Web apps: the browser builds of aoconnect and arweave in a page of another origin, opened in a
 * headless Chromium, with a wallet that signs outside of the page as extensions do.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActorNetwork } from '../../actors/network.js';
import { type DataItemFields, signDataItem } from '../../arlocal/data-item.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { createApps, listen, urlsOf } from '../../herd/serve.js';
import { startNetwork } from '../actors/kernel-module.js';
import { noBrowser, openBrowser, type Page, serveSite } from './browser/open-browser.js';

const PORT_BASE = 24_200;
const ID = /^[\w-]{43}$/;
const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, '../../node_modules');
const urls = urlsOf(PORT_BASE);
const { wallet, jwk } = devWallet('alice');

let network: ActorNetwork;
let module: string;
let page: Page;
/** What the page reported that nobody caught. */
const pageErrors: string[] = [];
const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  if (noBrowser) return;
  ({ network, module } = await startNetwork());
  undo.push(() => network.close());
  network.gateway.mint(wallet.address, 10n ** 12n);
  undo.push(
    await listen(
      createApps(network, () => ({})),
      PORT_BASE,
    ),
  );
  const site = await serveSite(
    { '/arweave.js': join(packages, 'arweave/bundles/web.bundle.js') },
    {
      '/aoconnect.js': join(packages, '@permaweb/aoconnect/dist/browser.js'),
      '/page.js': join(here, 'browser/page.js'),
    },
  );
  undo.push(() => site.close());
  const browser = await openBrowser();
  undo.push(() => browser.close());
  page = await browser.newPage();
  page.on('pageerror', (error) => pageErrors.push(String(error)));
  await page.exposeFunction(
    'signOutside',
    ({ data, ...fields }: DataItemFields & { data: number[] }) => [
      ...signDataItem(wallet, { ...fields, data: Uint8Array.from(data) }).bytes,
    ],
  );
  await page.goto(site.url);
  await page.waitForFunction('window.isReady');
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** What the page has as globals. */
interface PageWindow {
  aoconnect: typeof import('@permaweb/aoconnect');
  arweaveWallet: never;
  Arweave: typeof import('arweave/web/index.js').default;
}

const MODES = {
  legacy: { MODE: 'legacy', GATEWAY_URL: urls.gateway, MU_URL: urls.mu, CU_URL: urls.cu },
  mainnet: { MODE: 'mainnet', URL: urls.node },
} as const;

type Answer = { value?: never; error?: string };

/** Calls aoconnect in the page, with the page's wallet as signer. */
async function call(
  mode: keyof typeof MODES,
  name: string,
  fields: Record<string, unknown>,
): Promise<unknown> {
  const { value, error } = await page.evaluate(
    async ({ options, name, fields }): Promise<Answer> => {
      const { aoconnect, arweaveWallet } = globalThis as unknown as PageWindow;
      const signer = aoconnect.createSigner(arweaveWallet);
      const ao = aoconnect.connect({ ...options, signer } as never) as never as Record<
        string,
        (fields: unknown) => Promise<never>
      >;
      const answer = ao[name]?.({ ...fields, signer });
      return answer === undefined
        ? { error: `aoconnect has no ${name}` }
        : answer.then((value) => ({ value })).catch((error) => ({ error: String(error) }));
    },
    { options: MODES[mode], name, fields },
  );
  if (error !== undefined) throw new Error(error);
  return value;
}

const note = noBrowser ? `: ${noBrowser}` : '';

describe.skipIf(noBrowser)(`aoconnect 0.0.98, browser build in Chromium${note}`, () => {
  const EVAL = [{ name: 'Action', value: 'Eval' }];

  describe.each(['legacy', 'mainnet'] as const)('%s mode', (mode) => {
    let process: string;
    let message: unknown;
    const which = () => (mode === 'legacy' ? { message } : { slot: message });

    test('spawn', async () => {
      const { scheduler, messenger: authority } = network.addresses;
      const tags = [{ name: 'Authority', value: authority }];
      process = (await call(mode, 'spawn', { module, scheduler, authority, tags })) as string;
      expect(process).toMatch(ID);
    });

    test('message', async () => {
      message = await call(mode, 'message', { process, tags: EVAL, data: 'x = 6 * 7; return x' });
      expect(message).toEqual(mode === 'legacy' ? expect.stringMatching(ID) : expect.any(Number));
    });

    test('result', async () => {
      const result = await call(mode, 'result', { process, ...which() });
      expect(result).toMatchObject({ Output: { data: '42' }, Messages: [] });
    });

    test('results', async () => {
      const results = await call(mode, 'results', { process, limit: 10 });
      expect(results).toMatchObject({ edges: expect.any(Array) });
    });

    test('dryrun', async () => {
      const fields = { process, tags: EVAL, data: 'return x + 1', Owner: wallet.address };
      expect(await call(mode, 'dryrun', fields)).toMatchObject({ Output: { data: '43' } });
    });

    test('an error of the program', async () => {
      message = await call(mode, 'message', { process, tags: EVAL, data: 'error("in the page")' });
      const result = await call(mode, 'result', { process, ...which() });
      expect(result).toMatchObject({ Error: expect.stringContaining('in the page') });
    });

    test('a refusal', async () => {
      const unknown = call(mode, 'message', { process: 'A'.repeat(43), tags: EVAL, data: '1' });
      // In mainnet mode the client has words of its own, for whatever it is told.
      const words = mode === 'legacy' ? /there is no process A+/ : 'Error sending message';
      await expect(unknown).rejects.toThrow(words);
    });
  });

  test('assign, monitor and unmonitor', async () => {
    const { scheduler } = network.addresses;
    const [one, two] = await Promise.all(
      [1, 2].map((n) => call('legacy', 'spawn', { module, scheduler, data: `process ${n}` })),
    );
    const message = await call('legacy', 'message', { process: one, tags: EVAL, data: 'return 1' });
    expect(await call('legacy', 'assign', { process: two, message })).toEqual(expect.any(String));
    await call('legacy', 'monitor', { process: one });
    await call('legacy', 'unmonitor', { process: one });
  });

  test('nothing failed behind the page', () => {
    expect(pageErrors).toEqual([]);
  });
});

describe.skipIf(noBrowser)(`arweave 1.15.7, browser build in Chromium${note}`, () => {
  const API = { protocol: 'http', host: '127.0.0.1', port: PORT_BASE };

  test('a transaction is signed in the page, posted, mined and read', async () => {
    const { id, status, data, tag } = await page.evaluate(
      async ({ api, key }) => {
        const { Arweave } = globalThis as unknown as PageWindow;
        const arweave = Arweave.init(api);
        const transaction = await arweave.createTransaction({ data: 'from a page' }, key);
        transaction.addTag('App-Name', 'page');
        await arweave.transactions.sign(transaction, key);
        const { status } = await arweave.transactions.post(transaction);
        await arweave.api.get('mine');
        const data = await arweave.transactions.getData(transaction.id, {
          decode: true,
          string: true,
        });
        const [first] = (await arweave.transactions.get(transaction.id)).tags;
        const tag = first?.get('name', { decode: true, string: true });
        return { id: transaction.id, status, data, tag };
      },
      { api: API, key: jwk },
    );
    expect({ status, data, tag }).toEqual({ status: 200, data: 'from a page', tag: 'App-Name' });
    expect(network.gateway.locate(id)).toBeDefined();
  });

  test('GraphQL finds it', async () => {
    const query = `{
      transactions(tags: [{ name: "App-Name", values: ["page"] }]) { edges { node { id } } }
    }`;
    const answer = await page.evaluate(
      async ({ api, query }) => {
        const { Arweave } = globalThis as unknown as PageWindow;
        return (await Arweave.init(api).api.post('graphql', { query })).data as unknown;
      },
      { api: API, query },
    );
    expect(answer).toMatchObject({
      data: { transactions: { edges: [{ node: { id: expect.stringMatching(ID) } }] } },
    });
  });

  test('balances, prices and the state of the network are there', async () => {
    const read = await page.evaluate(
      async ({ api, address }) => {
        const { Arweave } = globalThis as unknown as PageWindow;
        const arweave = Arweave.init(api);
        return {
          balance: await arweave.wallets.getBalance(address),
          price: await arweave.transactions.getPrice(1000),
          height: (await arweave.network.getInfo()).height,
        };
      },
      { api: API, address: wallet.address },
    );
    expect(Number(read.balance)).toBeGreaterThan(0);
    expect(read).toMatchObject({ price: expect.any(String), height: expect.any(Number) });
  });

  test('a page reads the headers and ranges of data', async () => {
    const signed = signDataItem(wallet, { data: 'a page of data' });
    network.gateway.putItem(signed);
    const read = await page.evaluate(async (url) => {
      const response = await fetch(url, { headers: { Range: 'bytes=2-5' } });
      return [response.status, response.headers.get('content-range'), await response.text()];
    }, `${urls.gateway}/raw/${signed.item.id}`);
    expect(read).toEqual([206, 'bytes 2-5/14', 'page']);
  });
});
