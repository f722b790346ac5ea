/**
 * The message tree as text, at 100 columns: who sent what to whom, and below it what that printed,
 * what went wrong there, and what it caused in turn. One drawing for receipts, failing matchers,
 * golden traces, `corral trace` and the log.
 *
 * @example Output
 *   alice -> pong  Ping
 *   │ prints "got ping" and 1 more line
 *   ├─ pong -> alice  Pong
 *   └─ pong -> boom  Boom
 *        error in handler "boom", line 4: attempt to index a nil value (local 'x')
 */
import { stripVTControlCharacters } from 'node:util';
import type { Tag } from '../../arlocal/tags.js';
import { createLabels, createNaming, type Names, shortId } from './names.js';
import { describeError, describeRefusal } from './reason.js';
import {
  listNodes,
  type StateChange,
  type TreeError,
  type TreeFrame,
  type TreeNode,
} from './tree-node.js';

export interface TreeDetail {
  /** Nonce in the log of the process. @default false */
  readonly nonce?: boolean;
  /** Ids of messages, short. @default false */
  readonly ids?: boolean;
  /** Time of the assignment, UTC. @default false */
  readonly time?: boolean;
  /** Instructions of the evaluation. @default false */
  readonly gas?: boolean;
  /** The sender's own tags: not those of the protocol, nor Action. @default false */
  readonly tags?: boolean;
  /** First line of the data. @default false */
  readonly data?: boolean;
  /** First line of what was printed, or all of it. @default 'first-line' */
  readonly output?: 'none' | 'first-line' | 'all';
  /** Lua's stack below an error. @default false */
  readonly stacks?: boolean;
  /** What changed in the state, if the nodes know it. @default true */
  readonly changes?: boolean;
}

export interface TreeOptions {
  /** Id -> name; what has none is written as a short id. In texts of programs, too. */
  readonly names?: Names;
  readonly detail?: TreeDetail;
  /** @default 100 */
  readonly columns?: number;
  /** Most deliveries that are drawn; the rest are counted. @default all */
  readonly most?: number;
  /** Something to say behind the first line of a node. */
  readonly mark?: (node: TreeNode) => string | undefined;
  /** Colours a part of a line. @default as it is */
  readonly paint?: (text: string, role: TreeRole) => string;
}

/** What a line says: the message, what went wrong, what is not in AO, or all else. */
export type TreeRole = 'message' | 'error' | 'notice' | 'detail';

interface Line {
  readonly text: string;
  readonly role: TreeRole;
  /** True for what may take several lines; else the end of the text is left out ... */
  readonly wraps?: boolean;
  /** ... but not what follows it. */
  readonly tail?: string;
}

interface Drawing extends TreeOptions {
  readonly label: (id: string) => string;
  /** A text of a program with names for ids: a program prints ids, people know names. */
  readonly named: (text: string) => string;
  readonly detail: TreeDetail;
  readonly columns: number;
  /** Nodes that may still be drawn. */
  left: number;
}

const COLUMNS = 100;

/** One tree, or several below one another. @returns lines without a line end at the end */
export function renderTree(
  tree: TreeNode | readonly TreeNode[],
  options: TreeOptions = {},
): string {
  const roots = 'id' in tree ? [tree] : tree;
  const nodes = listNodes(roots);
  const ids = nodes.flatMap(({ from, to }) => [from, to]);
  const { names = new Map<string, string>() } = options;
  const drawing: Drawing = {
    ...options,
    detail: options.detail ?? {},
    columns: options.columns ?? COLUMNS,
    label: createLabels(names, ids),
    named: createNaming(names, ids),
    left: options.most ?? nodes.length,
  };
  const lines = roots.flatMap((root) => (drawing.left > 0 ? draw(drawing, root, '', '') : []));
  const most = options.most ?? nodes.length;
  if (nodes.length > most) lines.push(`... and ${nodes.length - most} more deliveries`);
  return lines.join('\n');
}

