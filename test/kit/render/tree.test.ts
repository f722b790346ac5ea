import { describe, expect, test } from 'vitest';
import { renderTree } from '../../../kit/render/tree.js';
import type { TreeNode } from '../../../kit/render/tree-node.js';

const id = (letter: string) => letter.repeat(43);
const names = new Map([
  [id('a'), 'alice'],
  [id('p'), 'pong'],
  [id('b'), 'boom'],
]);

function node(fields: Partial<TreeNode> = {}): TreeNode {
  const rest = { errors: [], refused: [], children: [] };
  return { id: id('m'), kind: 'message', from: id('a'), to: id('p'), ...rest, ...fields };
}

const KERNEL_TEXT =
  '\x1b[31mError\x1b[90m handling message with Action = Boom\x1b[0m\n' +
  '\x1b[32m[string ".handlers"]:157: [string "aos"]:4: no hay\x1b[0m\n\n' +
  '\x1b[90mstack traceback:\n\t[string "aos"]:4: in function <[string "aos"]:2>\x1b[0m\n\n' +
  '\x1b[31merror:\n\x1b[0m[string ".handlers"]:157: [string "aos"]:4: no hay';

const FAILED = { code: 'EVALUATION_FAILED', text: KERNEL_TEXT, handler: 'boom', line: 4 };

describe('a message tree as text', () => {
  test('names senders and targets, and shows what was printed and what went wrong below each', () => {
    const tree = node({
      action: 'Ping',
      output: 'got ping\nsecond line',
      refused: [{ code: 'UNSENDABLE_MESSAGE', text: 'a message has no target', hint: 'Give one.' }],
      children: [
        node({
          from: id('p'),
          to: id('b'),
          action: 'Boom',
          errors: [FAILED],
          children: [node({ from: id('b'), to: id('z') })],
        }),
        node({ from: id('p'), to: id('a'), action: 'Pong' }),
      ],
    });
    expect(`\n${renderTree(tree, { names })}\n`).toBe(`
alice -> pong  Ping
│ prints "got ping" and 1 more line
│ not sent: a message has no target [UNSENDABLE_MESSAGE]
│   Give one.
├─ pong -> boom  Boom
│  │ error in handler "boom", line 4: no hay
│  └─ boom -> zzz...zzz
└─ pong -> alice  Pong
`);
  });

  test('says how spawns, crons and assignments came', () => {
    const tree = node({
      id: '10-minutes@1735689600000',
      kind: 'cron',
      children: [
        node({ kind: 'spawn', from: id('p'), to: id('b') }),
        node({ kind: 'assignment', from: id('p'), to: id('b') }),
      ],
    });
    expect(renderTree(tree, { names }).split('\n')).toEqual([
      'cron 10-minutes -> pong',
      '├─ pong spawns boom',
      '└─ pong -> boom  assigned',
    ]);
  });

  test('says what is not in AO, what was done on the way, and what never came', () => {
    const tree = node({ impersonated: true, faults: ['held for 2 s'], undelivered: 'dropped' });
    expect(renderTree(tree, { names }).split('\n')).toEqual([
      'alice -> pong',
      '  impersonated: its sender did not sign it',
      '  fault: held for 2 s',
      '  not delivered: dropped',
    ]);
  });

  test('tells two processes of one name apart', () => {
    const same = new Map([...names, [id('b'), 'pong']]);
    const tree = node({ children: [node({ from: id('p'), to: id('b') })] });
    expect(renderTree(tree, { names: same })).toContain('pong (ppp...ppp) -> pong (bbb...bbb)');
  });

  test('shows nonces, gas, times, ids, tags and data when asked', () => {
    const tree = node({
      nonce: 7,
      gas: 81_204,
      timestampMs: 1735689600000,
      data: 'hi\nthere',
      tags: [
        { name: 'Data-Protocol', value: 'ao' },
        { name: 'Recipient', value: id('b') },
      ],
    });
    const detail = { nonce: true, gas: true, time: true, ids: true, tags: true, data: true };
    expect(renderTree(tree, { names, detail }).split('\n')).toEqual([
      'alice -> pong  #7  81,204 gas  2025-01-01T00:00:00.000Z  mmm...mmm',
      '  tags Recipient=boom',
      '  data "hi" and 1 more line',
    ]);
  });

  test('shows all that was printed, each with its line, and state changes', () => {
    const tree = node({
      output: 'one\ntwo',
      prints: [
        { text: 'one', source: 'pong.lua', line: 3 },
        { text: 'two', source: 'pong.lua', line: 9 },
      ],
      changes: [
        { path: 'Count', from: '1', to: '2' },
        { path: 'Seen', to: '{}' },
      ],
    });
    expect(renderTree(tree, { names, detail: { output: 'all' } }).split('\n')).toEqual([
      'alice -> pong',
      '  > one  (pong.lua:3)',
      '  > two  (pong.lua:9)',
      '  Count: 1 -> 2',
      '  Seen: nil -> {}',
    ]);
  });

  test('keeps to the width: errors wrap, output is cut', () => {
    const words = 'word '.repeat(40).trim();
    const errors = [{ code: 'EVALUATION_FAILED', text: words }];
    const deep = node({ children: [node({ output: words, errors, children: [node()] })] });
    const lines = renderTree(deep, { names }).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(lines.join(' ').match(/word(?=[^"]*$)/g)).toHaveLength(40);
  });

  test('a text of a program neither moves the cursor nor begins a line', () => {
    const tree = node({ action: 'Pi\nng\x1b[2J', output: '\x1b[31mred\x1b[0m' });
    expect(renderTree(tree, { names })).toBe('alice -> pong  Pi ng\n  prints "red"');
  });

  test('draws as much as is wanted, and counts the rest', () => {
    const tree = node({ children: Array.from({ length: 9 }, () => node()) });
    const lines = renderTree(tree, { names, most: 3 }).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('... and 7 more deliveries');
  });

  test('marks a node, and colours by role', () => {
    const tree = node({ errors: [FAILED] });
    const drawn = renderTree(tree, {
      names,
      mark: () => '<- this one',
      paint: (text, role) => `<${role}>${text}</>`,
    });
    expect(drawn.split('\n')).toEqual([
      '<message>alice -> pong  <- this one</>',
      '  <error>error in handler "boom", line 4: no hay</>',
    ]);
  });
});
