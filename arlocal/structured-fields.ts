/**
 * Structured fields of HTTP, as far as signatures need them: dictionaries whose members are byte
 * sequences, strings or inner lists of strings, with parameters.
 *
 * A member keeps its text as it was sent, because that text is what a signature covers.
 * Source: RFC 8941 (the same grammar in RFC 9651).
 */
import { ArlocalError } from './errors.js';

export type BareItem = string | number | boolean | Uint8Array;
export type Parameters = ReadonlyMap<string, BareItem>;

interface Item {
  readonly value: BareItem;
  readonly parameters: Parameters;
}

export interface Member {
  /** The item, or the items of an inner list. */
  readonly value: BareItem | readonly Item[];
  readonly parameters: Parameters;
  /** Exactly as it was sent, parameters included. */
  readonly text: string;
}

interface Reader {
  readonly text: string;
  at: number;
}

/** @throws {HTTP_SIGNATURE_MALFORMED} */
export function parseDictionary(text: string): Map<string, Member> {
  const reader = { text, at: 0 };
  const members = new Map<string, Member>();
  skip(reader, /[ ]*/y);
  while (reader.at < text.length) {
    const key = readKey(reader);
    const start = take(reader, '=') ? reader.at : -1;
    if (start < 0) members.set(key, { value: true, parameters: readParameters(reader), text: '' });
    else members.set(key, readMember(reader, start));
    skip(reader, /[ \t]*/y);
    if (reader.at === text.length) return members;
    if (!take(reader, ',')) throw malformed(reader, 'a comma is missing');
    skip(reader, /[ \t]*/y);
    if (reader.at === text.length) throw malformed(reader, 'a comma ends it');
  }
  return members;
}

function readMember(reader: Reader, start: number): Member {
  const value = reader.text[reader.at] === '(' ? readInnerList(reader) : readBareItem(reader);
  const parameters = readParameters(reader);
  return { value, parameters, text: reader.text.slice(start, reader.at) };
}

function readInnerList(reader: Reader): Item[] {
  const items: Item[] = [];
  take(reader, '(');
  for (;;) {
    const spaces = skip(reader, /[ ]*/y);
    if (take(reader, ')')) return items;
    if (items.length > 0 && spaces === '') throw malformed(reader, 'a space is missing in a list');
    items.push({ value: readBareItem(reader), parameters: readParameters(reader) });
  }
}

function readParameters(reader: Reader): Parameters {
  const parameters = new Map<string, BareItem>();
  while (take(reader, ';')) {
    skip(reader, /[ ]*/y);
    const key = readKey(reader);
    parameters.set(key, take(reader, '=') ? readBareItem(reader) : true);
  }
  return parameters;
}

/** Tokens are read as strings; decimals are kept as numbers. */
function readBareItem(reader: Reader): BareItem {
  const string = skip(reader, /"(?:[ !#-[\]-~]|\\["\\])*"/y);
  if (string !== '') return string.slice(1, -1).replace(/\\(.)/g, '$1');
  const bytes = skip(reader, /:[A-Za-z0-9+/_=-]*:/y); // base64url too: some clients write it
  if (bytes !== '') return Buffer.from(bytes.slice(1, -1), 'base64');
  const number = skip(reader, /-?\d{1,15}(?:\.\d{1,3})?/y);
  if (number !== '') return Number(number);
  const boolean = skip(reader, /\?[01]/y);
  if (boolean !== '') return boolean === '?1';
  const token = skip(reader, /[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*/y);
  if (token !== '') return token;
  throw malformed(reader, 'a value is missing');
}

function readKey(reader: Reader): string {
  const key = skip(reader, /[a-z*][a-z0-9_\-.*]*/y);
  if (key === '') throw malformed(reader, 'a name is missing');
  return key;
}

function take(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false;
  reader.at++;
  return true;
}

/** Reads what the sticky pattern matches here; '' if it does not. */
function skip(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const [match = ''] = pattern.exec(reader.text) ?? [];
  reader.at += match.length;
  return match;
}

function malformed({ at }: Reader, reason: string): ArlocalError {
  return new ArlocalError('HTTP_SIGNATURE_MALFORMED', { reason: `${reason} at character ${at}` });
}
