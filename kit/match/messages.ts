/** `toHaveMessages`: messages like these, in this order, others in between unless `exact`. */
import { KitError, show } from '../errors.js';
import type { TreeNode } from '../render/tree-node.js';
import { describeNearest } from './message.js';
import { drawTrees, headOf } from './nearest.js';
import { checkPattern, compareMessage, type MessagePattern, showPattern } from './pattern.js';
import { checkOptions } from './strict.js';
import type { Subject } from './subject.js';
import type { Verdict } from './verdict.js';

export interface MessagesOptions {
  /** These messages and no others. @default false */
  readonly exact?: boolean;
}

/** @throws {BAD_MATCHER} */
export function checkMessages(
  subject: Subject,
  patterns: readonly MessagePattern[],
  options: MessagesOptions = {},
): Verdict {
  checkOptions('toHaveMessages', options, ['exact']);
  const { exact = false } = options;
  if (typeof exact !== 'boolean') {
    throw new KitError('BAD_MATCHER', `exact is ${show(exact)}`, { hint: 'Give true or false.' });
  }
  if (!Array.isArray(patterns) || (patterns.length === 0 && !exact)) {
    throw new KitError('BAD_MATCHER', `the messages to look for are ${show(patterns)}`, {
      hint: 'Give a list: toHaveMessages([{ action: "Debit-Notice" }, { action: "Credit-Notice" }]).',
    });
  }
  for (const pattern of patterns) checkPattern(pattern, subject.names);
  return exact ? checkExactly(subject, patterns) : checkInOrder(subject, patterns);
}

function checkInOrder(subject: Subject, patterns: readonly MessagePattern[]): Verdict {
  const { messages, names } = subject;
  const found: TreeNode[] = [];
  let from = 0;
  for (const pattern of patterns) {
    const at = messages.findIndex(
      (node, index) => index >= from && compareMessage(pattern, node, names).matches,
    );
    if (at < 0) break;
    found.push(messages[at] as TreeNode);
    from = at + 1;
  }
  const missing = patterns[found.length];
  const marks = numbered(found);
  return {
    pass: missing === undefined,
    message: () => {
      if (missing === undefined) {
        return [
          `all ${found.length} messages came in this order`,
          '',
          drawTrees(subject, marks),
        ].join('\n');
      }
      return describeMissing(subject, patterns, found, messages.slice(from));
    },
  };
}

function describeMissing(
  subject: Subject,
  patterns: readonly MessagePattern[],
  found: readonly TreeNode[],
  rest: readonly TreeNode[],
): string {
  const { names, messages } = subject;
  const missing = patterns[found.length] ?? {};
  const after = found.length === 0 ? '' : `, after the ${ordinal(found.length)}`;
  const tooEarly = messages.find(
    (node) => !found.includes(node) && compareMessage(missing, node, names).matches,
  );
  const which = `the ${ordinal(found.length + 1)} of ${patterns.length} messages`;
  return [
    `${which} is missing${after}: ${showPattern(missing, names)}`,
    ...(tooEarly ? [`It came before: ${headOf(tooEarly, subject)}.`] : []),
    '',
    describeNearest(subject, missing, tooEarly ? [] : rest, numbered(found)),
  ].join('\n');
}

function checkExactly(subject: Subject, patterns: readonly MessagePattern[]): Verdict {
  const { messages, names } = subject;
  const fits = (node: TreeNode | undefined, pattern: MessagePattern | undefined) =>
    node !== undefined && pattern !== undefined && compareMessage(pattern, node, names).matches;
  const length = Math.max(messages.length, patterns.length);
  const places = Array.from({ length }, (_, index) => index);
  const wrong = places.find((index) => !fits(messages[index], patterns[index]));
  return {
    pass: wrong === undefined,
    message: () => {
      if (wrong === undefined) {
        return ['there were exactly these messages', '', drawTrees(subject)].join('\n');
      }
      const marks = numbered(messages.slice(0, wrong));
      const [node, pattern] = [messages[wrong], patterns[wrong]];
      if (pattern === undefined) {
        const wanted = patterns.length === 1 ? '1 message' : `${patterns.length} messages`;
        const text = `expected exactly ${wanted}, got ${messages.length}`;
        const more = new Map(messages.slice(wrong).map((one) => [one, '<- not expected'] as const));
        return [text, '', drawTrees(subject, new Map([...marks, ...more]))].join('\n');
      }
      const count = node ? messages.length : patterns.length;
      return [
        `the ${ordinal(wrong + 1)} of ${count} messages is not ${showPattern(pattern, names)}`,
        '',
        describeNearest(subject, pattern, node ? [node] : [], marks, 'It'),
      ].join('\n');
    },
  };
}

function numbered(found: readonly TreeNode[]): Map<TreeNode, string> {
  return new Map(found.map((node, index) => [node, `<- ${ordinal(index + 1)}`]));
}

function ordinal(place: number): string {
  const last = place % 10;
  const isTeen = place % 100 >= 11 && place % 100 <= 13;
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][last] ?? 'th');
  return `${place}${ending}`;
}
