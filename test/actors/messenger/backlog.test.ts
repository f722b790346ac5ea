import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Evaluation } from '../../../actors/compute/evaluation.js';
import { createDurableBacklog } from '../../../actors/durable/durable-backlog.js';
import { isUnsent, type LeftOutbox } from '../../../actors/messenger/backlog.js';
import type { Job } from '../../../actors/messenger/delivery.js';
import { jobsOf } from '../../../actors/messenger/jobs.js';
import { createTrace } from '../../../actors/messenger/trace.js';
import { readProcess } from '../../../actors/scheduler/process-record.js';
import { signDataItem } from '../../../arlocal/data-item.js';
import { createSqliteStore } from '../../../arlocal/sqlite/sqlite-store.js';
import { walletFromSeed } from '../../../arlocal/wallet.js';
import { createStores, type Stores } from '../stores.js';

let stores: Stores;
beforeAll(() => {
  stores = createStores();
});
afterAll(() => stores.remove());

const { item } = signDataItem(walletFromSeed(1, 'alice'), { tags: [] });
const messages = Array.from({ length: 6 }, (_, i) => ({ Data: `${i}` }));
const result = { messages, spawns: [], assignments: [], output: '', gas: 0 };
const place = { process: item.id, index: 4, nonce: 4, timestampMs: 0, blockHeight: 0 };
const evaluation: Evaluation = { ...place, result };

function outbox(): Job[] {
  const fields = { id: item.id, kind: 'message', from: 'me', target: item.id, nonce: 4 } as const;
  const trace = createTrace({ deliveries: 10, bytes: 1e6, resultOf: () => undefined });
  const cascade = trace.begin(fields);
  return jobsOf(evaluation, readProcess(item), cascade, cascade.root);
}

/** Does something with a backlog, and tells what the next run is left. */
function left(work: (backlog: ReturnType<typeof createDurableBacklog>) => void): number[][] {
  const store = createSqliteStore(stores.path('backlog'));
  if (!store.records) throw new Error('the store keeps no records');
  work(createDurableBacklog(store.records));
  store.flush();
  const outboxes = createDurableBacklog(store.records).left as readonly LeftOutbox[];
  store.close();
  return outboxes.map((one) => messages.flatMap((_, index) => (isUnsent(one, index) ? index : [])));
}

test('an outbox is left as far as it was not sent, though entries wait for others', () => {
  const jobs = outbox();
  const some = (indices: number[]) => jobs.filter((_, index) => indices.includes(index));
  expect(left((backlog) => backlog.queue(jobs))).toEqual([[0, 1, 2, 3, 4, 5]]);
  const first = left((backlog) => {
    backlog.queue(jobs);
    for (const job of some([0, 2, 4])) backlog.finish(job); // 1 and 3 wait for something
  });
  expect(first).toEqual([[1, 3, 5]]);
  expect(left((backlog) => backlog.queue(some([1, 3, 5])))).toEqual([[1, 3, 5]]);
  const second = left((backlog) => {
    backlog.queue(some([1, 3, 5]));
    for (const job of some([1, 5])) backlog.finish(job);
  });
  expect(second).toEqual([[3]]);
  const closed = left((backlog) => {
    backlog.queue(some([3]));
    backlog.close();
    backlog.finish(jobs[3] as Job); // as NETWORK_CLOSED
  });
  expect(closed).toEqual([[3]]);
  const last = left((backlog) => {
    backlog.queue(some([3]));
    backlog.finish(jobs[3] as Job);
  });
  expect(last).toEqual([]);
});

test('what comes and goes between two commits is never written', () => {
  let writes = 0;
  const store = createSqliteStore(stores.path('between'));
  const { records } = store;
  if (!records) throw new Error('the store keeps no records');
  const counting = {
    ...records,
    cells: (name: string) => {
      const cells = records.cells(name);
      const put: typeof cells.put = (...args) => {
        writes++;
        cells.put(...args);
      };
      return { ...cells, put };
    },
  };
  const backlog = createDurableBacklog(counting);
  const jobs = outbox();
  backlog.queue(jobs);
  for (const job of jobs) backlog.finish(job);
  store.flush();
  expect(writes).toBe(0);
  backlog.queue(jobs);
  store.flush();
  expect(writes).toBe(1);
  store.close();
});
