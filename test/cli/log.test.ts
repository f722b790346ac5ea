import { expect, test } from 'vitest';
import { describeLogged } from '../../cli/log.js';
import { createTerminal } from '../../cli/terminal.js';
import type { NetworkEvent } from '../../index.js';

const names = new Map([['H', 'herder']]);
const { colors } = createTerminal({ ...process, env: { NO_COLOR: '1' } });
const logged = (event: NetworkEvent) => describeLogged(event, names, { colors, debug: false });
const evaluated = (fields: object): NetworkEvent => ({
  type: 'evaluated',
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

test('errors are logged with handler, line, message and hint, whoever they are from', () => {
  const text =
    'Error handling message with Action = Eat\n[string ".handlers"]:157: [string "aos"]:3: no hay' +
    '\n\nstack traceback:\n...\n\nerror:\n[string ".handlers"]:157: [string "aos"]:3: no hay';
  const id = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
  const error = { code: 'EVALUATION_FAILED', text };
  const place = { process: 'H', handler: 'eat', line: 3, message: id };
  expect(logged({ type: 'error', error: { ...error, ...place } })).toBe(
    'herder  error in handler "eat", line 3: no hay (message xU9...h10)',
  );
  const limit = { code: 'INSTRUCTION_LIMIT', text: 'too long', hint: 'Look for a loop.' };
  expect(logged({ type: 'error', error: { ...limit, process: id } })).toBe(
    'xU9...h10  error: too long [INSTRUCTION_LIMIT]\nxU9...h10    Look for a loop.',
  );
  expect(logged({ type: 'error', error: limit })).toMatch(/^network {2}error: too long/);
});
