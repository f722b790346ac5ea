/** `toFailWith`: something went wrong, and it was this. */
import { KitError, show } from '../errors.js';
import { describeError, describeRefusal, placeOf, reasonOf, sayingOf } from '../render/reason.js';
import type { TreeError, TreeNode } from '../render/tree-node.js';
import { isAsked, matchesText, showValue, type TextPattern } from './expected.js';
import { describeChecks, drawTrees } from './nearest.js';
import { checkParty, partyMatches, showParty } from './party.js';
import type { Check, PartyPattern } from './pattern.js';
import { checkText, describe as describeValue, isPlain } from './strict.js';
import type { Subject } from './subject.js';
import type { Verdict } from './verdict.js';

/** An error as a test describes it; what is left out may be anything. */
export interface FailurePattern {
  /** `EVALUATION_FAILED`, `OUT_OF_GAS`, ... */
  readonly code?: TextPattern;
  /** A part of what it says, or what it looks like. */
  readonly text?: TextPattern;
  /** Name of the handler that failed. */
  readonly handler?: TextPattern;
  /** File of the program, e.g. `ledger.lua`, if it was spawned from files. */
  readonly file?: TextPattern;
  /** Line in the program's own code. */
  readonly line?: number;
  /** Process in which it happened. */
  readonly process?: PartyPattern;
}

/** A code or a part of the text, what the text looks like, or the fields of the error. */
export type Failing = string | RegExp | FailurePattern;

interface Failure {
  readonly node: TreeNode;
  readonly error: TreeError;
}

type Names = ReadonlyMap<string, string>;

const FIELDS = ['code', 'text', 'handler', 'file', 'line', 'process'];
const NOBODY: Names = new Map();

/** @throws {BAD_MATCHER} */
export function checkFailure(subject: Subject, failing?: Failing): Verdict {
  const { nodes, names } = subject;
  checkFailing(failing, names);
  const failures = nodes.flatMap((node) =>
    [...node.errors, ...node.refused].map((error) => ({ node, error })),
  );
  const found = failures.filter((failure) => missed(failing, failure, names).length === 0);
  return {
    pass: found.length > 0,
    message: () => {
      const marks = new Map(found.map(({ node }) => [node, '<- fails'] as const));
      const text = describeFailures(subject, failing, failures, found);
      return [text, '', drawTrees(subject, marks)].join('\n');
    },
  };
}

/** The same for what a call threw. @throws {BAD_MATCHER} */
export function checkThrown(thrown: Error, failing?: Failing): Verdict {
  checkFailing(failing, NOBODY);
  const { code } = thrown as { code?: unknown };
  const error = { code: typeof code === 'string' ? code : thrown.name, text: thrown.message };
  const misses = missed(failing, { node: NOWHERE, error }, NOBODY);
  const said = `${error.text} [${error.code}]`;
  const expected = showFailing(failing, NOBODY);
  return {
    pass: misses.length === 0,
    message: () =>
      misses.length === 0
        ? `it failed${expected}: ${said}`
        : [`it failed, but not${expected}: ${said}`, ...describeChecks(misses)].join('\n'),
  };
}

const NOWHERE: TreeNode = {
  ...{ id: '', kind: 'message', from: '', to: '' },
  ...{ errors: [], refused: [], children: [] },
};

function describeFailures(
  { what, names }: Subject,
  failing: Failing | undefined,
  failures: readonly Failure[],
  found: readonly Failure[],
): string {
  const expected = showFailing(failing, names);
  const [first] = found;
  if (first) return `${what} failed${expected}: ${describe(first)}`;
  if (failures.length === 0) return `${what} did not fail${expected}: nothing went wrong`;
  const [nearest] = failures
    .map((failure) => missed(failing, failure, names))
    .sort((a, b) => a.length - b.length);
  const which =
    failures.length === 1 ? 'What went wrong' : `The nearest of ${failures.length} failures`;
  return [
    `${what} failed, but not${expected}`,
    '',
    `${which} differs:`,
    ...describeChecks(nearest ?? []),
  ].join('\n');
}

