/** `toHaveMessage`: among the messages there is one that is like this. */
import { KitError, show } from '../errors.js';
import type { TreeNode } from '../render/tree-node.js';
import { describeMiss, drawTrees, findNearest } from './nearest.js';
import { checkPattern, compareMessage, type MessagePattern, showPattern } from './pattern.js';
import { checkOptions } from './strict.js';
import type { Subject } from './subject.js';
import type { Verdict } from './verdict.js';

export interface MessageOptions {
  /** How many there must be, no more and no fewer. @default at least one */
  readonly times?: number;
}

/** @throws {BAD_MATCHER} */
export function checkMessage(
  subject: Subject,
  pattern: MessagePattern = {},
  options: MessageOptions = {},
): Verdict {
  const { names, messages } = subject;
  checkPattern(pattern, names);
  checkOptions('toHaveMessage', options, ['times']);
  const { times } = options;
  checkTimes(times);
  const found = messages.filter((node) => compareMessage(pattern, node, names).matches);
  const pass = times === undefined ? found.length > 0 : found.length === times;
  const shown = showPattern(pattern, names);
  return {
    pass,
    message: () => {
      const marks = new Map(found.map((node) => [node, '<- matches'] as const));
      if (pass)
        return [`${foundText(found.length)} ${shown}`, '', drawTrees(subject, marks)].join('\n');
      if (times !== undefined && found.length > 0) {
        const text = `${foundText(found.length)} ${shown}, expected ${times}`;
        return [text, '', drawTrees(subject, marks)].join('\n');
      }
      return [`no message matches ${shown}`, '', describeNearest(subject, pattern, messages)].join(
        '\n',
      );
    },
  };
}

/** The nearest miss among some messages, and the trees with a mark at it. */
export function describeNearest(
  subject: Subject,
  pattern: MessagePattern,
  messages: readonly TreeNode[],
  marks: ReadonlyMap<TreeNode, string> = new Map(),
  which?: string,
): string {
  const nearest = findNearest(pattern, messages, subject.names);
  const hint = subject.hint?.();
  const below = hint === undefined ? [] : ['', hint];
  if (nearest === undefined) return [drawTrees(subject, marks), ...below].join('\n');
  const all = new Map([...marks, [nearest.node, '<- nearest'] as const]);
  const miss = describeMiss(nearest, subject, messages.length, which);
  return [miss, '', drawTrees(subject, all), ...below].join('\n');
}

function foundText(count: number): string {
  return count === 1 ? 'a message matches' : `${count} messages match`;
}

function checkTimes(times: unknown): void {
  if (times === undefined || (Number.isInteger(times) && (times as number) >= 0)) return;
  throw new KitError('BAD_MATCHER', `times is ${show(times)}`, {
    hint: 'Give how many such messages there must be: 0, 1, 2, ...',
    details: { times },
  });
}
