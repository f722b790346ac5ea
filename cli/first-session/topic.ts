/**
 * The topic of the joke: a flag, else a question to a person, else cats.
 */
import { createInterface } from 'node:readline/promises';
import { unlessAborted } from '../interrupt.js';
import type { Terminal } from '../terminal.js';

export const DEFAULT_TOPIC = 'cats';

export async function chooseTopic(
  terminal: Terminal,
  flag: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (flag !== undefined) return flag;
  if (!terminal.interactive) return DEFAULT_TOPIC;
  const { input, output } = terminal;
  const lines = createInterface({ input, output, terminal: false });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const asked = lines.question(`A joke about what? [${DEFAULT_TOPIC}] `);
    const answer = await unlessAborted(Promise.race([asked, ended]), signal);
    return answer.trim() || DEFAULT_TOPIC;
  } finally {
    lines.close();
  }
}
