/**
 * Lua's stack in a program under test, with the lines of its files: a process calls its files by
 * the names by which they were bundled, so they are looked for where its main file was.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLuaText } from './modules.js';

const FRAME = /^\s*([^\s:[\]]+\.lua):(\d+):/;
/** Where an error is, in its text: that of a file that does not compile is in no frame. */
const PLACE = /[^\s:[\]"]+\.lua:\d+:/;

/**
 * @param stack one frame a line, as Lua writes it
 * @param folders those of the files that were spawned, the last first
 * @param text of the error
 * @returns the user's frames: those of the kernel are left out; nothing if there are no others
 */
export function showStack(
  stack: string,
  folders: readonly string[],
  text: string,
): string | undefined {
  const frames = stack
    .split('\n')
    .map((frame) => frame.trim())
    .filter((frame) => frame !== '' && !frame.startsWith('[C]') && frame !== '(...tail calls...)')
    .filter((frame) => !frame.startsWith('[string ".'));
  const inFiles = frames.filter((frame) => FRAME.test(frame));
  const [place] = PLACE.exec(text) ?? [];
  const own = inFiles.length === 0 && place !== undefined ? [place] : inFiles;
  const told = own.length > 0 ? own : frames;
  if (told.length === 0) return undefined;
  return told.map((frame) => withLine(frame, folders)).join('\n');
}

function withLine(frame: string, folders: readonly string[]): string {
  const [, name, line] = FRAME.exec(frame) ?? [];
  if (name === undefined) return frame;
  const path = folders.map((folder) => join(folder, name)).find((one) => existsSync(one));
  if (path === undefined) return frame;
  const text = readLuaText(path).split('\n')[Number(line) - 1]?.trim();
  return text ? `${frame}\n    ${text}` : frame;
}
