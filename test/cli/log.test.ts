import { expect, test } from 'vitest';
import { describeLogged, describeResumed } from '../../cli/log.js';
import { createTerminal } from '../../cli/terminal.js';
import type { NetworkEvent } from '../../index.js';

const given = new Map([['P', 'pong\u001b[2J\nherder  all is well']]);
const names = {
  booted: new Map([['H', 'herder']]),
  nameOf: (process: string) => given.get(process) ?? '',
};
const { colors } = createTerminal({ ...process, env: { NO_COLOR: '1' } });
const logged = (event: NetworkEvent) => describeLogged(event, names, { colors, debug: false });
const evaluated = (fields: object): NetworkEvent => ({
  type: 'evaluated',
  gas: 0,
  process: 'H',
  nonce: 1,
  print: true,
  messages: 0,
  spawns: 0,
  ...fields,
});

test('what booted processes print is logged under their names, line by line', () => {
  expect(logged(evaluated({ output: 'one\ntwo' }))).toBe('herder  one\nherder  two');
  expect(logged(evaluated({ output: '' }))).toBeUndefined();
  expect(logged(evaluated({ process: 'U', output: 'private' }))).toBeUndefined();
});

const message = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';

test('errors are logged with handler, line and whole ids, whoever they are from', () => {
  const text =
    'Error handling message with Action = Eat\n[string ".handlers"]:157: [string "aos"]:3: no hay' +
    '\n\nstack traceback:\n...\n\nerror:\n[string ".handlers"]:157: [string "aos"]:3: no hay';
  const error = { code: 'EVALUATION_FAILED', text };
  const place = { process: 'H', handler: 'eat', line: 3, message };
  expect(logged({ type: 'error', error: { ...error, ...place } })).toBe(
    `herder  error in handler "eat", line 3: no hay (message ${message} of process H)`,
  );
  const limit = { code: 'INSTRUCTION_LIMIT', text: 'too long', hint: 'Look for a loop.' };
  expect(logged({ type: 'error', error: { ...limit, process: 'U' } })).toBe(
    'process  error: too long (process U) [INSTRUCTION_LIMIT]\nprocess    Look for a loop.',
  );
  expect(logged({ type: 'error', error: limit })).toMatch(/^network {2}error: too long/);
});

test('an Eval that fails names its message, and a process has the name that it was given', () => {
  const error = { code: 'EVALUATION_FAILED', text: 'boom', handler: '_eval', message };
  const line = logged({ type: 'error', error: { ...error, process: 'P' } });
  expect(line).toBe(`"pong herder  all is well"  error: boom (message ${message} of process P)`);
});

test('a refused request is one line, whatever is in it', () => {
  const refused: NetworkEvent = {
    type: 'refused',
    part: 'node',
    method: 'POST',
    path: '/push',
    status: 404,
    code: 'UNKNOWN_PROCESS',
    text: 'there is no process \u001b[31mAAA\nnode all is well',
    hint: 'Check the id.',
  };
  const line =
    'node  refused POST /push 404 UNKNOWN_PROCESS there is no process AAA node all is well';
  expect(logged(refused)).toBe(line);
  expect(logged({ ...refused, others: 1200 })).toBe(`${line} (and 1,200 more)`);
});

test('a request that failed here says what to do', () => {
  const failed: NetworkEvent = {
    type: 'refused',
    part: 'gateway',
    method: 'GET',
    path: '/X',
    status: 503,
    code: 'STORE_DAMAGED',
    text: 'The store in db is damaged: data X.',
    hint: 'Run `corral verify --db db`.',
  };
  expect(logged(failed)).toBe(
    'gateway  failed GET /X 503 STORE_DAMAGED The store in db is damaged: data X.\n' +
      'gateway    Run `corral verify --db db`.',
  );
});

test('what an earlier run left is told in one line', () => {
  expect(describeResumed({ type: 'resumed', requests: 6, messages: 201 })).toBe(
    'network  takes up what an earlier run left: 6 requests under way, 201 messages to go on with',
  );
  expect(describeResumed({ type: 'resumed', requests: 1, messages: 1 })).toContain(
    '1 request under way, 1 message to',
  );
});
