/**
 * The source texts of a process: what was loaded into it, out of its own log. `corral run`, `.load`
 * and the herd send several files as one message (herd/bundle.ts); each is found here under the name
 * by which Lua's errors and debug information call it.
 */
import { tagValue } from '../../actors/items/protocol.js';
import { storedItem } from '../../actors/items/stored-item.js';
import type { ActorNetwork } from '../../actors/network.js';
import { sourceName } from './lua-look.js';

export interface Sources {
  /**
   * The lines of a chunk as it was loaded last.
   * @param chunk name as Lua has it, or as people read it
   * @param from a line at which a function begins, to tell texts of one name apart
   */
  linesOf(chunk: string, from?: number): readonly string[] | undefined;
  /** Names as people read them. */
  readonly names: readonly string[];
}

/** Name that the kernel gives to what an Eval or a boot evaluates. */
const EVAL_CHUNK = 'aos';
/** Messages that are searched, from the last one back. */
const SEARCH_MAX = 20_000;

/** What a process had loaded when it was given the message of a nonce, that message included. */
export function readSources(network: ActorNetwork, process: string, nonce: number): Sources {
  const texts: string[] = [];
  for (let at = nonce; at >= Math.max(0, nonce - SEARCH_MAX); at--) {
    const text = codeAt(network, process, at);
    if (text !== undefined) texts.push(text);
  }
  return indexSources(texts);
}

function codeAt({ gateway, units }: ActorNetwork, process: string, nonce: number) {
  const entry = units.log.at(process, nonce);
  if (!entry) return undefined;
  const item = storedItem(gateway, nonce === 0 ? process : entry.messageId);
  if (!item) return undefined;
  const isCode = nonce === 0 || tagValue(item.tags, 'Action') === 'Eval';
  return isCode ? Buffer.from(item.data).toString('utf8') : undefined;
}

/** @param texts what was evaluated, the last first */
export function indexSources(texts: readonly string[]): Sources {
  const files = new Map<string, string[]>();
  const evals: string[][] = [];
  for (const text of texts) {
    const bundled = readBundle(text);
    for (const [name, source] of bundled) {
      if (!files.has(name)) files.set(name, linesIn(source));
    }
    evals.push(linesIn(text));
  }
  return {
    names: [...files.keys()],
    linesOf(chunk, from = 0) {
      const name = sourceName(chunk);
      if (name !== EVAL_CHUNK) return files.get(name);
      const fits = evals.filter((lines) => lines.length >= Math.max(1, from));
      if (from <= 0) return fits[0];
      return fits.find((lines) => lines[from - 1]?.includes('function')) ?? fits[0];
    },
  };
}

/** A line end at the end begins no line. */
function linesIn(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** The files in a text that herd/bundle.ts made, by name. */
export function readBundle(text: string): Map<string, string> {
  const files = new Map<string, string>();
  const opening = /(local source = |\bload\()\[(=*)\[\n/g;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const start = opening.lastIndex;
    const close = `]${match[2]}]`;
    const end = text.indexOf(close, start);
    if (end < 0) break;
    const rest = text.slice(end + close.length, end + close.length + 400);
    const name = /^(?:, |\nreturn \(load\("return " \.\. source, )"@((?:[^"\\]|\\.)*)"/.exec(rest);
    if (name?.[1] !== undefined) {
      files.set(name[1].replace(/\\(.)/g, '$1'), text.slice(start, end));
      opening.lastIndex = end + close.length;
    }
  }
  return files;
}
