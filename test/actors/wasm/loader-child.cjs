/**
 * Runs a log of messages through @permaweb/ao-loader and tells what came of each. A process of its
 * own, because the loader replaces Date.now and Math.random of whoever loads it.
 * In: JSON on standard input, see `LoaderJob` in loader.ts. Out: one line of JSON per message.
 */
const { createHash } = require('node:crypto');
const { readFileSync, writeSync } = require('node:fs');
require('node:v8').setFlagsFromString('--experimental-wasm-memory64');

const job = JSON.parse(readFileSync(0, 'utf8'));
process.argv.length = 1; // old formats keep the script's path in the process's memory
const load = require(job.loader);
const drive = job.weaveDrive ? { WeaveDrive: require(job.weaveDrive), ...job.driveOptions } : {};
const tell = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
for (const name of ['log', 'warn', 'error']) console[name] = () => undefined;
process.on('unhandledRejection', () => undefined);

async function start(clock) {
  const options = { format: job.format, ...job.options, ...drive };
  const handle = await load(readFileSync(job.module), options);
  // A new instance starts the loader's clock again; go on where the last one was.
  if (clock > 0) while (Date.now() < clock - 1);
  return handle;
}

async function main() {
  let memory = null;
  let clock = 0;
  let handle = await start(clock);
  for (const message of job.messages) {
    let outcome;
    try {
      const { Memory, GasUsed, ...result } = await handle(memory, message, job.env);
      outcome = { result, gas: GasUsed };
      if (!result.Error) memory = Memory;
      else if (Memory.length > memory.length) {
        // Memory cannot shrink: without a new instance, what the failed message took would stay.
        clock = Date.now();
        handle = await start(clock);
      }
    } catch (error) {
      const text = String(error?.message ?? error);
      outcome = { thrown: text, name: error?.name };
      clock = Date.now();
      handle = await start(clock);
    }
    const state = job.hashes === false || !memory ? {} : describe(memory);
    tell({ ...outcome, ...state });
  }
}

function describe(memory) {
  const bytes = new Uint8Array(memory.buffer ?? memory);
  if (job.dump) require('node:fs').writeFileSync(job.dump, bytes);
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

main().then(
  () => process.exit(0),
  (error) => {
    writeSync(2, `${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
