/**
 * Data compared as JSON: objects may have more fields than are asked for, lists must be as long, and
 * every leaf is a check of its own, so that a failure names the field that differs.
 */
import { ask, isAsked, isAsymmetric, looksLike, type Predicate, showValue } from './expected.js';
import type { Check } from './pattern.js';

export function jsonChecks(expected: object, data: string): Check[] {
  const parsed = parse(data);
  if (parsed !== undefined) return compare('data', expected, parsed.value);
  const actual = `${showValue(data.length > 80 ? `${data.slice(0, 79)}…` : data)}, which is no JSON`;
  return [{ path: 'data', expected: showValue(expected), actual, asks: false, holds: () => false }];
}

/** Whether an asymmetric matcher fits data that is JSON, if it is. */
export function fitsJson(expected: unknown, data: string): boolean {
  if (!isAsymmetric(expected)) return false;
  const parsed = parse(data);
  return parsed !== undefined && expected.asymmetricMatch(parsed.value);
}

function compare(path: string, expected: unknown, actual: unknown): Check[] {
  if (typeof expected !== 'object' || expected === null || isAsked(expected)) {
    return [leaf(path, expected, actual)];
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [failed(path, expected, actual)];
    if (actual.length !== expected.length) return [failed(path, expected, actual)];
    return expected.flatMap((one, index) => compare(`${path}[${index}]`, one, actual[index]));
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
    return [failed(path, expected, actual)];
  }
  return Object.entries(expected).flatMap(([key, one]) =>
    compare(`${path}.${key}`, one, (actual as Record<string, unknown>)[key]),
  );
}

function leaf(path: string, expected: unknown, actual: unknown): Check {
  return {
    path,
    expected: showValue(expected),
    actual: actual === undefined ? 'no such field' : showValue(actual),
    asks: typeof expected === 'function',
    holds: () => leafMatches(expected, actual),
  };
}

function leafMatches(expected: unknown, actual: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual);
  if (expected instanceof RegExp) return typeof actual === 'string' && looksLike(expected, actual);
  if (typeof expected === 'function') return ask(expected as Predicate<unknown>, actual);
  if (typeof expected === 'bigint')
    return Number.isSafeInteger(actual) && BigInt(actual as number) === expected;
  return Object.is(expected, actual);
}

function failed(path: string, expected: unknown, actual: unknown): Check {
  return { ...leaf(path, expected, actual), asks: false, holds: () => false };
}

function parse(data: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(data) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
