/**
 * The result of one evaluation: what a process answered, read from the JSON that its kernel returned.
 */
import type { Tag } from '../../arlocal/tags.js';
import { depthOf } from '../json-depth.js';

/** An outbox message as a program wrote it: nothing in it has been checked yet. */
export interface OutboxMessage {
  readonly Target?: unknown;
  readonly Data?: unknown;
  readonly Anchor?: unknown;
  readonly Tags?: unknown;
}

export interface OutboxAssignment {
  readonly Processes?: unknown;
  readonly Message?: unknown;
}

export interface EvaluationError {
  /** EVALUATION_FAILED, or the code of the limit that was reached. */
  readonly code: string;
  /** What the process answered as its error; a program may answer any JSON value. */
  readonly value: unknown;
  readonly text: string;
  /** What to do about it, where that is known. */
  readonly hint?: string;
  /** Name of the handler that failed, and the line in the program's own code, where known. */
  readonly handler?: string;
  readonly line?: number;
  /** Lua's stack where the error was raised, the program's own part. */
  readonly stack?: string;
  /** The bound that was passed, and what there was, if one was. */
  readonly limit?: number;
  readonly got?: number;
}

/** One call of `print` in an evaluation. */
export interface Print {
  readonly text: string;
  /** File or chunk name and line of the call; absent for the kernel's own and where Lua lost it. */
  readonly source?: string;
  readonly line?: number;
}

/** An entry of an outbox that was not sent. */
export interface Refusal {
  readonly kind: 'message' | 'spawn' | 'assignment';
  /** Place in the whole outbox: messages, then spawns, then assignments. */
  readonly index: number;
  /** As an error's: what it ran into, such as TAG_NOT_STRING or MESSAGE_TOO_LARGE. */
  readonly code: string;
  readonly text: string;
  readonly hint?: string;
  /** Name of the tag, if one is to blame. */
  readonly tag?: string;
  /** The bound that was passed and what there was, if one was. */
  readonly limit?: number;
  readonly got?: number;
}

export interface EvaluationResult {
  readonly messages: readonly OutboxMessage[];
  readonly spawns: readonly OutboxMessage[];
  readonly assignments: readonly OutboxAssignment[];
  readonly output: unknown;
  /** Instructions that the evaluation took, by the machine's own meter. */
  readonly gas: number;
  /** Bytes of memory that the process had at its end; absent if it never ran. */
  readonly memory?: number;
  /** Names of the handlers that ran, in their order, with `, ` between them. */
  readonly handler?: string;
  /** What was printed, call by call; together it is in `output`. */
  readonly prints?: readonly Print[];
  /** What the program gave to `ao.log`; the protocol has no place for it. */
  readonly log?: readonly string[];
  /** What the messenger unit did not send of the outbox above; absent if nothing. */
  readonly refused?: readonly Refusal[];
  readonly error?: EvaluationError;
  /** True of a message that was evaluated on another network: nothing of its result is known here. */
  readonly elsewhere?: true;
}

const NOTHING: readonly never[] = [];

/** Deepest nesting of a result: what reads and writes JSON recurses, and hosts have small stacks. */
const DEPTH_MAX = 500;

/** The result that says only what went wrong: nothing is sent, nothing has changed. */
export function failedResult(error: EvaluationError, gas = 0): EvaluationResult {
  return { messages: NOTHING, spawns: NOTHING, assignments: NOTHING, output: '', gas, error };
}

/**
 * Reads the reply of `handle`; a reply that cannot be read is a failed result as well.
 * @param isError which values of `Error` say that the message failed
 */
export function readReply(json: string, gas = 0, isError = isSomething): EvaluationResult {
  const depth = json.length > DEPTH_MAX ? depthOf(json) : 0;
  if (depth > DEPTH_MAX) return failedResult(tooDeep(depth), gas);
  const reply = parse(json);
  if (reply === undefined) {
    return failedResult(failure(`the kernel's answer is no JSON: ${json.slice(0, 200)}`), gas);
  }
  const { ok, response } = reply;
  const trace = readTrace(reply.trace);
  const told = readTold(reply);
  if (ok !== true || typeof response !== 'object' || response === null) {
    return { ...failedResult({ ...failure(response), ...trace.place }, gas), ...told };
  }
  const fields = response as Record<string, unknown>;
  if (isError(fields.Error)) {
    return { ...failedResult({ ...failure(fields.Error), ...trace.place }, gas), ...told };
  }
  const refused = refuseLists(fields);
  return {
    messages: list(fields.Messages),
    spawns: list(fields.Spawns),
    assignments: list(fields.Assignments),
    output: fields.Output ?? '',
    gas,
    ...told,
    ...(trace.log && { log: trace.log }),
    ...(refused.length > 0 && { refused }),
  };
}

function tooDeep(got: number): EvaluationError {
  const text = `the result is nested ${got} levels deep, the limit is ${DEPTH_MAX}`;
  const hint = 'Answer deep structures as text.';
  return { code: 'RESULT_TOO_DEEP', value: text, text, hint, limit: DEPTH_MAX, got };
}

