/**
 * What an actor wants done, checked before it is done: deeds are plain values, so that a run can be
 * written to a file, and programs that no compiler looked at may give others.
 */
import { KitError, show } from '../errors.js';
import type { Deed } from './action.js';

const KINDS: Record<Deed['kind'], true> = {
  send: true,
  eval: true,
  advance: true,
  mine: true,
  steps: true,
  hold: true,
  release: true,
  drop: true,
  duplicate: true,
  delay: true,
  reorder: true,
  crash: true,
  restart: true,
  busy: true,
  clear: true,
};

const TEXTS = ['from', 'to', 'action', 'data', 'process', 'code', 'target'];
const NUMBERS = ['ms', 'blocks', 'count', 'times', 'within'];

/** What a kind cannot do without. */
const NEEDED: Partial<Record<Deed['kind'], readonly string[]>> = {
  send: ['from', 'to'],
  eval: ['process', 'code'],
  advance: ['ms'],
  mine: ['blocks'],
  steps: ['count'],
  delay: ['ms'],
  reorder: ['within'],
  crash: ['target'],
  restart: ['target'],
  busy: ['target', 'ms'],
};

/** @param actor its name, for sentences @throws {BAD_OPTION} */
export function checkDeed(actor: string, deed: unknown): asserts deed is Deed {
  const fields = (deed ?? {}) as Readonly<Record<string, unknown>>;
  const { kind, tags } = fields;
  if (typeof kind !== 'string' || !(kind in KINDS)) {
    const what = typeof deed === 'object' && deed !== null ? `the kind ${show(kind)}` : show(deed);
    throw refuse(actor, what, `Kinds are ${Object.keys(KINDS).join(', ')}.`);
  }
  for (const name of NEEDED[kind as Deed['kind']] ?? []) {
    if (fields[name] === undefined) throw refuse(actor, `${kind} without ${name}`, `Give ${name}.`);
  }
  for (const name of TEXTS) checkField(actor, kind, name, fields[name], 'string');
  for (const name of NUMBERS) checkField(actor, kind, name, fields[name], 'number');
  for (const [name, value] of Object.entries(tags ?? {})) {
    checkField(actor, kind, `the tag ${name}`, value, 'string');
  }
}

function checkField(actor: string, kind: string, name: string, value: unknown, type: string) {
  if (value === undefined || (typeof value === type && !Number.isNaN(value))) return;
  const isHandle =
    typeof value === 'object' && value !== null && ('id' in value || 'address' in value);
  const handle = isHandle ? 'Give its name or its id: deeds are plain values, for the file.' : '';
  const plain = type === 'string' ? 'Give it as text.' : 'Give a number.';
  throw refuse(actor, `${kind} with ${name} as ${show(value)}`, handle || plain);
}

function refuse(actor: string, what: string, hint: string): KitError {
  return new KitError('BAD_OPTION', `the actor ${show(actor)} wants ${what}`, {
    hint,
    details: { actor },
  });
}
