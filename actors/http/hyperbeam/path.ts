/**
 * Paths as HyperBEAM reads them: `/{id}~device@1.0/key/key&name=value`. A part may name a device, a
 * value (`results=5`) and parameters; the query and the headers are parameters of the whole request.
 * Clients encode a `?` in a path as `%3F`: both begin the query.
 */
import { isId } from '../../../arlocal/encoding.js';

interface Part {
  /** In lower case; '' for a part that is a device alone. */
  readonly key: string;
  /** As it was written: members of what a process shows differ in case. */
  readonly name: string;
  readonly value: string | undefined;
  readonly device: string | undefined;
}

export interface Path {
  /** Id that the path begins with; '' if it begins with none. */
  readonly id: string;
  /** Device of the first part that names one, such as `process@1.0`. */
  readonly device: string | undefined;
  /** What is asked for, device-only parts and `serialize~json@1.0` left out. */
  readonly parts: readonly Part[];
  /** The names of these parts. */
  readonly names: readonly string[];
  /** By lower-case name, without a type such as `+integer`; the path's stand before the query's. */
  readonly params: ReadonlyMap<string, string>;
}

const QUERY_START = /\?|%3f/i;

/** @param target path and query as they stand in the request line */
export function parsePath(target: string): Path {
  const at = target.search(QUERY_START);
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at).replace(QUERY_START, '');
  const params = new Map<string, string>();
  const texts = path.split('/').filter((text) => text !== '');
  const all = texts.map((text) => parsePart(text, params));
  readPairs(query, params);
  const first = texts[0] === undefined ? '' : decodeText(texts[0].split(/[~&]/)[0] ?? '');
  const id = isId(first) ? first : '';
  const parts = (id === '' ? all : all.slice(1)).filter(
    ({ key }) => key !== '' && key !== 'serialize',
  );
  const device = all.find((part) => part.device !== undefined)?.device;
  return { id, device, parts, names: parts.map(({ name }) => name), params };
}

/**
 * The tags of a dry-run, which aoconnect appends to the path as they are: their values may hold
 * slashes. Undefined if the path asks for no dry-run.
 */
export function dryRunTags(target: string): { name: string; value: string }[] | undefined {
  const match = /\/as=execution\/compute(?:(?:&|\/|\?|%3f)(.*))?$/is.exec(target);
  return match ? pairsOf((match[1] ?? '').replace('?', '&')) : undefined;
}

function parsePart(text: string, params: Map<string, string>): Part {
  const [head = '', ...rest] = text.split('&');
  readPairs(rest.join('&'), params);
  const [whole = '', device] = decodeText(head).split('~');
  const equals = whole.indexOf('=');
  const name = equals < 0 ? whole : whole.slice(0, equals);
  return {
    key: name.toLowerCase(),
    name,
    value: equals < 0 ? undefined : whole.slice(equals + 1),
    device: device?.toLowerCase(),
  };
}

function readPairs(text: string, params: Map<string, string>): void {
  for (const { name, value } of pairsOf(text)) {
    const key = (name.split('+')[0] ?? '').toLowerCase();
    if (!params.has(key)) params.set(key, value);
  }
}

function pairsOf(text: string): { name: string; value: string }[] {
  const pairs = text.split('&').filter((pair) => pair.replace('/', '') !== '');
  return pairs.map((pair) => {
    const decoded = decodeText(pair);
    const equals = decoded.indexOf('=');
    if (equals < 0) return { name: decoded, value: 'true' };
    return { name: decoded.slice(0, equals), value: decoded.slice(equals + 1) };
  });
}

/** As `decodeURIComponent`, but what is no encoding stays: clients leave a `%` as it is. */
export function decodeText(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch (error) {
      if (error instanceof URIError) return encoded;
      throw error;
    }
  });
}
