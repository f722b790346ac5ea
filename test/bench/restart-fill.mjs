/**
 * Run as a process of its own by restart.ts and sleep.ts: fills a folder with processes and messages.
 * Arguments: the folder, how many processes, how many messages each. Prints one JSON line.
 */
import {
  createGateway,
  createNetwork,
  createSqliteStore,
  publishModules,
} from '../../dist/index.js';

const [folder, processes, messages] = process.argv.slice(2);
const breathe = () => new Promise((resolve) => setImmediate(resolve));
const gateway = createGateway({ store: createSqliteStore(folder), now: Date.now, breathe });
const network = await createNetwork({ gateway, breathe });
const { module } = publishModules(network);
const from = network.wallet('owner');
const data = `
Handlers.add('Count', 'Count', function(msg)
  Count = (Count or 0) + 1
  Seen = Seen or {}
  Seen[Count] = msg.Id
end)`;
const ids = [];
for (let spawned = 0; spawned < Number(processes); spawned++) {
  const { id } = await network.spawn({ from, module, tags: { 'On-Boot': 'Data' }, data });
  ids.push(id);
  // The Process item is a message, too.
  for (let sent = 1; sent < Number(messages); sent++) {
    const { errors } = await network.send({ from, to: id, action: 'Count' });
    if (errors[0]) throw new Error(errors[0].text);
  }
  await gateway.durable();
}
await network.close();
gateway.close();
console.log(JSON.stringify({ ids }));