/** A node and all below it; `first` stands before its first line, `rest` before all others. */
function draw(drawing: Drawing, node: TreeNode, first: string, rest: string): string[] {
  drawing.left--;
  const [head, ...below] = linesOf(drawing, node);
  const bar = node.children.length > 0 && drawing.left > 0 ? '│ ' : '  ';
  const drawn = [
    ...(head === undefined ? [] : layOut(drawing, head, first)),
    ...below.flatMap((line) => layOut(drawing, line, `${rest}${bar}`)),
  ];
  for (const [index, child] of node.children.entries()) {
    if (drawing.left <= 0) break;
    const isLast = index === node.children.length - 1;
    const [branch, under] = isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
    drawn.push(...draw(drawing, child, rest + branch, rest + under));
  }
  return drawn;
}

function linesOf(drawing: Drawing, node: TreeNode): Line[] {
  const { detail, named } = drawing;
  const below = [
    ...(detail.tags ? describeTags(node.tags ?? []) : []),
    ...(detail.data && node.data ? [quoted('data', node.data)] : []),
    ...noticesOf(node),
    ...describeOutput(node, detail.output ?? 'first-line'),
    ...node.errors.flatMap((error) => describeFailure(error, describeError(error), detail)),
    ...node.refused.flatMap((error) => describeFailure(error, describeRefusal(error), detail)),
    ...((detail.changes ?? true) ? (node.changes ?? []).map(describeChange) : []),
  ];
  return [headOf(drawing, node), ...below.map((line) => ({ ...line, text: named(line.text) }))];
}

function headOf({ detail, label, mark }: Drawing, node: TreeNode): Line {
  const { kind, nonce, gas, timestampMs } = node;
  const parts = [
    sentenceOf(node, label),
    kind === 'assignment' ? 'assigned' : node.action && onOneLine(node.action),
    detail.nonce && nonce !== undefined ? `#${nonce}` : undefined,
    detail.gas && gas !== undefined ? `${gas.toLocaleString('en')} gas` : undefined,
    detail.time && timestampMs !== undefined ? new Date(timestampMs).toISOString() : undefined,
    detail.ids ? shortId(node.id) : undefined,
    mark?.(node),
  ];
  return { text: parts.filter(Boolean).join('  '), role: 'message' };
}

function sentenceOf({ kind, id, from, to }: TreeNode, label: (id: string) => string): string {
  if (from === '' && to === '') return 'dry-run'; // what it would send is from nobody yet
  if (kind === 'spawn') return `${label(from)} spawns ${label(to)}`;
  if (kind === 'cron') return `cron ${id.replace(/^\d+-(?=\d)|[@#].*$/g, '')} -> ${label(to)}`;
  return `${label(from)} -> ${label(to)}`.trimStart();
}

function noticesOf({ impersonated, faults, undelivered }: TreeNode): Line[] {
  return [
    ...(impersonated ? ['impersonated: its sender did not sign it'] : []),
    ...(faults ?? [])
      .filter((fault) => fault !== undelivered)
      .map((fault) => `fault: ${onOneLine(fault)}`),
    ...(undelivered === undefined ? [] : [`not delivered: ${onOneLine(undelivered)}`]),
  ].map((text) => ({ text, role: 'notice', wraps: true }));
}

/** Tags that say nothing about this message: every one has them, or the first line tells them. */
const PROTOCOL_TAGS = new Set([
  ...['Action', 'Data-Protocol', 'Variant', 'Type', 'From-Process', 'From-Module', 'Pushed-For'],
  ...[
    'Corral-Impersonated',
    'Reference',
    'SDK',
    'Module',
    'Scheduler',
    'Authority',
    'On-Boot',
    'Name',
    'Content-Type',
  ],
]);

function describeTags(tags: readonly Tag[]): Line[] {
  const own = tags
    .filter(({ name }) => !PROTOCOL_TAGS.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1)); // Lua's own order means nothing
  if (own.length === 0) return [];
  const text = own.map(({ name, value }) => `${name}=${onOneLine(value)}`);
  return [{ text: `tags ${text.join(', ')}`, role: 'detail', wraps: true }];
}

