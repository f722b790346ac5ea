/**
 * A court to test the arbiter in: wAR, the arbiter with the toy's model, and wallets that are herder,
 * worker and challengers. Both programs are the real ones.
 */
import { expect } from 'vitest';
import type { AnswerInput } from '../../llama/answer.js';
import { type Claim, describeConstants, readConstants } from '../../opml/claim.js';
import type { Move } from '../../opml/game.js';
import { createTracer, type Tracer } from '../../opml/tracer.js';
import {
  bootKernel,
  bundleProgram,
  Neighbourhood,
  OWNER,
  type Post,
  type Tags,
} from './harness.js';
import { compileToy, openToy } from './toy/toy-program.js';

export const BOND = 1000n;
export const START = 1_000_000n;
export const PLAYERS = ['HERDER', 'WORKER', 'ALICE', 'BOB', 'CAROL', 'EVE'] as const;
export const BURN = 'A'.repeat(43);
/** Short enough that time is easy to count. */
const TERMS = {
  'Claim-Bond': `${BOND}`,
  'Challenge-Bond': `${BOND}`,
  Window: '100000',
  Clock: '50000',
  Extension: '5000',
  'Claim-Grace': '10000',
};

/** Lua: what the accounts come to, each looked at. */
const SUM_OF_ACCOUNTS = `
  local bint = require('.bint')(256)
  local sum = bint.zero()
  for _, account in pairs(Arbiter.accounts) do
    sum = sum + bint(account.free) + bint(account.locked)
  end
  return tostring(sum)`;

const kernel = bootKernel();
const warProgram = bundleProgram('war.lua');
const arbiterProgram = bundleProgram('arbiter.lua');
const wasm = await compileToy();
const constants = readConstants(openToy(wasm));
/** Of another model of the same code: its computation is wrong for the registered one. */
const OTHER_WEIGHTS = [11, 22, 2 ** 20];

export const PROMPT = 'What is the meaning of life?';

/** The job as a herder states it, and as the arbiter lays it out for a model without a template. */
export interface Job {
  readonly prompt: string;
  readonly maxTokens: number;
}

export const inputOf = ({ prompt, maxTokens }: Job): AnswerInput => ({
  prompt,
  maxTokens,
  stops: [],
});

/** A party's own computation. */
export const honestTracer = (job: Job): Tracer =>
  createTracer(openToy(wasm), inputOf(job), constants);
/** Computes with another model and says it is this one. */
export const wrongTracer = (job: Job): Tracer =>
  createTracer(openToy(wasm, OTHER_WEIGHTS), inputOf(job), constants);
export const toyProgram = () => openToy(wasm);
export const toyConstants = constants;

export interface Account {
  readonly free: string;
  readonly locked: string;
  readonly delegate?: string;
}

export class Court {
  readonly network: Neighbourhood;
  #jobs = 0;

  constructor(terms: Tags = {}, records = false) {
    this.network = new Neighbourhood(kernel, records);
    const balances = Object.fromEntries(PLAYERS.map((player) => [player, `${START}`]));
    this.network.spawn('WAR', warProgram, { 'Initial-Balances': JSON.stringify(balances) });
    this.network.spawn('ARBITER', arbiterProgram, { 'Payment-Token': 'WAR', ...TERMS, ...terms });
    const roots = { ...describeConstants(constants), template: '{prompt}', roles: [] };
    const tags = { 'Model-ID': 'TOY' };
    this.send(OWNER, 'Register-Model', tags, JSON.stringify(roots));
    expect(this.network.errors).toEqual([]);
  }

  /** Ends a test: no message may have failed, and no wAR been made or lost. */
  close(): void {
    expect(this.network.errors).toEqual([]);
    this.checkBooks();
    this.network.dispose();
  }