/** A part of an outbox that is no list cannot be sent; an empty table may be written as an object. */
function refuseLists(fields: Record<string, unknown>): Refusal[] {
  return (['message', 'spawn', 'assignment'] as const).flatMap((kind) => {
    const name = LIST_NAMES[kind];
    const value = fields[name] ?? [];
    if (Array.isArray(value)) return [];
    if (typeof value === 'object' && Object.keys(value).length === 0) return [];
    const text = `${name} of the result is no list, so none of it was sent`;
    const hint = `Answer ${name} as a list, with keys from 1 on.`;
    return [{ kind, index: 0, code: 'UNSENDABLE_MESSAGE', text, hint }];
  });
}

const LIST_NAMES = { message: 'Messages', spawn: 'Spawns', assignment: 'Assignments' } as const;

/**
 * The fields of a result under the names that AO's compute unit answers with.
 *
 * @divergence `Failure` tells the handler, line, code and hint of an error; AO has the text alone.
 *   `Refused` lists what was not sent of the outbox; AO's messenger unit drops that without a word.
 *   `Prints` has each print with the file and line of its call; in AO they are one text, `Output`.
 */
export function resultToWire(result: EvaluationResult): Record<string, unknown> {
  return {
    Messages: result.messages,
    Assignments: result.assignments,
    Spawns: result.spawns,
    Output: result.output,
    ...(result.error ? { Error: result.error.value, Failure: failureToWire(result.error) } : {}),
    ...(result.refused && { Refused: result.refused.map(refusalToWire) }),
    ...(result.prints && { Prints: result.prints.map(printToWire) }),
    GasUsed: result.gas,
  };
}

function printToWire({ text, source, line }: Print) {
  return { Text: text, Source: source, Line: line };
}

function refusalToWire({ kind, index, code, text, hint, tag, limit, got }: Refusal) {
  return {
    Kind: kind,
    Index: index,
    Code: code,
    Text: text,
    Hint: hint,
    Tag: tag,
    Limit: limit,
    Got: got,
  };
}

/** Where and why a message failed, beside the `Error` that clients of AO know. */
function failureToWire({ code, hint, handler, line, stack, limit, got }: EvaluationError) {
  return {
    Code: code,
    Handler: handler,
    Line: line,
    Hint: hint,
    Stack: stack,
    Limit: limit,
    Got: got,
  };
}

/** What the process printed; undefined if it printed nothing. */
export function printedText(result: EvaluationResult): string | undefined {
  const output = result.output;
  const data =
    typeof output === 'object' && output !== null ? (output as { data?: unknown }).data : output;
  const text =
    typeof data === 'object' && data !== null ? (data as { output?: unknown }).output : data;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** First tag with this name in tags that a program wrote. */
export function outboxTag(tags: unknown, name: string): unknown {
  if (!Array.isArray(tags)) return undefined;
  return (tags as Partial<Tag>[]).find((tag) => tag?.name === name)?.value;
}

/** What our kernel tells beside the result: the failing handler and line, and lines of `ao.log`. */
function readTrace(value: unknown): {
  place: { handler?: string; line?: number; stack?: string };
  log?: readonly string[];
} {
  if (typeof value !== 'object' || value === null) return NO_TRACE;
  const { handler, line, stack, log } = value as Partial<Record<string, unknown>>;
  return {
    place: {
      ...(typeof handler === 'string' ? { handler } : {}),
      ...(typeof line === 'number' ? { line } : {}),
      ...(typeof stack === 'string' ? { stack } : {}),
    },
    ...(Array.isArray(log) ? { log: log.map(String) } : {}),
  };
}

const NO_TRACE = { place: {} };

/** What our kernel tells of every message: the handlers that ran, and each print with its place. */
function readTold({ handler, prints }: Reply): { handler?: string; prints?: readonly Print[] } {
  return {
    ...(typeof handler === 'string' && { handler }),
    ...(Array.isArray(prints) && { prints: readPrints(prints.map(String)) }),
  };
}

/** Text and place by turns. */
function readPrints(told: readonly string[]): Print[] {
  return Array.from({ length: Math.floor(told.length / 2) }, (_, i) => {
    const [text = '', place = ''] = told.slice(2 * i, 2 * i + 2);
    const end = place.lastIndexOf(':');
    if (end < 0) return { text };
    return { text, source: place.slice(0, end), line: Number(place.slice(end + 1)) };
  });
}

const isSomething = (value: unknown) => value !== undefined && value !== null && value !== false;

interface Reply {
  readonly ok?: unknown;
  readonly response?: unknown;
  readonly handler?: unknown;
  readonly prints?: unknown;
  readonly trace?: unknown;
}

function parse(json: string): Reply | undefined {
  try {
    const reply: unknown = JSON.parse(json);
    return typeof reply === 'object' && reply !== null ? reply : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function failure(value: unknown): EvaluationError {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'no answer');
  return { code: 'EVALUATION_FAILED', value: value ?? text, text };
}

/** Lua's JSON writes an empty table as an array, but a kernel of the user may write an object. */
function list<Entry>(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value : NOTHING;
}
