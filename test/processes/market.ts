/**
 * A market to test the herder in: wAR with three payers, a herder, and workers that wait to be told
 * what to answer. All programs but the workers are the real ones.
 */
import { expect } from 'vitest';
import {
  bootKernel,
  bundleProgram,
  Neighbourhood,
  OWNER,
  type Post,
  type Tags,
} from './harness.js';

export const LIFE = 'What is the meaning of life?';
export const PAYERS = ['ALICE', 'BOB', 'CAROL'] as const;

/** A worker that keeps its jobs until `answer` ends the oldest. */
const PATIENT_WORKER = `
  Jobs = {}
  Handlers.add('job', 'Inference', function(msg) table.insert(Jobs, msg) end)
  function answer(text, tags)
    local job = table.remove(Jobs, 1)
    local reply = { Target = job.From, Action = 'Inference-Response', ['Job-Id'] = job['Job-Id'],
      Tokens = job.Tokens, ['Stop-Reason'] = 'length', Data = text }
    for name, value in pairs(tags) do reply[name] = value end
    ao.send(reply)
  end
`;

const kernel = bootKernel();
const warProgram = bundleProgram('war.lua');
export const herderProgram = bundleProgram('herder.lua');

export class Market {
  readonly network = new Neighbourhood(kernel);

  constructor(terms: Tags = {}) {
    const balances = Object.fromEntries(PAYERS.map((payer) => [payer, '1000']));
    this.network.spawn('WAR', warProgram, { 'Initial-Balances': JSON.stringify(balances) });
    this.network.spawn('HERDER', herderProgram, { 'Payment-Token': 'WAR', ...terms });
  }

  /** Ends a test: nothing may have failed, and no wAR been made or lost. */
  close(): void {
    expect(this.network.errors).toEqual([]);
    const held = [...PAYERS, 'HERDER'].map((account) => this.balance(account));
    expect(held.reduce((sum, balance) => sum + balance, 0n)).toBe(3000n);
    this.network.dispose();
  }

  balance(account: string): bigint {
    const posts = this.network.send({ from: account, to: 'WAR', action: 'Balance' });
    return BigInt(posts.find(({ to }) => to === account)?.data ?? '');
  }

  /** Starts patient workers and admits them. */
  hire(...workers: string[]): void {
    for (const worker of workers) {
      this.network.spawn(worker, PATIENT_WORKER);
      this.asOwner('Register-Worker', { Worker: worker, 'Worker-Name': worker.toLowerCase() });
    }
  }

  asOwner(action: string, tags: Tags): Post[] {
    return this.network.send({ from: OWNER, to: 'HERDER', action, tags });
  }

  /** Pays the herder; without tags, for a good request with a fee of 27. */
  pay(from: string, quantity: number | string, tags: Tags = {}): Post[] {
    const request = { 'X-Prompt': LIFE, 'X-Tokens': '20', ...tags };
    return this.network.send({
      from,
      to: 'WAR',
      action: 'Transfer',
      tags: { Recipient: 'HERDER', Quantity: String(quantity), ...request },
    });
  }

  /** Makes a worker end its oldest job; tags replace those of a good answer. */
  answer(worker: string, text: string, tags: Tags = {}): Post[] {
    const first = this.network.posts.length;
    const lua = Object.entries(tags).map(([name, value]) => `[${quote(name)}] = ${quote(value)}`);
    this.network.eval(worker, `answer(${quote(text)}, { ${lua.join(', ')} })`);
    return this.network.posts.slice(first);
  }

  /** Prompts of the jobs that a worker holds. */
  jobs(worker: string): string {
    const code = `local t = {} for i, job in ipairs(Jobs) do t[i] = job.Data end
      return table.concat(t, ',')`;
    return this.network.eval(worker, code);
  }

  tick(): Post[] {
    return this.network.send({ from: 'NOBODY', to: 'HERDER', action: 'Tick' });
  }

  info(): Tags {
    return this.network.send({ from: 'NOBODY', to: 'HERDER', action: 'Info' })[0]?.tags ?? {};
  }
}

/** Messages of an Action to a process or wallet. */
export function postsTo(posts: Post[], to: string, action: string): Post[] {
  return posts.filter((post) => post.to === to && post.tags.Action === action);
}

/** The herder's refunds, as they arrive. */
export function refunds(posts: Post[]): Post[] {
  return posts.filter(
    ({ tags }) => tags.Action === 'Credit-Notice' && tags.Sender === 'HERDER' && tags['X-Reason'],
  );
}

function quote(text: string): string {
  return JSON.stringify(text);
}
