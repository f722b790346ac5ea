/**
 * What may stand in a pattern. A value that asks for nothing - a promise that was not awaited, a Map,
 * a field that is undefined - would match anything, and one that can never match would let every
 * `.not` pass: both are mistakes of the test, and told as such.
 */
import { KitError, show } from '../errors.js';
import { isAsked } from './expected.js';

/** Deeper than data is: what is nested like this is within itself. */
const DEPTH_MAX = 64;

/** A text, a RegExp, a predicate or an asymmetric matcher. @throws {BAD_MATCHER} */
export function checkText(path: string, expected: unknown): void {
  if (typeof expected === 'string' || isAsked(expected)) return;
  throw unfit(path, expected, 'Give a text, a RegExp, a predicate or an asymmetric matcher.');
}

/** A text as above, or a number, a bigint or a boolean, which are compared as text. @throws {BAD_MATCHER} */
export function checkScalar(path: string, expected: unknown): void {
  if (typeof expected === 'bigint' || typeof expected === 'boolean') return;
  if (typeof expected === 'number' && Number.isFinite(expected)) return;
  checkText(path, expected);
}

/** Data: as above, or JSON with any of these in it. @throws {BAD_MATCHER} */
export function checkData(path: string, expected: unknown, depth = 0): void {
  if (expected === null) return;
  if (typeof expected !== 'object' || isAsked(expected)) {
    checkScalar(path, expected);
    return;
  }
  if (depth > DEPTH_MAX) throw unfit(path, expected, 'It is nested too deep, or within itself.');
  if (Array.isArray(expected)) {
    for (let at = 0; at < expected.length; at++) {
      checkData(`${path}[${at}]`, expected[at], depth + 1);
    }
    return;
  }
  if (!isPlain(expected)) {
    throw unfit(path, expected, 'Give plain objects and lists, as JSON has them.');
  }
  for (const [key, one] of Object.entries(expected)) checkData(`${path}.${key}`, one, depth + 1);
}

/** A misspelt option would be no option at all. @throws {BAD_MATCHER} */
export function checkOptions(matcher: string, options: unknown, names: readonly string[]): void {
  const known = `${matcher} takes { ${names.join(', ')} }.`;
  if (typeof options !== 'object' || options === null || !isPlain(options)) {
    throw new KitError('BAD_MATCHER', `the options of ${matcher} are ${describe(options)}`, {
      hint: known,
    });
  }
  const odd = Object.keys(options).find((name) => !names.includes(name));
  if (odd === undefined) return;
  throw new KitError('BAD_MATCHER', `${matcher} has no option ${odd}`, {
    hint: known,
    details: { option: odd },
  });
}

/** An object without a class, of whichever realm. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `a promise`, `a Map`, `an object with ...` */
export function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isPlain(value)) {
    return show(value);
  }
  return `a ${value.constructor?.name ?? 'strange object'}`;
}

function unfit(path: string, expected: unknown, otherwise: string): KitError {
  const hint =
    expected instanceof Promise
      ? 'Await it first.'
      : expected === undefined
        ? 'Give it a value, or leave it out.'
        : otherwise;
  return new KitError('BAD_MATCHER', `${path} of what is looked for is ${describe(expected)}`, {
    hint,
    details: { path },
  });
}
