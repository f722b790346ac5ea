/**
 * What a long command is at, on stderr: a line when it begins with something, and one for each tenth
 * of it.
 */
import { formatCount } from './format.js';
import type { Terminal } from './terminal.js';

export type OnStep = (what: string, done: number, total: number) => void;

const PARTS = 10;

export function createSteps({ note, colors }: Pick<Terminal, 'note' | 'colors'>): OnStep {
  let last = '';
  return (what, done, total) => {
    const part = total === 0 ? PARTS : Math.floor((done / total) * PARTS);
    const step = `${what} ${part}`;
    if (step === last) return;
    last = step;
    const progress = total > 1 ? ` ${formatCount(done)} of ${formatCount(total)}` : '';
    note(colors.dim(`${what}${progress}`));
  };
}
