/**
 * How a recorded result and ours are compared. Addresses, line numbers of kernel files, stack traces and
 * free texts were masked when the vectors were recorded, so ours are masked the same way; tags after
 * the fixed ones have no order of their own; strings that hold JSON are compared by value.
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface KernelResult {
  Output?: { data?: Json; prompt?: Json; print?: Json };
  Messages?: OutboxEntry[];
  Spawns?: OutboxEntry[];
  Assignments?: Json[];
  Error?: Json;
  /** The module could not answer at all: `{ok: false}`. */
  Thrown?: Json;
}

export interface OutboxEntry {
  [key: string]: unknown;
  Tags?: { name: string; value?: Json }[];
}

export interface CompareRules {
  /** Tags must come in the recorded order. */
  exactTags: boolean;
  /** Lines of Output.data may come in any order, as in dumps of tables. */
  unordered: boolean;
  /** Line numbers in the program's own chunk and long texts are masked: the text is not ours. */
  foreignProgram: boolean;
}

const RESET = '\u001b[0m';
const STACK = new RegExp(`stack traceback:[^]*?${RESET.replace('[', '\\[')}`, 'g');

/** A text that is equal for results that count as equal. */
export function canonical(result: KernelResult, rules: CompareRules): string {
  const masked = mapStrings(result as Json, (text) => mask(text, rules)) as KernelResult;
  const output = masked.Output;
  if (output !== undefined && rules.unordered) output.data = sortLines(String(output.data));
  for (const entry of [...(masked.Messages ?? []), ...(masked.Spawns ?? [])]) {
    if (!rules.exactTags && entry.Tags) entry.Tags = sortBy(entry.Tags, stable);
  }
  return stable(mapStrings(masked as Json, sortEmbeddedJson));
}

function mask(text: string, rules: CompareRules): string {
  const masked = text
    .replace(/0x[0-9a-f]+/g, '0x#')
    .replace(/(\[string "(?:\.[^"]*|json)"\]):\d+:/g, '$1:#:')
    .replace(STACK, `stack traceback:#${RESET}`)
    .replace(/(Invalid arguments given\. Expected: \n)[\s\S]*/g, '$1<usage>')
    .replace(/(module '[^']*' not found:)[\s\S]*/, '$1<searched>');
  return rules.foreignProgram ? masked.replace(/(\[string "aos"\]):\d+:/g, '$1:#:') : masked;
}

function sortLines(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/,$/, ''));
  return lines.sort().join('\n');
}

function sortBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function sortEmbeddedJson(text: string): string {
  if (!/^[{[]/.test(text)) return text;
  try {
    return stable(JSON.parse(text));
  } catch {
    return text;
  }
}

function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]),
  );
}

/** JSON with the keys of every object sorted. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