function describeOutput(
  { output = '', prints = [] }: TreeNode,
  how: NonNullable<TreeDetail['output']>,
): Line[] {
  const text = stripVTControlCharacters(output).trim();
  if (text === '' || how === 'none') return [];
  if (how === 'first-line') return [quoted('prints', text)];
  if (prints.length === 0) return text.split('\n').map((line) => printed(line));
  return prints.flatMap(({ text: lines, source, line }) =>
    lines.split('\n').map((one) => printed(one, source && `  (${source}:${line})`)),
  );
}

function printed(line: string, place = ''): Line {
  return { text: `> ${onOneLine(line)}${place}`, role: 'detail' };
}

/** `prints "first line" and 2 more lines`; JSON has quotation marks enough. */
function quoted(verb: string, text: string): Line {
  const [line = '', ...others] = text.trim().split('\n');
  const more = others.length === 1 ? ' and 1 more line' : ` and ${others.length} more lines`;
  const mark = /^[{[]/.test(line) ? '' : '"';
  return {
    text: `${verb} ${mark}${onOneLine(line)}`,
    tail: `${mark}${others.length === 0 ? '' : more}`,
    role: 'detail',
  };
}

function describeFailure(error: TreeError, text: string, { stacks }: TreeDetail): Line[] {
  const { hint } = error;
  return [
    { text: clean(text), role: 'error', wraps: true },
    ...(hint === undefined ? [] : [{ text: `  ${onOneLine(hint)}`, role: 'detail', wraps: true }]),
    ...(stacks ? describeStack(error) : []).map((frame) => ({ text: frame, role: 'detail' })),
  ] as Line[];
}

/** The calls with their source where it is known, else as Lua writes them. */
function describeStack({ stack = '', frames }: TreeError): string[] {
  if (frames !== undefined) return frames.flatMap(describeFrame);
  const text = stripVTControlCharacters(stack).trim();
  return text === '' ? [] : text.split('\n').map((frame) => `  ${onOneLine(frame)}`);
}

/** `  in function 'split' (lib/money.lua:12)`, and the code below it. */
function describeFrame({ place, what, code = [] }: TreeFrame): string[] {
  const width = String(code.at(-1)?.line ?? 0).length;
  const lines = code.map(({ line, text, isHere }) => {
    const number = String(line).padStart(width);
    return `    ${isHere ? '>' : ' '} ${number} | ${text.replace(/\p{Cc}/gu, ' ')}`;
  });
  return [`  in ${onOneLine(what)} (${onOneLine(place)})`, ...lines.map((line) => line.trimEnd())];
}

function describeChange({ path, from = 'nil', to = 'nil' }: StateChange): Line {
  return { text: `${path}: ${onOneLine(from)} -> ${onOneLine(to)}`, role: 'detail' };
}

/** Brings a line to the width: what wraps goes on below itself, of all else the end is left out. */
function layOut({ columns, paint }: Drawing, line: Line, before: string): string[] {
  const width = Math.max(20, columns - before.length);
  const { text, tail = '', wraps } = line;
  const rows = wraps ? wrap(text, width) : [truncate(text, width - tail.length) + tail];
  return rows.map((row, index) => {
    const painted = paint ? paint(row, line.role) : row;
    return `${index === 0 ? before : before.replace('├─ ', '│  ').replace('└─ ', '   ')}${painted}`;
  });
}

function truncate(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, columns - 1).join('')}…`;
}

/** Breaks between words; what follows is indented by two more. */
function wrap(text: string, columns: number): string[] {
  const rows: string[] = [];
  for (const paragraph of text.split('\n')) {
    const indent = `${/^ */.exec(paragraph)?.[0] ?? ''}${rows.length > 0 ? '  ' : ''}`;
    let row = indent;
    for (const word of paragraph.trim().split(/\s+/)) {
      const isFirst = row.trim() === '';
      if (!isFirst && row.length + 1 + word.length > columns) {
        rows.push(row);
        row = `${indent}  ${word}`;
      } else {
        row += isFirst ? word : ` ${word}`;
      }
    }
    rows.push(row);
  }
  return rows;
}

/** Texts of programs: nothing in them moves the cursor or begins a line. */
function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

function clean(text: string): string {
  return text.split('\n').map(onOneLine).join('\n');
}
