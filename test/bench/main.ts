/**
 * `npm run bench -- [NAME...] [--json] [--peers]`: runs the benchmarks and prints their figures on
 * stdout, as a table or as one JSON object a line; progress goes to stderr.
 */
import { parseArgs } from 'node:util';
import { benches } from './benches.js';
import type { Row } from './row.js';

const { values: flags, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, peers: { type: 'boolean' }, list: { type: 'boolean' } },
});

const figure = (value: number) =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3));

function printRow(row: Row): void {
  if (flags.json) {
    const { bar: _bar, ...line } = row;
    const blank = { peer: null, peerValue: null, ratio: null };
    console.log(JSON.stringify({ ...blank, ...line }));
    return;
  }
  const peer = row.peer
    ? `${row.peer} ${figure(row.peerValue ?? 0)}  ratio ${figure(row.ratio ?? 0)}x`
    : '';
  const value = `${figure(row.value)} ${row.unit}`;
  console.log(
    `${row.name.padEnd(34)} ${value.padEnd(22)} ${peer.padEnd(34)} ${row.bar ?? ''}`.trimEnd(),
  );
}

const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (flags.list || unknown.length > 0) {
  for (const name of unknown) console.error(`no benchmark is called '${name}'; there are:`);
  for (const bench of benches) console.error(`  ${bench.name.padEnd(12)} ${bench.about}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const note = (text: string) => console.error(`  ${text}`);
for (const bench of benches) {
  if (names.length > 0 ? !names.includes(bench.name) : bench.onlyByName) continue;
  console.error(`${bench.name}: ${bench.about}`);
  for await (const row of bench.run({ peers: flags.peers ?? false, note })) printRow(row);
}
process.exit(0);
