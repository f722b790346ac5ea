/**
 * Lua's stack in a program under test, with the lines of its files: a process calls its files by
 * the names by which they were bundled, so they are looked for where its main file was.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLuaText } from './modules.js';

const FRAME = /^\s*([^\s:[\]]+\.lua):(\d+):/;

/**
 * @param stack one frame a line, as Lua writes it
 * @param folders those of the files that were spawned, the last first
 */
export function showStack(stack: string, folders: readonly string[]): string {
  const frames = stack
    .split('\n')
    .map((frame) => frame.trim())
    .filter((frame) => frame !== '' && !frame.startsWith('[C]') && frame !== '(...tail calls...)');
  return frames.map((frame) => withLine(frame, folders)).join('\n');
}

function withLine(frame: string, folders: readonly string[]): string {
  const [, name, line] = FRAME.exec(frame) ?? [];
  if (name === undefined) return frame;
  const path = folders.map((folder) => join(folder, name)).find((one) => existsSync(one));
  if (path === undefined) return frame;
  const text = readLuaText(path).split('\n')[Number(line) - 1]?.trim();
  return text ? `${frame}\n    ${text}` : frame;
}
