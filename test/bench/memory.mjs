/**
 * Run as a process of its own by memory.ts: spawns idle aos-style processes and tells what they cost.
 * Argument: how many. Prints one JSON line.
 */
import { createNetwork, publishModules } from '../../dist/index.js';

const count = Number(process.argv[2]);
const network = await createNetwork();
const { module } = publishModules(network);
const from = network.wallet('owner');
const data = "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)";
const spawn = () => network.spawn({ from, module, tags: { 'On-Boot': 'Data' }, data });
const first = await spawn();
globalThis.gc?.();
const before = process.memoryUsage().rss;
for (let spawned = 1; spawned < count; spawned++) await spawn();
globalThis.gc?.();
const after = process.memoryUsage().rss;

// They are alive: the oldest one, long asleep, still answers.
const { messages } = await network.send({ from, to: first.id, action: 'Ping' });
if (messages.length !== 1) throw new Error('the first process no longer answers');
console.log(JSON.stringify({ totalBytes: after, bytesEach: (after - before) / (count - 1) }));
await network.close();
