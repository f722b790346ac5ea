/**
 * The matchers of the kit for tests in Lua. A predicate is a function of Lua, which cannot be
 * called from here: a matcher runs with what is known of the predicates' answers, the test is asked
 * for what was missing, and the matcher runs again, until nothing is.
 */
import type { LuaValue } from '../../actors/lua/values.js';
import { checkFailure, type Failing } from '../match/failing.js';
import { checkMessage } from '../match/message.js';
import { checkMessages } from '../match/messages.js';
import type { MessagePattern } from '../match/pattern.js';
import { type Subject, subjectOf } from '../match/subject.js';
import type { Verdict } from '../match/verdict.js';
import { isRecord, readFields } from './arguments.js';
import type { Failure } from './failure.js';

/** A question to a predicate of the test, by the number that Lua gave it. */
interface Question {
  readonly predicate: number;
  readonly value: LuaValue;
}

/** A matcher of the test that runs now. */
export interface Matching {
  /** What holds, or why not, or which questions are still open; given to Lua as it is. */
  decide(): LuaValue;
  /** The test's answers to the questions, in their order. */
  learn(answers: readonly LuaValue[]): void;
}

/** A matcher with what it looks into. */
export interface Looking {
  readonly check: (args: readonly unknown[]) => Verdict;
  /** Lua's stack of what went wrong there first, if anything did. */
  readonly stack: string | undefined;
}

/** @throws {KitError} BAD_MATCHER for arguments that make no sense */
export function startMatching(
  { check, stack }: Looking,
  negated: boolean,
  args: LuaValue,
): Matching {
  const known = new Map<string, boolean>();
  let open: Question[] = [];
  const ask = (predicate: number, value: unknown): boolean => {
    const key = `${predicate} ${typeof value} ${String(value)}`;
    const answer = known.get(key);
    if (answer === undefined) open.push({ predicate, value: value as LuaValue });
    return answer ?? false;
  };
  return {
    decide() {
      open = [];
      const verdict = check(Array.isArray(args) ? args.map((arg) => lower(arg, ask)) : []);
      const text = verdict.pass === negated ? verdict.message() : undefined;
      if (open.length > 0) return { questions: open as unknown as LuaValue };
      if (text === undefined) return {};
      return { failure: { ...failureFrom(text), stack } as LuaValue };
    },
    learn(answers) {
      open.forEach(({ predicate, value }, index) => {
        known.set(`${predicate} ${typeof value} ${String(value)}`, answers[index] === true);
      });
    },
  };
}

/** Matchers of what a message set off, under their names in Lua. */
export function lookInto(name: string, held: unknown, names: ReadonlyMap<string, string>): Looking {
  const subject = subjectOf(held, names);
  const [failed] = subject.nodes.flatMap(({ errors }) => errors);
  return { check: matcherOf(name, subject), stack: failed?.stack };
}

function matcherOf(name: string, subject: Subject): Looking['check'] {
  switch (name) {
    case 'to_have_message':
      return ([pattern, options]) =>
        checkMessage(subject, fieldsOf(pattern), readTimes(options as LuaValue));
    case 'to_have_messages':
      return ([patterns, options]) =>
        checkMessages(subject, listOf(patterns), readExact(options as LuaValue));
    case 'to_fail_with':
      return ([failing]) => checkFailure(subject, failing as Failing | undefined);
    default:
      throw new Error(`no matcher ${name}`);
  }
}

/** A verdict as Lua takes it. */
export function decided(verdict: Verdict, negated: boolean): LuaValue {
  if (verdict.pass !== negated) return {};
  return { failure: failureFrom(verdict.message()) as unknown as LuaValue };
}

/** The first paragraph is the sentence; what follows, such as the tree, is to look at. */
function failureFrom(message: string): Omit<Failure, 'frames'> {
  const end = message.indexOf('\n\n');
  if (end < 0) return { text: message };
  return { text: message.slice(0, end), report: message.slice(end + 2) };
}

/** Puts functions in the place of what stands for them. */
function lower(value: LuaValue, ask: (predicate: number, value: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item: LuaValue) => lower(item, ask));
  if (!isRecord(value)) return value;
  const { $predicate: number, $absent: absent, text } = value;
  if (absent === true) return null;
  if (typeof number === 'number') {
    const predicate = (actual: unknown) => ask(number, actual);
    return Object.assign(predicate, { toString: () => String(text) });
  }
  const entries = Object.entries(value).sort(
    ([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, lower(item, ask)]));
}

/** A table of Lua has no order: its fields are told in that of a message. */
function placeOf(key: string): number {
  const place = ORDER.indexOf(key);
  return place < 0 ? ORDER.length : place;
}

const ORDER = ['kind', 'id', 'from', 'to', 'action', 'tags', 'data', 'code', 'text', 'handler'];

/** An empty table of Lua comes as a list. */
function fieldsOf(value: unknown): MessagePattern {
  if (Array.isArray(value) && value.length === 0) return {};
  const { tags } = value as { tags?: unknown };
  if (Array.isArray(tags) && tags.length === 0) return { ...(value as MessagePattern), tags: {} };
  return value as MessagePattern;
}

function listOf(value: unknown): MessagePattern[] {
  return Array.isArray(value) ? value.map(fieldsOf) : (value as MessagePattern[]);
}

function readTimes(options: LuaValue): { times?: number } {
  return readFields('the second argument of to_have_message', options ?? [], ['times']);
}

function readExact(options: LuaValue): { exact?: boolean } {
  return readFields('the second argument of to_have_messages', options ?? [], ['exact']);
}
