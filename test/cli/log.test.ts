import { expect, test } from 'vitest';
import { describeLogged } from '../../cli/log.js';
import type { NetworkEvent } from '../../index.js';

const names = new Map([['H', 'herder']]);
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
  expect(describeLogged(evaluated({ output: 'one\ntwo' }), names)).toBe('herder  one\nherder  two');
  expect(describeLogged(evaluated({ output: '' }), names)).toBeUndefined();
  expect(describeLogged(evaluated({ process: 'U', output: 'private' }), names)).toBeUndefined();
});

test('errors are logged on one line, whoever they are from', () => {
  const text = '\n\nerror:\n  no hay';
  const error = { code: 'EVALUATION_FAILED', text };
  const process = 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10';
  expect(describeLogged({ type: 'error', error: { ...error, process: 'H' } }, names)).toBe(
    'herder  error: no hay',
  );
  expect(describeLogged({ type: 'error', error: { ...error, process } }, names)).toBe(
    'xU9...h10  error: no hay',
  );
  expect(describeLogged({ type: 'error', error }, names)).toBe('network  error: no hay');
});
