/**
 * Corral on top of a given gateway, with unmodified clients on both sides: one body, whatever gateway
 * is behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@permaweb/aoconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devWallet } from '../../../arlocal/dev-wallets.js';
import { type Corral, printedText, startCorral } from '../../../index.js';
import type { Arm } from '../gateway/arms.js';
import { type LegacyClient, signer } from '../legacy-site.js';
import { type Behind, fillBehind } from './behind.js';

export function describeOnTop(name: string, start: () => Promise<Arm>): void {
  describe(name, () => {
    const scratch = mkdtempSync(join(tmpdir(), 'corral-on-top-'));
    let arm: Arm;
    let behind: Behind;
    let corral: Corral;
    let ao: LegacyClient;
    let process: string;

    beforeAll(async () => {
      arm = await start();
      behind = await fillBehind(arm.url);
      corral = await startCorral({
        gateway: arm.url,
        listen: false,
        clock: 'virtual',
        workers: 0,
        keys: join(scratch, 'keys'),
      });
      const { gateway, mu, cu } = corral.info.urls;
      const { fetch } = corral;
      const urls = { GATEWAY_URL: gateway, MU_URL: mu, CU_URL: cu };
      ao = connect({ MODE: 'legacy', ...urls, ...{ fetch } }) as unknown as LegacyClient;
    });
    afterAll(async () => {
      await corral.close();
      await arm.close();
      rmSync(scratch, { recursive: true });
    });

    const read = async (path: string) => corral.fetch(corral.info.urls.gateway + path);
    const evaluate = async (code: string) => {
      const tags = [{ name: 'Action', value: 'Eval' }];
      const message = await ao.message({ process, signer, tags, data: code });
      return ao.result({ process, message });
    };

    test('aoconnect spawns from a module that only the gateway behind has', async () => {
      const { scheduler, authority } = corral.info;
      const tags = [
        { name: 'Authority', value: authority },
        { name: 'Name', value: 'on-top' },
      ];
      process = await ao.spawn({ module: behind.module, scheduler, signer, tags });
      const { Output } = await evaluate('return Name');
      expect(Output.data).toBe('on-top');
    });

    test('aoconnect assigns a transaction of the gateway behind', async () => {
      await evaluate(`
        Seen = {}
        ao.addAssignable('all', function() return true end)
        Handlers.prepend('seen', function() return 'continue' end, function(msg)
          Seen[#Seen + 1] = tostring(msg.Tags.Kind) .. '=' .. tostring(msg.Data)
        end)`);
      const id = await ao.assign({ process, message: behind.text, baseLayer: true });
      await ao.result({ process, message: id });
      const { Output } = await evaluate('return table.concat(Seen, "; ")');
      expect(Output.data).toContain('text=text of a transaction');
    });

    test('a process assigns itself an item of the gateway behind', async () => {
      const code = `Assign({ Processes = { ao.id }, Message = '${behind.note}' })`;
      const from = devWallet('alice').wallet;
      await corral.network.send({ from, to: process, action: 'Eval', data: code }); // all it causes
      const { Output } = await evaluate('return table.concat(Seen, "; ")');
      expect(Output.data).toContain('note with an anchor');
    });

    test('Llama loads weights of the gateway behind by /data/ID', async () => {
      const { llamaModule } = corral.info;
      const from = corral.network.wallet('owner');
      const llama = await corral.network.spawn({ from, module: llamaModule });
      const receipt = await llama.eval(`
        local Llama = require('llama')
        Llama.load('/data/${behind.weights}')
        Llama.setPrompt('Once upon a time')
        return #Llama.run(4) > 0`);
      expect(receipt.errors).toEqual([]);
      expect(printedText(receipt.result as never)).toBe('true');
    });

    test('data, transactions and GraphQL of the gateway behind are read through', async () => {
      expect(await (await read(`/${behind.note}`)).text()).toBe('note with an anchor');
      expect(await (await read(`/raw/${behind.text}`)).text()).toBe('text of a transaction');
      expect((await read(`/tx/${behind.text}/status`)).status).toBe(200);
      const query = `{ transaction(id: "${behind.note}") { anchor data { size } } }`;
      const answer = await read(`/graphql?query=${encodeURIComponent(query)}`);
      expect(await answer.json()).toEqual({
        data: {
          transaction: {
            anchor: Buffer.from('an anchor of thirty-two letters.').toString('base64url'),
            data: { size: '19' },
          },
        },
      });
    });

    test('what is stored here is found there', async () => {
      const tags = [{ name: 'Kind', value: 'posted' }];
      const message = await ao.message({ process, signer, tags, data: 'for everybody' });
      await ao.result({ process, message });
      await corral.network.gateway.upstream?.post();
      const { state } = corral.network.gateway.upstream ?? {};
      expect(state).toMatchObject({ waiting: 0, problem: undefined });
      await behind.mine();
      for (const id of [message, process, corral.info.module, corral.info.processes.war]) {
        const own = corral.network.gateway.item(id)?.id ?? id; // pinned ids are known only here
        expect((await behind.get(`/${own}`)).status, id).toBe(200);
      }
      expect(await (await behind.get(`/${message}`)).text()).toBe('for everybody');
      const query = `{ transactions(tags: [{ name: "Type", values: ["Assignment"] },
        { name: "Message", values: ["${message}"] }]) { edges { node { id tags { name value } } } } }`;
      const answer = await behind.get(`/graphql?query=${encodeURIComponent(query)}`);
      const { data } = (await answer.json()) as { data: { transactions: { edges: unknown[] } } };
      expect(data.transactions.edges).toHaveLength(1);
    });

    test('what the gateway behind says of itself is told at GET /corral', async () => {
      const { upstream } = (await (await read('/corral')).json()) as Corral['info'];
      expect(upstream).toMatchObject({ url: arm.url, waiting: 0 });
      expect(upstream?.posted).toBeGreaterThan(0);
    });
  });
}
