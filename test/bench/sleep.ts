/** Sleeping processes: what an idle one costs, and how long it takes to wake. */
import { runChild, withFolder } from './child.js';
import { type Bench, type BenchContext, compare, type Row } from './row.js';

const PROCESSES = 2_000;
const AWAKE = 200;
const LIVE = 16; // machines, where processes are to sleep
const MESSAGES = 200; // that a process was told before it is woken

interface Wake {
  readonly awake: number;
  readonly asleep: number;
  readonly replayed?: number;
}

async function bytesEach(processes: number, live: number, folder: string[] = []): Promise<number> {
  const args = [`${processes}`, `${live}`, ...folder];
  return (await runChild<{ bytes: number }>('sleep-memory.mjs', args)).bytes;
}

async function* run({ note }: BenchContext): AsyncIterable<Row> {
  note(`spawning ${AWAKE} processes that stay awake, and twice ${PROCESSES} that sleep ...`);
  const awake = await bytesEach(AWAKE, AWAKE);
  const inMemory = await bytesEach(PROCESSES, LIVE);
  const inStore = await withFolder((folder) => bytesEach(PROCESSES, LIVE, [folder]));
  const kilobytes = (name: string, bytes: number) =>
    compare({ name, value: bytes / 1e3, unit: 'kB' }, 'awake', awake / 1e3, 'less');
  yield { name: 'sleep.each-awake', value: awake / 1e3, unit: 'kB' };
  yield kilobytes('sleep.each-in-memory', inMemory);
  yield kilobytes('sleep.each-in-store', inStore);

  note(`waking processes that were told ${MESSAGES} messages ...`);
  const memory = await runChild<Wake>('sleep-wake.mjs', [`${MESSAGES}`]);
  const store = await withFolder((folder) =>
    runChild<Wake>('sleep-wake.mjs', [`${MESSAGES}`, folder]),
  );
  yield { name: 'sleep.answer-awake', value: memory.awake, unit: 'ms' };
  yield { name: 'sleep.answer-from-memory', value: memory.asleep, unit: 'ms' };
  const row = { name: 'sleep.answer-from-store', value: store.asleep, unit: 'ms' };
  yield compare(row, 'replay of its log', store.replayed, 'less');
}

export const sleep: Bench = {
  name: 'sleep',
  about: 'memory of sleeping processes, and how long one takes to wake',
  run,
};
