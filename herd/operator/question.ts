/**
 * A question as it comes in: strictly read, so that nothing starts that could not end in a callback.
 * Fields that are not known are left alone, as clients of other operators send some.
 */
import { BLOCKED_PORTS } from './blocked-ports.js';
import { OperatorError, type RefusalCode } from './errors.js';

export interface Question {
  readonly model: string;
  readonly prompt: string;
  /** http or https URL that the answer is posted to. */
  readonly callback: string;
  /** The caller's name for it, by which it is asked only once. */
  readonly reqId: string | undefined;
}

export interface QuestionRules {
  /** The model that is served. */
  readonly model: string;
  /** Most bytes of UTF-8. */
  readonly promptBytesMax: number;
}

const CALLBACK_LENGTH_MAX = 2048; // characters; what proxies commonly take
/** Fits a header and a tag: 1 to 128 printable ASCII characters, no blanks. */
const REQ_ID = /^[\x21-\x7e]{1,128}$/;

/** @throws {JSON_INVALID, FIELD_MISSING, FIELD_INVALID, MODEL_UNKNOWN, PROMPT_TOO_LONG, CALLBACK_INVALID} */
export function readQuestion(body: string, rules: QuestionRules): Question {
  const fields = readFields(body);
  const [model, prompt, callback] = ['model', 'prompt', 'callback'].map((name) =>
    requireText(fields, name),
  ) as [string, string, string];
  checkPrompt(prompt, rules.promptBytesMax);
  checkCallback(callback);
  if (model !== rules.model) {
    throw refusal('MODEL_UNKNOWN', `no model "${model}" is served here`, `Ask "${rules.model}".`);
  }
  return { model, prompt, callback, reqId: readReqId(fields) };
}

/** Whether two questions ask the same. */
export function isSameQuestion(a: Question, b: Question): boolean {
  return a.model === b.model && a.prompt === b.prompt && a.callback === b.callback;
}

function readFields(body: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw refusal('JSON_INVALID', `the body is no JSON: ${reason}`, EXAMPLE, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return new Map(Object.entries(value));
  }
  throw refusal('JSON_INVALID', 'the body is no JSON object', EXAMPLE);
}

const EXAMPLE = 'Send {"model": "...", "prompt": "...", "callback": "http://..."}.';

function requireText(fields: ReadonlyMap<string, unknown>, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === null || value === '') {
    throw refusal('FIELD_MISSING', `the field "${name}" is missing or empty`, EXAMPLE);
  }
  if (typeof value === 'string') return value;
  throw refusal('FIELD_INVALID', `the field "${name}" is no string`, EXAMPLE);
}

function readReqId(fields: ReadonlyMap<string, unknown>): string | undefined {
  const value = fields.get('req_id') ?? '';
  if (value === '') return undefined;
  if (typeof value === 'string' && REQ_ID.test(value)) return value;
  const hint = 'Give 1 to 128 printable ASCII characters without blanks, or leave it out.';
  throw refusal('FIELD_INVALID', 'the field "req_id" cannot be used', hint);
}

function checkPrompt(prompt: string, max: number): void {
  const bytes = Buffer.from(prompt);
  if (bytes.length > max) {
    const message = `the prompt has ${bytes.length} bytes, the herd takes ${max}`;
    throw refusal('PROMPT_TOO_LONG', message, 'Shorten the prompt.');
  }
  if (bytes.toString() === prompt) return;
  const hint = 'It has half of a surrogate pair, which UTF-8 cannot write.';
  throw refusal('FIELD_INVALID', 'the field "prompt" is no well-formed text', hint);
}

function checkCallback(callback: string): void {
  const reason = callbackFault(callback);
  if (reason === undefined) return;
  const hint = 'Give an http or https URL that this operator can reach.';
  throw refusal('CALLBACK_INVALID', `the callback "${callback.slice(0, 100)}" ${reason}`, hint);
}

function callbackFault(callback: string): string | undefined {
  if (callback.length > CALLBACK_LENGTH_MAX) return `is longer than ${CALLBACK_LENGTH_MAX}`;
  if (!URL.canParse(callback)) return 'is no URL';
  const { protocol, username, password, port } = new URL(callback);
  if (protocol !== 'http:' && protocol !== 'https:') return 'is no http or https URL';
  if (BLOCKED_PORTS.has(Number(port))) return `names port ${port}, which HTTP clients never call`;
  return username !== '' || password !== '' ? 'has credentials in it' : undefined;
}

function refusal(code: RefusalCode, message: string, hint: string, cause?: unknown): OperatorError {
  return new OperatorError(code, message, { hint, cause });
}
