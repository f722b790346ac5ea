/**
 * Lua values as plain values, for people and for comparing: exact, without anything of a machine in
 * them, and the same for equal states. What no plain value can be is named instead.
 *
 * | Lua                     | here                                                          |
 * |---|---|
 * | nil, boolean            | undefined, boolean                                            |
 * | integer                 | number if it is safe, else bigint                             |
 * | float                   | number; a whole one is named (`50.0`), to be told from `50`   |
 * | string                  | string if it is valid UTF-8, else the bytes                   |
 * | table 1..n              | array                                                         |
 * | any other table         | object; a key that is no string is written `[3]`, `[true]`    |
 * | function, coroutine ... | named: `{ '<lua>': 'function (pay.lua:12)' }`                 |
 * | a table met before      | named by where: `{ '<lua>': 'the table at State.queue' }`     |
 */

export type StateValue =
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly StateValue[]
  | StateRecord;

export interface StateRecord {
  readonly [key: string]: StateValue;
}

const NAME = '<lua>';

export function named(text: string): StateRecord {
  return { [NAME]: text };
}

/** The text of what is only named; undefined for any other value. */
export function nameOf(value: StateValue): string | undefined {
  if (!isRecord(value)) return undefined;
  const name = value[NAME];
  return typeof name === 'string' ? name : undefined;
}

export function isRecord(value: StateValue): value is StateRecord {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** A field of a path: `.name`, `["two words"]`, or a key that is written in brackets already. */
export function fieldPath(key: string): string {
  if (/^[A-Za-z_]\w*$/.test(key)) return `.${key}`;
  return /^\[.*\]$/.test(key) ? key : `[${quote(key)}]`;
}

/**
 * A value in Lua's notation, on one line.
 * @param most characters; what is longer ends with an ellipsis
 */
export function luaText(value: StateValue, most = 200): string {
  const text = write(value, most);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Stops when there is enough: no long text is made of a large table. */
function write(value: StateValue, room: number): string {
  if (value === undefined) return 'nil';
  if (typeof value === 'string') return quote(value.length > room ? value.slice(0, room) : value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  const name = nameOf(value);
  if (name !== undefined) return name;
  const parts: string[] = [];
  let left = room;
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) {
    if (left <= 0) break;
    const label = typeof key === 'number' ? '' : `${fieldPath(key).replace(/^\./, '')} = `;
    const part = label + write(item as StateValue, left);
    parts.push(part);
    left -= part.length + 2;
  }
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

/** Floats that are not whole come as numbers; whole ones are named. */
function writeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Number.isNaN(value) ? 'nan' : String(value);
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** For JSON: integers beyond 2^53 and bytes as texts. */
export function toJsonValue(value: StateValue): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJsonValue(item)]));
}
