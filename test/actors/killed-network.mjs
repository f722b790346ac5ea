/**
 * Run by killed.test.ts until it is killed: a network over a folder that takes messages as fast as it
 * can. Arguments: the folder and the id of a process to send to. Prints the id of each message that it
 * acknowledges.
 */
import { createGateway, createNetwork, createSqliteStore } from '../../dist/index.js';

const [folder, to] = process.argv.slice(2);
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const gateway = createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
const network = await createNetwork({ gateway, breathe });
const from = network.wallet('alice');
for (;;) {
  const receipt = await network.send({ from, to, action: 'Count' });
  await gateway.durable();
  console.log(receipt.id);
}
