/**
 * How large a value would be as JSON, without writing it: for bounds on pages and on work at one go.
 */

/** Brackets, commas and what else belongs to any value. */
const EACH = 8;

/** About as many characters as its JSON has; strings are counted as they are. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return EACH + value.length;
  if (typeof value !== 'object' || value === null) return EACH;
  let weight = EACH;
  for (const [name, inner] of Object.entries(value)) weight += name.length + weightOf(inner);
  return weight;
}
