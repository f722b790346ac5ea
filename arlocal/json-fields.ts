/**
 * Reading JSON from outside. `String` and `Number` call methods of what they are given, and those of an
 * object that came as JSON may be anything, or nested so deep that the stack ends: no object gets there.
 */

export type Fields = ReadonlyMap<string, unknown>;

/** The fields of an object; none for anything else, so that a missing part reads as empty. */
export function fieldsOf(json: unknown): Fields {
  return new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
}

/** A string, or a number as text; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A number, or a string that is one; NaN for anything else. */
export function numberOf(value: unknown): number {
  return Number(textOf(value) ?? Number.NaN);
}

/** What there was instead, for an error. */
export function showValue(value: unknown): string {
  return textOf(value) ?? (value === null ? 'null' : typeof value);
}
