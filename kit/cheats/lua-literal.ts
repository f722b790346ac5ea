/** JavaScript values as Lua source: what `setState` can set. */
import { KitError, show } from '../errors.js';

/** What a process's state can be set to; undefined and null are nil. */
export type SettableValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly SettableValue[]
  | ReadonlyMap<string | number | bigint | boolean, SettableValue>
  | { readonly [key: string]: SettableValue };

/** Deepest nesting that Lua's compiler is given. */
const DEPTH_MAX = 64;
const INTEGER_MAX = 2n ** 63n - 1n;

/** @throws {BAD_STATE_VALUE} */
export function luaLiteral(value: SettableValue, path = 'the value', depth = 0): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return integer(value, path);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : float(value);
  if (typeof value === 'string') return quote(Buffer.from(value));
  if (value instanceof Uint8Array) return quote(value);
  if (depth >= DEPTH_MAX) throw refuse(path, `nested deeper than ${DEPTH_MAX}, or within itself`);
  if (Array.isArray(value)) {
    const items = Array.from(value as readonly SettableValue[], (item, index) =>
      luaLiteral(item, `${path}[${index + 1}]`, depth + 1),
    ); // holes too, which are nil
    return `{${items.join(',')}}`;
  }
  const fields = entriesOf(value, path).map(([key, item]) => {
    const name = luaKey(key, path);
    return `[${name}]=${luaLiteral(item, `${path}[${name}]`, depth + 1)}`;
  });
  return `{${fields.join(',')}}`;
}

function luaKey(key: unknown, path: string): string {
  const isKey = ['string', 'boolean', 'bigint', 'number'].includes(typeof key);
  if (isKey && !Number.isNaN(key)) return luaLiteral(key as SettableValue, path);
  throw refuse(path, `a Map with the key ${show(key)}, which no table of Lua has`);
}

function entriesOf(
  value: object,
  path: string,
): [string | number | bigint | boolean, SettableValue][] {
  if (value instanceof Map) return [...value];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof value === 'object' && (prototype === Object.prototype || prototype === null)) {
    return Object.entries(value);
  }
  throw refuse(path, typeof value === 'function' ? 'a function' : `a ${value.constructor?.name}`);
}

function integer(value: bigint, path: string): string {
  if (value === -INTEGER_MAX - 1n) return 'math.mininteger'; // its digits would be a float
  if (value >= -INTEGER_MAX && value <= INTEGER_MAX) return String(value);
  throw refuse(path, `${show(value)}, which no integer of Lua holds (64 bits)`);
}

function float(value: number): string {
  if (Number.isNaN(value)) return '(0/0)';
  if (!Number.isFinite(value)) return value > 0 ? 'math.huge' : '(-math.huge)';
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value.toExponential()}` : String(value);
}

/** Bytes as a string of Lua: text as it is, all else by number. */
function quote(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    const isPlain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92;
    text += isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
  }
  return `${text}"`;
}

function refuse(path: string, what: string): KitError {
  return new KitError('BAD_STATE_VALUE', `${path} is ${what}`, {
    hint: 'Set nil (undefined), booleans, numbers, bigints, strings, bytes, lists, plain objects or Maps.',
    details: { path },
  });
}
