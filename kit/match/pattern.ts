/**
 * A message as a test describes it: every field optional, every field a value, a pattern of text, a
 * predicate or an asymmetric matcher. It is taken apart into single checks, so that a failure can say
 * which of them did not hold.
 */
import { KitError, show } from '../errors.js';
import type { TreeNode } from '../render/tree-node.js';
import {
  type Asymmetric,
  isAsked,
  matchesText,
  type Predicate,
  showValue,
  type TextPattern,
} from './expected.js';
import { fitsJson, jsonChecks } from './json.js';
import { checkParty, isParty, partyMatches, showParty } from './party.js';
import { checkData, checkScalar, checkText, describe, isPlain } from './strict.js';

/** Who sent or got a message: a name, an id, a process, a wallet, or what the name or id looks like. */
export type PartyPattern =
  | string
  | { readonly id: string }
  | { readonly address: string }
  | RegExp
  | Predicate<string>
  | Asymmetric;

/** A tag's value, as text; null for a tag that must not be there. */
export type TagPattern =
  | TextPattern
  | number
  | bigint
  | boolean
  | { readonly id: string }
  | { readonly address: string }
  | null;

/** The data as text, or, if it is an object or a list, read as JSON: it may have more than is asked. */
export type DataPattern = TextPattern | number | bigint | boolean | object;

/** What a message is expected to be like; what is left out may be anything. */
export interface MessagePattern {
  readonly from?: PartyPattern;
  readonly to?: PartyPattern;
  readonly action?: TextPattern;
  readonly tags?: Readonly<Record<string, TagPattern>>;
  readonly data?: DataPattern;
  readonly kind?: TreeNode['kind'];
  readonly id?: TextPattern;
}

/** One thing that a pattern asks of a message. */
export interface Check {
  /** `action`, `tags.Quantity`, `data.user.name`. */
  readonly path: string;
  /** As it reads in a failure. */
  readonly expected: string;
  readonly actual: string;
  /** True if only a predicate can tell: it is asked when all else holds. */
  readonly asks: boolean;
  readonly holds: () => boolean;
}

export interface Comparison {
  readonly matches: boolean;
  /** Checks that hold. A predicate that was not asked does not. */
  readonly held: number;
  readonly of: number;
  readonly missed: readonly Check[];
}

type Names = ReadonlyMap<string, string>;

const FIELDS = ['from', 'to', 'action', 'tags', 'data', 'kind', 'id'];
const KINDS = ['message', 'spawn', 'assignment', 'cron'];

/**
 * A field that is undefined by mistake would match anything.
 * @throws {BAD_MATCHER}
 */
export function checkPattern(pattern: unknown, names: Names): asserts pattern is MessagePattern {
  if (typeof pattern !== 'object' || pattern === null || !isPlain(pattern)) {
    throw badPattern(
      `the message to look for is ${describe(pattern)}`,
      `Give its fields: ${SHOWN}.`,
    );
  }
  for (const [key, value] of Object.entries(pattern)) {
    if (!FIELDS.includes(key)) {
      throw badPattern(
        `a message has no field ${key}`,
        `Its fields are ${FIELDS.join(', ')}; a tag is written as tags: { ${key}: ... }.`,
      );
    }
    if (value === undefined || value === null) {
      throw badPattern(`${key} of the message is ${value}`, `Give it a value, or leave it out.`);
    }
  }
  const { from, to, action, tags, data, kind, id } = pattern as MessagePattern;
  if (from !== undefined) checkParty('from', from, names);
  if (to !== undefined) checkParty('to', to, names);
  if (action !== undefined) checkText('action', action);
  if (id !== undefined) checkText('id', id);
  if (tags !== undefined) checkTags(tags);
  if (data !== undefined) checkData('data', data);
  if (kind !== undefined && !KINDS.includes(kind)) {
    throw badPattern(`kind of the message is ${show(kind)}`, `It is one of ${KINDS.join(', ')}.`);
  }
}

const SHOWN = "{ to: 'alice', action: 'Refund', tags: { Quantity: '42' } }";

function checkTags(tags: unknown): void {
  if (typeof tags !== 'object' || tags === null || isAsked(tags) || !isPlain(tags)) {
    throw badPattern(
      `tags of the message are ${describe(tags)}`,
      "Write tags: { Quantity: '42' }.",
    );
  }
  const [missing] = Object.entries(tags).find(([, value]) => value === undefined) ?? [];
  if (missing !== undefined) {
    throw badPattern(
      `the tag ${missing} of the message is undefined`,
      'Give it a value, null if there must be no such tag, or leave it out.',
    );
  }
  for (const [name, value] of Object.entries(tags)) {
    if (value !== null && !isParty(value)) checkScalar(`tags.${name}`, value);
  }
}

