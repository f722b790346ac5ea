/**
 * The body of a signed request as fields of a message. A body is one field, named by
 * `inline-body-key`, or the parts of a multipart body: clients move there what is too long for a header
 * or has line breaks. Nested fields become `parent/name`.
 */
import { isUtf8 } from 'node:buffer';
import { parseDictionary } from '../../arlocal/structured-fields.js';
import { ActorError } from '../errors.js';

export interface BodyFields {
  readonly data?: Uint8Array;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const LINE = '\r\n';

/** Names that stand for the data of a message. */
const DATA_NAMES = new Set(['data', 'body', '']);

/**
 * @param signed the signed header fields
 * @throws {BAD_REQUEST} if it is multipart and cannot be taken apart
 */
export function bodyFields(signed: ReadonlyMap<string, string>, body: Uint8Array): BodyFields {
  if (body.length === 0) return { fields: [] };
  const boundary = boundaryOf(signed.get('content-type') ?? '');
  if (boundary !== undefined) return partsOf(Buffer.from(body), boundary);
  const name = signed.get('inline-body-key') ?? '';
  if (DATA_NAMES.has(name)) return { data: body, fields: [] };
  return { fields: [[name.toLowerCase(), textOf(body, name)]] };
}

/** The boundary of a multipart type; undefined for any other type. */
export function boundaryOf(contentType: string): string | undefined {
  const match = /^multipart\/[\w-]+\s*;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

function partsOf(body: Buffer, boundary: string): BodyFields {
  const fields: [string, string][] = [];
  let data: Uint8Array | undefined;
  for (const part of splitParts(body, boundary)) {
    const { name, headers, content } = readPart(part);
    if (headers.size === 0 && DATA_NAMES.has(name)) data = content;
    else if (headers.size === 0) fields.push([name, textOf(content, name)]);
    else fields.push(...nestedFields(name, headers, content));
  }
  return { fields, ...(data ? { data } : {}) };
}

/** The fields of a part that is a message of its own. */
function nestedFields(
  name: string,
  headers: ReadonlyMap<string, string>,
  content: Uint8Array,
): [string, string][] {
  const own = [...headers].filter(([key]) => key !== 'content-digest' && key !== 'inline-body-key');
  const fields = own.map(([key, value]): [string, string] => [`${name}/${key}`, value]);
  if (content.length === 0) return fields;
  const key = (headers.get('inline-body-key') ?? 'body').toLowerCase();
  return [...fields, [`${name}/${key}`, textOf(content, name)]];
}

function splitParts(body: Buffer, boundary: string): Buffer[] {
  const parts: Buffer[] = [];
  const first = `--${boundary}${LINE}`;
  const between = `${LINE}--${boundary}`;
  let start = body.indexOf(first);
  if (start < 0) throw malformed('its first boundary is missing');
  start += first.length;
  for (;;) {
    const end = body.indexOf(between, start);
    if (end < 0) throw malformed('its last boundary is missing');
    parts.push(body.subarray(start, end));
    const after = end + between.length;
    if (body.toString('latin1', after, after + 2) === '--') return parts;
    start = after + LINE.length;
  }
}

/** A part without an empty line is all headers: aoconnect writes nested fields so. */
function readPart(part: Buffer) {
  const at = part.indexOf(LINE + LINE);
  const end = at < 0 ? part.length : at;
  const headers = new Map<string, string>();
  let name: string | undefined;
  for (const line of part.toString('utf8', 0, end).split(LINE)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const key = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (key === 'content-disposition') name = partName(value);
    else headers.set(key, value);
  }
  if (name === undefined) throw malformed('a part has no name');
  return { name: name.toLowerCase(), headers, content: part.subarray(at < 0 ? end : end + 4) };
}

/** `form-data; name="x"` names a part, `inline` is the data. */
function partName(disposition: string): string | undefined {
  const name = parseDictionary(`x=${disposition}`).get('x')?.parameters.get('name');
  if (typeof name === 'string') return name;
  return disposition.startsWith('inline') ? '' : undefined;
}

/** @throws {BAD_REQUEST} */
function textOf(bytes: Uint8Array, name: string): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString('utf8');
  throw new ActorError('BAD_REQUEST', `the field "${name}" of the body is no UTF-8 text`, {
    hint: 'Only the data of a message can be bytes.',
    details: { field: name },
  });
}

function malformed(reason: string): ActorError {
  return new ActorError('BAD_REQUEST', `the multipart body cannot be read: ${reason}`, {
    hint: 'Separate its parts with the boundary of the signed content-type.',
    details: { reason },
  });
}
