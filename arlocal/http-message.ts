/**
 * A signed request as bytes: the request line, the fields that its signature covers, the signature and
 * the body, as media type `message/http` (RFC 9112). What is read back verifies as what was written.
 */
import type { HttpRequest } from './http-signature.js';

const END_OF_LINE = '\r\n';
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** @param fields names of the covered fields; the others are not kept, nor is what nobody signed */
export function writeHttpRequest(request: HttpRequest, fields: readonly string[]): Uint8Array {
  const { method, target, headers, body } = request;
  const hasHost = /"@(authority|target-uri)"/.test(headers.get('signature-input') ?? '');
  const names = new Set([...(hasHost ? ['host'] : []), ...fields, 'signature-input', 'signature']);
  const lines = [...names].map((name) => `${name}: ${headers.get(name) ?? ''}`);
  const head = [`${method} ${target} HTTP/1.1`, ...lines].join(END_OF_LINE);
  return Buffer.concat([Buffer.from(head, 'latin1'), END_OF_HEAD, body]);
}

/** Without the spaces and tabs around it. Other white space counts: it is part of what is signed. */
export function trimField(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value[start])) start++;
  while (end > start && isBlank(value[end - 1])) end--;
  return value.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

export function readHttpRequest(bytes: Uint8Array): HttpRequest {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.indexOf(END_OF_HEAD);
  const end = at < 0 ? buffer.length : at;
  const [line = '', ...fields] = buffer.toString('latin1', 0, end).split(END_OF_LINE);
  const [method = '', target = ''] = line.split(' ');
  const headers = new Map<string, string>();
  for (const field of fields) {
    const colon = field.indexOf(':');
    if (colon > 0) headers.set(field.slice(0, colon), trimField(field.slice(colon + 1)));
  }
  return {
    method,
    target,
    headers,
    body: buffer.subarray(end + (at < 0 ? 0 : END_OF_HEAD.length)),
  };
}