function badPattern(text: string, hint: string): KitError {
  return new KitError('BAD_MATCHER', text, { hint });
}

/** Compares a message with a pattern. A predicate is asked only about a message that fits otherwise. */
export function compareMessage(pattern: MessagePattern, node: TreeNode, names: Names): Comparison {
  const checks = checksOf(pattern, node, names);
  const missed = checks.filter(({ asks, holds }) => !asks && !holds());
  const asked = checks.filter(({ asks }) => asks);
  const refused = missed.length > 0 ? [] : asked.filter(({ holds }) => !holds());
  const unasked = missed.length > 0 ? asked.length : 0;
  const all = [...missed, ...refused];
  return {
    matches: all.length === 0,
    held: checks.length - all.length - unasked,
    of: checks.length,
    missed: all,
  };
}

function checksOf(pattern: MessagePattern, node: TreeNode, names: Names): Check[] {
  const { from, to, action, tags = {}, data, kind, id } = pattern;
  return [
    ...(kind === undefined ? [] : [textCheck('kind', kind, node.kind)]),
    ...(id === undefined ? [] : [textCheck('id', id, node.id)]),
    ...(from === undefined ? [] : [partyCheck('from', from, node.from, names)]),
    ...(to === undefined ? [] : [partyCheck('to', to, node.to, names)]),
    ...(action === undefined ? [] : [textCheck('action', action, node.action)]),
    ...Object.entries(tags).map(([name, value]) => tagCheck(name, value, node)),
    ...(data === undefined ? [] : dataChecks(data, node.data ?? '')),
  ];
}

function textCheck(path: string, expected: unknown, actual: string | undefined): Check {
  return {
    path,
    expected: showValue(expected),
    actual: actual === undefined ? `no ${path}` : showValue(actual),
    asks: typeof expected === 'function',
    holds: () => matchesText(expected, actual),
  };
}

function partyCheck(path: string, expected: PartyPattern, id: string, names: Names): Check {
  return {
    path,
    expected: showParty(expected, names),
    actual: names.get(id) ?? id,
    asks: typeof expected === 'function',
    holds: () => partyMatches(expected, id, names),
  };
}

/** Of several tags of one name, one has to fit. */
function tagCheck(name: string, expected: TagPattern, { tags = [] }: TreeNode): Check {
  const values = tags.filter((tag) => tag.name === name).map(({ value }) => value);
  const path = `tags.${name}`;
  if (expected === null) {
    const actual = values.map(showValue).join(' and ');
    return { path, expected: 'no such tag', actual, asks: false, holds: () => values.length === 0 };
  }
  const wanted = isParty(expected) ? idOf(expected) : expected;
  return {
    path,
    expected: showValue(expected),
    actual: values.length > 0 ? values.map(showValue).join(' and ') : noTag(name, tags),
    asks: typeof wanted === 'function',
    holds: () =>
      values.length === 0
        ? matchesText(wanted, undefined)
        : values.some((one) => matchesText(wanted, one)),
  };
}

const idOf = (party: { id: string } | { address: string }) =>
  'id' in party ? party.id : party.address;

/** A tag that only differs in case is what was meant. */
function noTag(name: string, tags: NonNullable<TreeNode['tags']>): string {
  const near = tags.find((tag) => tag.name.toLowerCase() === name.toLowerCase());
  return near ? `no such tag; there is ${near.name}: ${showValue(near.value)}` : 'no such tag';
}

function dataChecks(expected: DataPattern, data: string): Check[] {
  if (typeof expected === 'object' && !isAsked(expected)) return jsonChecks(expected, data);
  const holds = () => matchesText(expected, data) || fitsJson(expected, data);
  const asks = typeof expected === 'function';
  return [{ path: 'data', expected: showValue(expected), actual: showValue(data), asks, holds }];
}

/** `{ to: alice, action: "Refund", tags: { Quantity: "42" } }` */
export function showPattern(pattern: MessagePattern, names: Names): string {
  const parts = Object.entries(pattern).map(([key, value]) => {
    const isPartyField = key === 'from' || key === 'to';
    return `${key}: ${isPartyField ? showParty(value, names) : showValue(value)}`;
  });
  return parts.length === 0 ? 'anything' : `{ ${parts.join(', ')} }`;
}
