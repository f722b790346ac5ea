/**
 * The worker's side of the protocol, with an engine whose answers and failures the test decides.
 * (The real one answers in real-herd.test.ts.)
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Device } from '../../actors/lua/device.js';
import {
  bootKernel,
  bundleProgram,
  Neighbourhood,
  OWNER,
  type Post,
  type Tags,
} from './harness.js';

const kernel = bootKernel([
  { name: 'llama', functions: { load: 0, setPrompt: 0, next: 0, stop: 0 } },
]);
const program = bundleProgram('worker.lua');

/** An engine that says the given pieces, then ends; an Error among them is thrown. */
class Script {
  pieces: (string | Error)[] = [];
  /** What loading and prompting throw, if anything. */
  loadError: Error | undefined;
  promptError: Error | undefined;
  readonly loaded: unknown[] = [];
  readonly prompts: unknown[] = [];

  readonly device: Device = {
    name: 'llama',
    functions: {
      load: (path) => {
        if (this.loadError) throw this.loadError;
        this.loaded.push(path);
        return undefined;
      },
      setPrompt: (prompt) => {
        if (this.promptError) throw this.promptError;
        this.prompts.push(prompt);
        return undefined;
      },
      next: () => {
        const piece = this.pieces.shift();
        if (piece instanceof Error) throw piece;
        return piece;
      },
      stop: () => undefined,
    },
    save: () => new Uint8Array(),
    restore: () => undefined,
  };
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
  test('with the tokens asked for', () => {
    start();
    script.pieces = ['A', ' cat', ' is', ' a', ' cat'];
    expect(infer({ Tokens: '3' })).toMatchObject({
      to: 'HERDER',
      data: 'A cat is',
      tags: {
        Action: 'Inference-Response',
        'Job-Id': '7',
        Tokens: '3',
        'Stop-Reason': 'length',
      },
    });
  });

  test('until the model ends', () => {
    start();
    script.pieces = ['Meow', '.'];
    expect(infer()).toMatchObject({ data: 'Meow.', tags: { Tokens: '2', 'Stop-Reason': 'end' } });
  });

  test('until the stop text, which may be spread over pieces', () => {
    start();
    script.pieces = ['One S', 'T', 'OP', ' two'];
    expect(infer({ Termination: 'STOP' })).toMatchObject({
      data: 'One ',
      tags: { Tokens: '3', 'Stop-Reason': 'termination' },
    });
  });

  test('with a stop text that is no pattern', () => {
    start();
    script.pieces = ['a.b', '%d', 'c'];
    expect(infer({ Termination: '%d' })?.data).toBe('a.b');
  });

  test('until it would speak for somebody else', () => {
    start();
    script.pieces = ['Joke.', '<|us', 'er|>', 'more'];
    expect(infer()).toMatchObject({ data: 'Joke.', tags: { 'Stop-Reason': 'end' } });
  });

  test('a bare prompt in the roles of a chat, and one with roles as it is', () => {
    start();
    infer({}, '100% cats {prompt}');
    infer({}, '<|system|>\nJoke.\n<|user|>\ncats\n<|assistant|>\n');
    expect(script.prompts).toEqual([
      '<|user|>\n100% cats {prompt}\n<|assistant|>\n',
      '<|system|>\nJoke.\n<|user|>\ncats\n<|assistant|>\n',
    ]);
  });

  test('a bare prompt in the layout of its tag, and leaves the space before a completion', () => {
    start({ 'Prompt-Template': '{prompt}' });
    script.pieces = [' purr'];
    expect(infer({}, 'cats')?.data).toBe(' purr');
    expect(script.prompts).toEqual(['cats']);
  });

  test('a chat turn without the space that the tokenizer puts before it', () => {
    start();
    script.pieces = ['\n', ' A cat'];
    expect(infer()?.data).toBe('A cat');
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
      Error: expect.stringContaining('999 tokens'),
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
