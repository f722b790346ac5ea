/**
 * Breakpoints: at a line of a file, at a handler by its name, or wherever a message fails.
 */
import { sourceName } from '../inspect/lua-look.js';
import type { Recording } from './recording.js';

export type Breakpoint =
  | {
      readonly kind: 'line';
      /** Path or end of a path: `pay.lua`, `lib/money.lua`, `/home/me/shop/pay.lua`. */
      readonly file: string;
      readonly line: number;
      /** Lua that must be true there. */
      readonly condition?: string | undefined;
    }
  | {
      readonly kind: 'handler';
      readonly handler: string;
      readonly condition?: string | undefined;
    }
  | { readonly kind: 'error' };

/** Reads `pay.lua:12` or the name of a handler. */
export function parseBreakpoint(text: string): Breakpoint {
  if (text === 'error') return { kind: 'error' };
  const match = /^(.+?):(\d+)$/.exec(text);
  if (match === null) return { kind: 'handler', handler: text };
  return { kind: 'line', file: match[1] ?? '', line: Number(match[2]) };
}

export function breakpointText(breakpoint: Breakpoint): string {
  if (breakpoint.kind === 'error') return 'any error';
  const where =
    breakpoint.kind === 'line'
      ? `${breakpoint.file}:${breakpoint.line}`
      : `handler "${breakpoint.handler}"`;
  return breakpoint.condition === undefined ? where : `${where} if ${breakpoint.condition}`;
}

/** Whether a path that a person or an editor gives is that of a chunk. */
export function isFileOf(file: string, source: string): boolean {
  const chunk = sourceName(source).replaceAll('\\', '/');
  const path = file.replaceAll('\\', '/').replace(/^\.\//, '');
  return path === chunk || path.endsWith(`/${chunk}`) || chunk.endsWith(`/${path}`);
}

/** Where a breakpoint may stop, ascending; its condition has not been asked. */
export function placesOf(
  breakpoint: Breakpoint,
  recording: Recording,
  handlerAt: (entry: number) => string | undefined,
): number[] {
  if (breakpoint.kind === 'error') {
    return recording.failure === undefined ? [] : [recording.failure];
  }
  if (breakpoint.kind === 'handler') {
    return recording.entries.filter((entry) => handlerAt(entry) === breakpoint.handler);
  }
  const { file, line } = breakpoint;
  const isHere = new Map<string, boolean>();
  const places: number[] = [];
  for (let place = 0; place < recording.length; place++) {
    if (recording.line(place) !== line) continue;
    const source = recording.source(place);
    const fits = isHere.get(source) ?? isFileOf(file, source);
    isHere.set(source, fits);
    if (fits) places.push(place);
  }
  return places;
}
