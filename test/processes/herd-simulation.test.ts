/**
 * Random markets: payers with good and odd requests, a short queue, workers that answer, fail,
 * crash, return and follow when asked back, strangers that forge, time that jumps. After every step
 * the herder's books must hold; in the end every payment must have come to exactly one end, and all
 * wAR be where it belongs.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bid } from '../../pricing/queue.js';
import { isServedBefore } from '../../pricing/queue.js';
import { Market, PAYERS } from './market.js';

const WORKERS = ['W1', 'W2'] as const;
const worker = fc.constantFrom(...WORKERS);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('pay' as const),
      from: fc.constantFrom(...PAYERS),
      quantity: fc.integer({ min: 1, max: 400 }),
      tokens: fc.constantFrom('1', '5', '20', '40', '-7', '0.5', '', '9'.repeat(25)),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('answer' as const), worker }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      worker,
      fault: fc.constantFrom('Worker', 'Request'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('return' as const), worker }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('forge' as const),
      worker: fc.constantFrom('EVE', ...WORKERS),
      job: fc.integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('wait' as const),
      ms: fc.constantFrom(1000, 300_000, 700_000, 4_000_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Books {
  readonly queue: readonly { id: number; paid: string; fee: number }[];
  readonly idle: readonly string[];
  readonly busy: readonly { worker: string; id: number }[];
}

const FOLLOW = `Handlers.add('rejoin', 'Rejoin', function(msg)
  ao.send({ Target = msg.From, Action = 'Register-Worker' })
end)`;

class Simulation {
  readonly market = new Market({ 'Max-Queue': '1' });
  /** Jobs that each worker holds, by what it was sent and has not ended. */
  readonly #held = new Map<string, number>();
  readonly #crashed = new Set<string>();
  #payments = 0;
  #read = 0;

  constructor() {
    this.market.hire(...WORKERS);
    for (const id of WORKERS) this.market.network.eval(id, FOLLOW);
  }

  take(one: Step): void {
    const { market } = this;
    switch (one.type) {
      case 'pay': {
        this.#payments += 1;
        const tags = { 'X-Tokens': one.tokens, 'X-Reference': `p${this.#payments}` };
        market.pay(one.from, one.quantity, tags);
        break;
      }
      case 'answer':
        this.#end(one.worker, {});
        break;
      case 'fail':
        this.#end(one.worker, { Action: 'Inference-Error', Error: 'no', Fault: one.fault });
        break;
      case 'crash':
        this.#crashed.add(one.worker);
        market.network.crash(one.worker);
        break;
      case 'return':
        this.return(one.worker);
        break;
      case 'forge':
        if (one.worker === 'EVE' || !this.#held.get(one.worker)) {
          const tags = { 'Job-Id': String(one.job) };
          const forged = { to: 'HERDER', action: 'Inference-Response', tags, data: 'forged' };
          market.network.send({ ...forged, from: one.worker });
        }
        break;
      case 'wait':
        market.network.advance(one.ms);
        market.tick();
    }
    this.#count();
  }

  return(id: string): void {
    this.#crashed.delete(id);
    this.market.network.restart(id);
    this.market.network.send({ from: id, to: 'HERDER', action: 'Register-Worker' });
    this.#count();
  }

  #end(id: string, tags: Record<string, string>): void {
    const held = this.#held.get(id) ?? 0;
    if (held === 0 || this.#crashed.has(id)) return;
    this.#held.set(id, held - 1);
    this.market.answer(id, 'An answer.', tags);
  }

  /** Counts the jobs that arrived since last time at workers that are alive. */
  #count(): void {
    const { posts } = this.market.network;
    for (; this.#read < posts.length; this.#read += 1) {
      const post = posts[this.#read];
      if (post?.tags.Action !== 'Inference' || this.#crashed.has(post.to)) continue;
      this.#held.set(post.to, (this.#held.get(post.to) ?? 0) + 1);
    }
  }

  /** Lets everybody come back and work until nothing is left. */
  finish(): void {
    for (const id of WORKERS) this.return(id);
    for (let round = 0; round < 200; round += 1) {
      const { queue, busy } = this.books();
      if (queue.length + busy.length === 0) return;
      for (const id of WORKERS) this.take({ type: 'answer', worker: id });
      if (round % 10 === 9) {
        this.take({ type: 'wait', ms: 700_000 });
        for (const id of WORKERS) this.return(id);
      }
    }
    throw new Error('requests are left that nobody answers');
  }

  books(): Books {
    const text = this.market.network.eval(
      'HERDER',
      `local books = { queue = {}, idle = Herder.idle, busy = {} }
      for i, r in ipairs(Herder.queue) do
        books.queue[i] = { id = r.id, paid = r.paid, fee = r.fee }
      end
      for worker, r in pairs(Herder.busy) do
        table.insert(books.busy, { worker = worker, id = r.id })
      end
      return require('json').encode(books)`,
    );
    return JSON.parse(text) as Books;
  }

  /** What each payment came to: 'answer' or 'refund', more than one, or nothing. */
  ends(): string[][] {
    const { posts } = this.market.network;
    return Array.from({ length: this.#payments }, (_, index) =>
      posts
        .filter((post) => post.tags['X-Reference'] === `p${index + 1}` && isPayer(post.to))
        .flatMap(({ tags }) => {
          if (tags.Action === 'Inference-Response') return ['answer'];
          if (tags.Action === 'Transfer-Error') return ['never paid'];
          return tags.Action === 'Credit-Notice' ? ['refund'] : [];
        }),
    );
  }
}

function isPayer(id: string): boolean {
  return (PAYERS as readonly string[]).includes(id);
}

function checkBooks({ queue, idle, busy }: Books): void {
  const bids: Bid[] = queue.map(({ id, paid, fee }) => ({
    id,
    paid: BigInt(paid),
    fee: BigInt(fee),
  }));
  bids.forEach((bid, index) => {
    const next = bids[index + 1];
    if (next) expect(isServedBefore(bid, next), 'the queue is sorted').toBe(true);
  });
  const workers = [...idle, ...busy.map((job) => job.worker)];
  expect(new Set(workers).size, 'a worker is in one place').toBe(workers.length);
  const jobs = [...queue, ...busy].map(({ id }) => id);
  expect(new Set(jobs).size, 'a request is in one place').toBe(jobs.length);
  expect(queue.length * idle.length, 'nobody idles while requests wait').toBe(0);
}

test('in random markets nothing is lost, paid twice or answered twice', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), (steps) => {
      const simulation = new Simulation();
      for (const one of steps) {
        simulation.take(one);
        checkBooks(simulation.books());
      }
      simulation.finish();
      for (const end of simulation.ends()) expect(end).toHaveLength(1);
      simulation.market.close();
    }),
    { seed: 11, numRuns: 20 },
  );
});
