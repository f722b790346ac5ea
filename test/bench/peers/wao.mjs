/**
 * wao in memory: messages a second on one process, and resident memory a process.
 * Arguments: messages to send, processes to spawn. Prints one JSON line.
 */
import { AO, acc } from 'wao/test';

const [messages, processes] = process.argv.slice(2).map(Number);
const source = "Handlers.add('Ping', 'Ping', function(msg) msg.reply({ Data = 'Pong' }) end)";
const ao = await new AO().init(acc[0]);
const first = await ao.deploy({ src_data: source });
if (first.err) throw new Error(`wao could not deploy: ${first.err}`);
const ping = () => ao.msg({ pid: first.pid, tags: { Action: 'Ping' } });
await ping();

const start = performance.now();
for (let sent = 0; sent < messages; sent++) {
  const { err } = await ping();
  if (err) throw new Error(`wao could not answer: ${err}`);
}
const seconds = (performance.now() - start) / 1000;

const before = process.memoryUsage().rss;
for (let spawned = 0; spawned < processes; spawned++) await ao.deploy({ src_data: source });
const bytes = (process.memoryUsage().rss - before) / processes;

console.log(
  JSON.stringify({ messagesPerSecond: messages / seconds, megabytesPerProcess: bytes / 1e6 }),
);
process.exit(0);
