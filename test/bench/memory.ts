/** Memory of a thousand idle processes, in all: a Node process of its own, so nothing else counts. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runPeer } from './peers.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

const PROCESSES = 1000;
const WAO_MESSAGES = 5;
const WAO_PROCESSES = 4;

async function* run({ peers, note }: BenchContext): AsyncIterable<Row> {
  const program = fileURLToPath(new URL('memory.mjs', import.meta.url));
  const child = promisify(execFile);
  const { stdout } = await child(process.execPath, ['--expose-gc', program, `${PROCESSES}`]);
  const { totalBytes, bytesEach } = JSON.parse(stdout) as Record<string, number>;
  const gigabytes = (totalBytes ?? 0) / 1e9;
  yield {
    name: 'memory.1000-processes',
    value: gigabytes,
    unit: 'GB in all',
    bar: 'at most 1.5 GB',
  };
  const wao = peers
    ? await runPeer('wao', 'wao.mjs', [`${WAO_MESSAGES}`, `${WAO_PROCESSES}`], note)
    : undefined;
  const each = { name: 'memory.each-process', value: (bytesEach ?? 0) / 1e6, unit: 'MB' };
  yield compare(each, 'wao', wao?.megabytesPerProcess, 'less');
}

export const memory: Bench = {
  name: 'memory',
  about: 'memory of a thousand idle processes',
  run,
};
