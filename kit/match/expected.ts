/**
 * One expected value: the value itself, a pattern of text, a predicate, or an asymmetric matcher as
 * vitest and Jest have them (`expect.any(String)`), and how it reads in a failure.
 */

/** `expect.anything()` and its like. */
export interface Asymmetric {
  asymmetricMatch(actual: unknown): boolean;
}

export type Predicate<Value> = (value: Value) => boolean;

/** A text: itself, or what it looks like. */
export type TextPattern = string | RegExp | Predicate<string> | Asymmetric;

const SOURCE_SHOWN = 60;

export function isAsymmetric(value: unknown): value is Asymmetric {
  return typeof (value as Partial<Asymmetric> | null)?.asymmetricMatch === 'function';
}

/** A value that takes part in patterns by being asked, and not by being compared. */
export function isAsked(expected: unknown): expected is RegExp | Predicate<never> | Asymmetric {
  return typeof expected === 'function' || expected instanceof RegExp || isAsymmetric(expected);
}

/** Whether a text is as expected. A predicate is only asked about what there is. */
export function matchesText(expected: unknown, actual: string | undefined): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual);
  if (actual === undefined) return false;
  if (expected instanceof RegExp) return looksLike(expected, actual);
  if (typeof expected === 'function') return ask(expected as Predicate<string>, actual);
  return actual === String(expected);
}

/** A regular expression that is used again must not go on where it stopped. */
export function looksLike({ source, flags }: RegExp, text: string): boolean {
  return new RegExp(source, flags.replace(/[gy]/g, '')).test(text);
}

/** What a predicate says. A promise would always be true. */
export function ask<Value>(predicate: Predicate<Value>, value: Value): boolean {
  const answer: unknown = predicate(value);
  if (answer instanceof Promise) {
    throw new TypeError('a predicate of a matcher answered a promise: it must answer at once');
  }
  return Boolean(answer);
}

/** As a failure shows what was expected, or what there was. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof RegExp) return String(value);
  if (typeof value === 'function') return showPredicate(value);
  if (isAsymmetric(value)) return showAsymmetric(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  const { name, id, address } = value as { name?: unknown; id?: unknown; address?: unknown };
  if (typeof id === 'string' || typeof address === 'string') return String(name ?? id ?? address);
  const fields = Object.entries(value).map(([key, one]) => `${showKey(key)}: ${showValue(one)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function showKey(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}

/** A short predicate is its own best description. */
function showPredicate(predicate: { readonly name: string; toString(): string }): string {
  const source = predicate.toString().replace(/\s+/g, ' ');
  if (source.length <= SOURCE_SHOWN) return source;
  return predicate.name === '' ? 'a predicate' : `the predicate ${predicate.name}`;
}

function showAsymmetric(matcher: Asymmetric): string {
  const { toAsymmetricMatcher } = matcher as { toAsymmetricMatcher?: () => string };
  return toAsymmetricMatcher ? toAsymmetricMatcher.call(matcher) : String(matcher);
}