  /** Every winston is somewhere, and the arbiter holds what its accounts say. */
  checkBooks(): void {
    const holders = [...PLAYERS, 'ARBITER', BURN];
    const sum = holders.reduce((total, holder) => total + this.balance(holder), 0n);
    expect(sum).toBe(START * BigInt(PLAYERS.length));
    expect(this.balance('ARBITER')).toBe(BigInt(this.info().held as string));
    expect(this.network.eval('ARBITER', SUM_OF_ACCOUNTS)).toBe(this.info().held);
  }

  send(from: string, action: string, tags: Tags = {}, data = ''): Post[] {
    return this.network.send({ from, to: 'ARBITER', action, tags, data });
  }

  balance(account: string): bigint {
    const posts = this.network.send({ from: account, to: 'WAR', action: 'Balance' });
    return BigInt(posts.find(({ to }) => to === account)?.data ?? '');
  }

  deposit(from: string, quantity: bigint | string = 10n * BOND, tags: Tags = {}): Post[] {
    return this.network.send({
      from,
      to: 'WAR',
      action: 'Transfer',
      tags: { Recipient: 'ARBITER', Quantity: `${quantity}`, ...tags },
    });
  }

  /** What a question is answered with: the JSON, or `{ error }`. */
  ask(action: string, tags: Tags = {}): Record<string, unknown> {
    const reply = this.send('NOBODY', action, tags)[0];
    const error = reply?.tags.Error;
    return error === undefined ? JSON.parse(reply?.data ?? '') : { error };
  }

  info = (): Record<string, unknown> => this.ask('Info');
  account = (id: string): Account => this.ask('Account', { Account: id }) as unknown as Account;
  claimView = (claim: string) => this.ask('Claim-Info', { Claim: claim });
  gameView = (game: string) => this.ask('Game-Info', { Game: game });

  nextJob(): string {
    this.#jobs += 1;
    return String(this.#jobs);
  }

  /** The worker's half. Replaced tags and data make it a bad one. */
  claim(
    job: string,
    claim: Claim,
    { tags = {}, data = {}, from = 'WORKER' }: Changes = {},
  ): Post[] {
    const all = {
      'Job-Id': job,
      Herder: 'HERDER',
      'Model-ID': 'TOY',
      'State-Root': claim.claimRoot,
    };
    const body = JSON.stringify({ ...claim.data, ...data });
    return this.send(from, 'Claim', { ...all, ...tags }, body);
  }

  /** The herder's half. */
  answered(job: string, asked: Job, claim: Claim, { tags = {}, data = {} }: Changes = {}): Post[] {
    const all = {
      'Job-Id': job,
      Worker: 'WORKER',
      'Model-ID': 'TOY',
      'State-Root': claim.claimRoot,
      Tokens: `${asked.maxTokens}`,
    };
    const body = JSON.stringify({ prompt: asked.prompt, answer: claim.data.answer, ...data });
    return this.send('HERDER', 'Answered', { ...all, ...tags }, body);
  }

  /** Opens a claim of both halves; returns its id. */
  open(asked: Job, claim: Claim, from = 'WORKER'): string {
    const job = this.nextJob();
    this.claim(job, claim, { from });
    this.answered(job, asked, claim, { tags: { Worker: from } });
    return `HERDER:${job}`;
  }

  make(from: string, { tags, data }: Move): Post[] {
    const { Action = '', ...rest } = tags;
    return this.send(from, Action, rest, data);
  }

  advance(ms: number): Post[] {
    this.network.advance(ms);
    return this.send('NOBODY', 'Tick');
  }
}

interface Changes {
  readonly tags?: Tags;
  readonly data?: Record<string, unknown>;
  readonly from?: string;
}

/** Error of the refusal among the posts, or undefined. */
export function refusal(posts: readonly Post[]): string | undefined {
  return posts.find(({ tags }) => tags.Action?.endsWith('-Refused'))?.tags.Error;
}

/** Posts of an Action to somebody. */
export function told(posts: readonly Post[], to: string, action: string): Post[] {
  return posts.filter((post) => post.to === to && post.tags.Action === action);
}
