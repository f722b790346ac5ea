import { expect, test } from 'vitest';
import { ArlocalError } from '../../arlocal/errors.js';
import { tellOfGateway } from '../../cli/gateway-lines.js';
import type { GatewayEvent } from '../../index.js';

const transaction = 'T'.repeat(43);
const url = 'http://localhost:1984';
const EVENTS: readonly GatewayEvent[] = [
  { kind: 'posted', transaction, items: 12 },
  { kind: 'posted', transaction, items: 0 },
  { kind: 'stuck', error: new ArlocalError('UPSTREAM_AWAY', { url, reason: 'ECONNREFUSED' }) },
  { kind: 'going' },
  { kind: 'lost', error: new ArlocalError('UPSTREAM_LOST', { url, transaction }) },
  {
    kind: 'refused',
    transaction,
    error: new ArlocalError('UPSTREAM_REFUSED', { url, what: 'it', status: 400, reason: 'no' }),
  },
  { kind: 'left', url, waiting: 2, kept: true },
  { kind: 'left', url, waiting: 2, kept: false },
];

function linesOf(all: boolean): string[] {
  const lines: string[] = [];
  const colors = { green: String, red: String, yellow: String };
  const terminal = { note: (line = '') => void lines.push(line), colors };
  for (const event of EVENTS) tellOfGateway(terminal as never, all)(event);
  return lines;
}

test('everything is told where somebody watches', () => {
  expect(linesOf(true)).toEqual([
    expect.stringMatching(/posted +a bundle of 12, T/),
    expect.stringMatching(/posted +a transaction, T/),
    expect.stringMatching(/waits .*http:\/\/localhost:1984 does not answer: ECONNREFUSED/),
    expect.stringContaining('posted then'),
    expect.stringContaining('goes on'),
    expect.stringMatching(/lost .*no longer has T/),
    expect.stringContaining('anew'),
    expect.stringMatching(/refused .*400: no/),
    expect.stringContaining('2 not posted to http://localhost:1984'),
    expect.stringContaining('are kept'),
    expect.stringContaining('2 not posted to'),
    expect.stringContaining('gone with this network'),
  ]);
});

test('else only what goes wrong, and that it goes on', () => {
  expect(linesOf(false)).toHaveLength(10);
});
