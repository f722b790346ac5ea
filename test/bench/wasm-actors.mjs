/**
 * Run as a process of its own by wasm.ts: messages a second that Corral evaluates on a WebAssembly
 * module, and what a process takes of the machine's memory, awake and asleep. Arguments as those of
 * peers/ao-loader.mjs. Prints one JSON line.
 */
import { readFileSync } from 'node:fs';
import { createWasmActor } from '../../dist/actors/wasm/actor.js';
import { createWasmEngine } from '../../dist/actors/wasm/engine.js';
import { findFormat } from '../../dist/actors/wasm/formats.js';

const [module, format, input] = process.argv.slice(2);
const { boot, ping, env, count, processes } = JSON.parse(readFileSync(input, 'utf8'));
const engine = createWasmEngine(readFileSync(module), findFormat(format));
const inputOf = (message) => ({ json: JSON.stringify(message), timestampMs: message.Timestamp });

function start() {
  const actor = createWasmActor({
    engine,
    environment: JSON.stringify(env),
    limits: { memoryBytes: 1024 ** 3, instructions: 1e9 },
  });
  for (const message of boot) actor.evaluate(inputOf(message));
  return actor;
}

function askOnce(actor) {
  const { messages, error } = actor.evaluate(inputOf(ping));
  if (messages.length !== 1) throw new Error(error?.text ?? 'the process does not answer');
}

const actor = start();
for (let i = 0; i < count / 4; i++) askOnce(actor);
const begun = process.hrtime.bigint();
for (let i = 0; i < count; i++) askOnce(actor);
const rate = (count * 1e9) / Number(process.hrtime.bigint() - begun);

const actors = [];
globalThis.gc();
const before = process.memoryUsage().rss;
for (let i = 0; i < processes; i++) {
  actors.push(start());
  askOnce(actors[i]);
}
globalThis.gc();
const bytes = (process.memoryUsage().rss - before) / processes;
console.log(JSON.stringify({ rate, bytes, asleep: actor.checkpoint().length }));
