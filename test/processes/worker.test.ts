/**
 * The worker's side of the protocol, with an engine whose answers and failures the test decides.
 * (The real one answers in real-herd.test.ts.)
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../actors/lua/device.js';
import type { LuaValue } from '../../actors/lua/values.js';
import {
  bootKernel,
  bundleProgram,
  Neighbourhood,
  OWNER,
  type Post,
  type Tags,
} from './harness.js';

const kernel = bootKernel([
  { name: 'llama', functions: { load: 0, answer: 0, next: 0, ending: 0, claim: 0, stop: 0 } },
]);
const program = bundleProgram('worker.lua');

/** An engine that says the given pieces, then ends as told; an Error among them is thrown. */
class Script {
  pieces: (string | Error)[] = [];
  ending: Record<string, string | number> = { reason: 'length', stopIndex: 0 };
  claim: LuaValue;
  /** What loading and prompting throw, if anything. */
  loadError: Error | undefined;
  promptError: Error | undefined;
  readonly loaded: unknown[] = [];
  readonly questions: unknown[] = [];

  readonly device: Device = {
    name: 'llama',
    functions: {
      load: (path) => {
        if (this.loadError) throw this.loadError;
        this.loaded.push(path);
        return undefined;
      },
      answer: (question) => {
        if (this.promptError) throw this.promptError;
        this.questions.push(question);
        this.#text = '';
        this.#tokens = 0;
        return undefined;
      },
      next: () => {
        const piece = this.pieces.shift();
        if (piece instanceof Error) throw piece;
        if (piece !== undefined) this.#tokens += 1;
        this.#text += piece ?? '';
        return piece;
      },
      ending: () => ({ text: this.#text, tokens: this.#tokens, ...this.ending }),
      claim: () => this.claim,
      stop: () => undefined,
    },
    save: () => new Uint8Array(),
    restore: () => undefined,
  };
  #text = '';
  #tokens = 0;
}

let network: Neighbourhood;
let script: Script;

beforeEach(() => {
  network = new Neighbourhood(kernel);
  script = new Script();
});

afterEach(() => {
  expect(network.errors).toEqual([]);
  network.dispose();
});

const start = (tags: Tags = {}): Post[] => {
  const first = network.posts.length;
  const all = { 'Model-ID': 'MODEL', 'Router-ID': 'HERDER', ...tags };
  network.spawn('LLAMA', program, all, [script.device]);
  return network.posts.slice(first + 1);
};
const infer = (tags: Tags = {}, data = 'cats', from = 'HERDER'): Post | undefined =>
  network.send({
    from,
    to: 'LLAMA',
    action: 'Inference',
    tags: { 'Job-Id': '7', Tokens: '10', ...tags },
    data,
  })[0];

describe('at boot', () => {
  test('loads the model of its tags and joins its herder', () => {
    expect(start()).toMatchObject([{ to: 'HERDER', tags: { Action: 'Register-Worker' } }]);
    expect(script.loaded).toEqual(['/data/MODEL']);
  });

  test('reads the tag names that others write, too', () => {
    const tags = { ModelID: 'OTHER', RouterID: 'BOSS' };
    network.spawn('LLAMA', program, tags, [script.device]);
    expect(script.loaded).toEqual(['/data/OTHER']);
    expect(network.posts.at(-1)).toMatchObject({ to: 'BOSS', tags: { 'Model-ID': 'OTHER' } });
  });

  test('without its model starts, says why, and stays out of the herd', () => {
    script.loadError = new Error('MODEL_NOT_FOUND: /data/MODEL');
    expect(start()).toEqual([]);
    expect(network.printed.get('LLAMA')).toContain('No model: ');
    expect(network.printed.get('LLAMA')).toContain('MODEL_NOT_FOUND: /data/MODEL');
  });
});

describe('answers', () => {
  test('with what the engine says', () => {
    start();
    script.pieces = ['A', ' cat', ' is'];
    expect(infer({ Tokens: '3' })).toMatchObject({
      to: 'HERDER',
      data: 'A cat is',
      tags: {
        Action: 'Inference-Response',
        'Job-Id': '7',
        Tokens: '3',
        'Stop-Reason': 'length',
        'Model-ID': 'MODEL',
      },
    });
  });

  test.each<[string, Tags, Record<string, string | number>]>([
    ['length', {}, { reason: 'length' }],
    ['end', {}, { reason: 'end' }],
    ['context', {}, { reason: 'context' }],
    ['end', {}, { reason: 'stop', stopIndex: 1 }],
    ['end', { Termination: 'STOP' }, { reason: 'stop', stopIndex: 2 }],
    ['termination', { Termination: 'STOP' }, { reason: 'stop', stopIndex: 1 }],
  ])('and why it ended: %s, %o, %o', (reason, tags, ending) => {
    start();
    script.ending = { stopIndex: 0, ...ending };
    expect(infer(tags)?.tags['Stop-Reason']).toBe(reason);
  });

  const ROLES = ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>'];

  test('a bare prompt in the roles of a chat, whose turns begin where their text does', () => {
    start();
    infer({}, '100% cats {prompt}');
    expect(script.questions).toEqual([
      {
        prompt: '<|user|>\n100% cats {prompt}\n<|assistant|>\n',
        tokens: 10,
        stops: ROLES,
        trim: true,
      },
    ]);
  });

  test('a prompt with roles as it is, and the stop text of the caller first', () => {
    start();
    const prompt = '<|system|>\nJoke.\n<|user|>\ncats\n<|assistant|>\n';
    infer({ Termination: '%d' }, prompt);
    expect(script.questions).toMatchObject([{ prompt, stops: ['%d', ...ROLES], trim: true }]);
  });

  test('a bare prompt in the layout of its tag, going on where it broke off', () => {
    start({ 'Prompt-Template': '{prompt}' });
    infer({}, 'cats');
    expect(script.questions).toMatchObject([{ prompt: 'cats', trim: false }]);
  });

  test('with the roles of its tag', () => {
    start({ 'Prompt-Template': '{prompt}', 'Chat-Roles': '["Q:", "A:"]' });
    infer({}, 'cats');
    expect(script.questions).toMatchObject([{ stops: ['Q:', 'A:'] }]);
  });
});

describe('with an arbiter', () => {
  const CLAIM = {
    claimRoot: 'ab'.repeat(32),
    data: { answer: 'Meow', ids: [1, 2], leaves: 'cd'.repeat(64), tokens: 1 },
  };
  const tags = { 'Arbiter-ID': 'ARBITER', 'Payment-Token': 'WAR' };

  test('claims its answer before it gives it', () => {
    start(tags);
    script.pieces = ['Meow'];
    script.claim = CLAIM;
    const first = network.posts.length;
    expect(infer()).toMatchObject({ to: 'ARBITER', tags: { Action: 'Claim' } });
    const [, claim, response] = network.posts.slice(first);
    expect(claim?.tags).toMatchObject({
      'Job-Id': '7',
      Herder: 'HERDER',
      'Model-ID': 'MODEL',
      'State-Root': CLAIM.claimRoot,
    });
    expect(JSON.parse(claim?.data ?? '')).toEqual(CLAIM.data);
    expect(response?.tags).toMatchObject({
      Action: 'Inference-Response',
      'State-Root': CLAIM.claimRoot,
    });
  });

  test('deposits what it is paid, but not what the arbiter pays out', () => {
    start(tags);
    const credit = (from: string, sender: string) =>
      network.send({
        from,
        to: 'LLAMA',
        action: 'Credit-Notice',
        tags: { Sender: sender, Quantity: '70' },
      });
    expect(credit('WAR', OWNER)).toMatchObject([
      {
        to: 'WAR',
        tags: {
          Action: 'Transfer',
          Recipient: 'ARBITER',
          Quantity: '70',
          'X-Delegate': OWNER,
        },
      },
    ]);
    expect(credit('EVE', OWNER)).toEqual([]);
    expect(credit('WAR', 'ARBITER')).toEqual([]);
  });
});

describe('reports instead of falling silent', () => {
  test('a prompt that the engine refuses, as the fault of the request', () => {
    start();
    script.promptError = new Error('the prompt has 999 tokens, the context 256');
    expect(infer()?.tags).toMatchObject({
      Action: 'Inference-Error',
      'Job-Id': '7',
      Fault: 'Request',
      Error: 'the prompt has 999 tokens, the context 256', // without a place in our Lua
    });
  });

  test('an engine that breaks in the middle, as its own; then loads again and comes back', () => {
    start();
    script.pieces = ['A', new Error('engine on fire')];
    const posts = network.posts.length;
    expect(infer()?.tags).toMatchObject({
      Action: 'Inference-Error',
      Fault: 'Worker',
      Error: expect.stringContaining('engine on fire'),
    });
    expect(network.posts.slice(posts).at(-1)?.tags.Action).toBe('Register-Worker');
    expect(script.loaded).toHaveLength(2);
  });

  test('a model that it never had', () => {
    script.loadError = new Error('MODEL_NOT_FOUND');
    start();
    expect(infer()?.tags).toMatchObject({ Action: 'Inference-Error', Fault: 'Worker' });
  });

  test.each([{ Tokens: 'x' }, { Tokens: '0' }, { Tokens: '1.5' }])('a job with %o', (tags) => {
    start();
    expect(infer(tags)?.tags).toMatchObject({ Action: 'Inference-Error', Fault: 'Request' });
  });
});

test('works for its herder only', () => {
  start();
  script.pieces = ['free', ' lunch'];
  expect(infer({}, 'cats', 'EVE')).toBeUndefined();
  expect(network.printed.get('LLAMA')).toContain('Inference refused: EVE is not my herder');
  expect(script.pieces).toHaveLength(2);
});

test('joins again when its herder asks it back, not for a stranger', () => {
  start();
  const rejoin = { to: 'LLAMA', action: 'Rejoin' };
  expect(network.send({ ...rejoin, from: 'EVE' })).toEqual([]);
  const posts = network.send({ ...rejoin, from: 'HERDER' });
  expect(posts).toMatchObject([{ to: 'HERDER', tags: { Action: 'Register-Worker' } }]);
});

test('takes another model from its owner, not from a stranger', () => {
  start();
  const init = { to: 'LLAMA', action: 'Init', tags: { 'Model-ID': 'BIGGER' } };
  expect(network.send({ ...init, from: 'EVE' })).toEqual([]);
  const posts = network.send({ ...init, from: OWNER });
  expect(posts.map(({ tags }) => tags.Action)).toEqual(['Register-Worker', 'Worker-Initialized']);
  expect(script.loaded).toEqual(['/data/MODEL', '/data/BIGGER']);
});
