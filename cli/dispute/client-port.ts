/**
 * A bot's port over HTTP: dry runs and results from the compute unit, messages to the messenger unit,
 * data from the gateway, as every AO client speaks to them.
 */
import { type BotPort, missingData, readJson, repliesTo } from '../../index.js';
import { type Client, readEvaluation } from '../client.js';
import { reach, refused } from '../requests.js';

export function createClientPort(client: Client): BotPort {
  const { fetch, wallet, info } = client;
  return {
    address: wallet.address,
    async read(process, tags) {
      const { messages, error } = await client.dryRun(process, tags);
      if (error !== undefined) throw refused('process', error);
      return readJson(messages[0], tags);
    },
    async send(process, tags, data) {
      const id = await client.send(process, tags, data);
      const url = `${info.urls.cu}/result/${id}?process-id=${process}`;
      const { messages, error } = await readEvaluation(await reach(fetch, url));
      if (error !== undefined) throw refused('process', error);
      return repliesTo(wallet.address, messages);
    },
    async data(id) {
      const response = await reach(fetch, `${info.urls.gateway}/raw/${id}`);
      if (!response.ok) throw missingData(id);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
