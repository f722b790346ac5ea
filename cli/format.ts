/**
 * Numbers, ids and tables as people read them. wAR and AR both have 12 decimals and are counted in
 * whole winston, as bigint; nothing here ever goes through a float.
 */

import { stripVTControlCharacters } from 'node:util';

const DECIMALS = 12;

/** `1000000000n` -> `0.001000000000 wAR`: always 12 decimals, so that amounts line up. */
export function formatWar(winston: bigint): string {
  return `${fixed(winston)} wAR`;
}

/** `1000000000n, 'wAR'` -> `0.001 wAR`: without the zeros that say nothing. */
export function formatAmount(winston: bigint, unit: string): string {
  return `${fixed(winston).replace(/\.?0+$/, '')} ${unit}`;
}

/**
 * Reads an amount as people type it: `0.001` -> `1000000000n`.
 *
 * @returns winston, or undefined when the text is no positive amount of at most 12 decimals
 */
export function parseAmount(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const winston = BigInt(`${match[1]}${(match[2] ?? '').padEnd(DECIMALS, '0')}`);
  return winston > 0n ? winston : undefined;
}

function fixed(winston: bigint): string {
  const sign = winston < 0n ? '-' : '';
  const digits = (winston < 0n ? -winston : winston).toString().padStart(DECIMALS + 1, '0');
  return `${sign}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** `7712345n` or `7712345` -> `7,712,345`. */
export function formatCount(count: number | bigint): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Bytes in decimal megabytes, as file managers and `ls -h --si` show them. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

/** First and last three characters of an id, as the kernel's own notices write it: `xU9...h10`. */
export function shortId(id: string): string {
  return id.length <= 9 ? id : `${id.slice(0, 3)}...${id.slice(-3)}`;
}

/** Rows of cells -> lines; every column as wide as its widest cell, the last one unpadded. */
export function alignColumns(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join(gap),
  );
}

/** Cuts a line to `columns`, with an ellipsis where something is missing. */
export function truncate(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, columns - 1).join('')}…`;
}

/**
 * Breaks a line that is wider than `columns`, colours not counted: at ` | ` if it has any, else
 * between words, and indents what follows by four more than it begins with.
 */
export function wrapLine(line: string, columns: number): string[] {
  const width = (text: string) => [...stripVTControlCharacters(text)].length;
  if (width(line) <= columns) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const separator = line.includes(' | ') ? ' | ' : ' ';
  const lines: string[] = [];
  for (const part of line.slice(indent.length).split(separator)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(indent + part);
    else if (width(last + separator + part) > columns) lines.push(`${indent}    ${part}`);
    else lines[lines.length - 1] = last + separator + part;
  }
  return lines;
}

/** Breaks a paragraph into lines of at most `columns`, between words. */
export function wrapWords(paragraph: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