function describe({ node, error }: Failure): string {
  return node.refused.includes(error) ? describeRefusal(error) : describeError(error);
}

/** What an error lacks to be the one that was expected. */
function missed(failing: Failing | undefined, failure: Failure, names: Names): Check[] {
  return checksOf(failing, failure, names).filter(({ holds }) => !holds());
}

function checksOf(failing: Failing | undefined, { node, error }: Failure, names: Names): Check[] {
  if (failing === undefined) return [];
  const saying = sayingOf(error);
  if (typeof failing === 'string') return [saysCheck(failing, error)];
  if (isAsked(failing)) return [fieldCheck('text', failing, saying)];
  const { code, text, handler, file, line, process } = failing;
  const place = placeOf(error);
  return [
    ...(code === undefined ? [] : [fieldCheck('code', code, error.code)]),
    ...(text === undefined ? [] : [textCheck(text, saying)]),
    ...(handler === undefined ? [] : [fieldCheck('handler', handler, error.handler)]),
    ...(file === undefined ? [] : [fieldCheck('file', file, place.file)]),
    ...(line === undefined ? [] : [fieldCheck('line', line, place.line)]),
    ...(process === undefined ? [] : [processCheck(process, node.to, names)]),
  ];
}

/** A code, or a part of what it says: programs have codes of their own in their texts. */
function saysCheck(expected: string, error: TreeError): Check {
  const reason = reasonOf(error);
  return {
    path: 'code or text',
    expected: showValue(expected),
    actual: `${showValue(reason)} [${error.code}]`,
    asks: false,
    holds: () => error.code === expected || reason.includes(expected),
  };
}

function textCheck(expected: TextPattern, saying: string): Check {
  if (typeof expected !== 'string') return fieldCheck('text', expected, saying);
  return { ...fieldCheck('text', expected, saying), holds: () => saying.includes(expected) };
}

function fieldCheck(
  path: string,
  expected: TextPattern | number,
  actual: string | number | undefined,
): Check {
  return {
    path,
    expected: showValue(expected),
    actual: actual === undefined ? 'none' : showValue(actual),
    asks: typeof expected === 'function',
    holds: () => matchesText(expected, actual === undefined ? undefined : String(actual)),
  };
}

function processCheck(expected: PartyPattern, id: string, names: Names): Check {
  return {
    path: 'process',
    expected: showParty(expected, names),
    actual: names.get(id) ?? id,
    asks: typeof expected === 'function',
    holds: () => partyMatches(expected, id, names),
  };
}

function checkFailing(failing: unknown, names: Names): asserts failing is Failing | undefined {
  if (failing === undefined || (typeof failing === 'string' && failing !== '')) return;
  if (failing instanceof RegExp) return;
  if (typeof failing !== 'object' || failing === null || isAsked(failing) || !isPlain(failing)) {
    throw badFailing(`the failure to look for is ${describeValue(failing)}`);
  }
  for (const [key, value] of Object.entries(failing)) {
    if (!FIELDS.includes(key)) throw badFailing(`a failure has no field ${key}`);
    if (value === undefined || value === null)
      throw badFailing(`${key} of the failure is ${value}`);
  }
  const { process, line } = failing as FailurePattern;
  for (const field of ['code', 'text', 'handler', 'file'] as const) {
    const value = (failing as FailurePattern)[field];
    if (value !== undefined) checkText(field, value);
  }
  if (process !== undefined) checkParty('process', process, names);
  if (line !== undefined && !Number.isInteger(line)) throw badFailing(`line is ${show(line)}`);
}

function badFailing(text: string): KitError {
  return new KitError('BAD_MATCHER', text, {
    hint: `Give a code, a part of the text, a RegExp, or an object with ${FIELDS.join(', ')}.`,
  });
}

/** ` with "no funds"`, or nothing if any failure will do. */
function showFailing(failing: Failing | undefined, names: Names): string {
  if (failing === undefined) return '';
  if (typeof failing === 'string' || isAsked(failing)) return ` with ${showValue(failing)}`;
  const { process, ...others } = failing;
  const shown = process === undefined ? others : { ...others, process: showParty(process, names) };
  return ` with ${showValue(shown)}`;
}
