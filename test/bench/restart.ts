/** A restart over a store of a thousand processes and a hundred thousand messages. */
import { runChild, withFolder } from './child.js';
import { type Bench, type BenchContext, compare, median, type Row } from './row.js';

const PROCESSES = 1_000;
const MESSAGES = 100; // a process
const RESTARTS = 5;
const ASKED = 6; // processes that are asked after each restart

interface Restart {
  /** Milliseconds until the network is ready, until the first message is answered and durable. */
  readonly ready: number;
  readonly first: number;
  /** Milliseconds to replay one process, and bytes in use when the network was ready. */
  readonly replay: number;
  readonly bytes: number;
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  const restarts = await withFolder(async (folder) => {
    note(`filling a store with ${PROCESSES * MESSAGES} messages: minutes ...`);
    const args = [folder, `${PROCESSES}`, `${MESSAGES}`];
    const { ids } = await runChild<{ ids: string[] }>('restart-fill.mjs', args);
    const all: Restart[] = [];
    for (let n = 0; n < RESTARTS; n++) {
      const some = ids.slice(n * ASKED, (n + 1) * ASKED);
      const counted = `${MESSAGES - 1}`; // the first message is the Process item
      all.push(await runChild<Restart>('restart-open.mjs', [folder, counted, ...some]));
    }
    return all;
  });
  const value = (key: keyof Restart) => median(restarts.map((restart) => restart[key]));
  const replayAll = (value('replay') * PROCESSES) / 1000;
  const ready = { name: 'restart.ready', value: value('ready') / 1000, unit: 's' };
  yield { ...compare(ready, 'replay of all', replayAll, 'less'), bar: 'under 5 s' };
  yield { name: 'restart.first-message', value: value('first'), unit: 'ms' };
  yield { name: 'restart.memory', value: value('bytes') / 1e6, unit: 'MB when ready' };
}

export const restart: Bench = {
  name: 'restart',
  about: 'restart over 1,000 processes with 100,000 messages; takes minutes, only by name',
  onlyByName: true,
  run,
};
