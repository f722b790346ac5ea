/** Lowering: what becomes of WebAssembly's structure, and what is refused, by name. */
import { describe, expect, it } from 'vitest';
import { lowerModule } from '../../../opml/machine/lower.js';
import { opcodeName } from '../../../opml/machine/opcodes.js';
import { SLOTS } from '../../../opml/machine/state.js';
import {
  encodeModule,
  type FunctionSource,
  i32Const,
  localGet,
  localSet,
  type ModuleSource,
  opcodeBytes,
} from './wasm-encoder.js';

const ADD = 0x6a;
const EMPTY = 0x40;
const I32 = 0x7f;

/** The instructions of a module's functions as text, without the zeroing of locals. */
function listing(...functions: FunctionSource[]): string[] {
  const code = lowerModule(encodeModule({ functions }));
  const lines = Array.from({ length: code.count }, (_, pc) => {
    const { op, dst, a, b, c, imm } = code.instruction(pc);
    const words = [...new Uint32Array(imm.slice().buffer)];
    const name = opcodeName(op);
    if (name === 'const') return `${dst} = ${words[0]}`;
    if (name === 'jump') return `jump ${words[0]}`;
    if (name === 'jumpIfEqual') return `${name} ${a} ${words[1]} ${words[0]}`;
    if (name.startsWith('jump')) return `${name} ${a} ${words[0]}`;
    if (name === 'call') return `call ${words[0]} +${words[1]} (${words[2]})`;
    if (name === 'return' || name === 'unreachable') return name;
    if (name.includes('store')) return `${name} ${a} ${b}`;
    if (name === 'select') return `${dst} = select ${a} ${b} ${c}`;
    return `${dst} = ${name} ${a} ${b}`;
  });
  return lines;
}

const step = (locals: number, ...body: number[][]): FunctionSource => ({
  locals: Array(locals).fill('i32'),
  body: body.flat(),
});

describe('lowering', () => {
  it('reads locals where they are and writes them at once', () => {
    const body = [localGet(0), localGet(1), [ADD], localSet(2)];
    expect(listing(step(3, ...body)).slice(3)).toEqual(['2 = i32.add 0 1', 'return']);
  });

  it('keeps the value that a local had when it was read', () => {
    const body = [localGet(0), i32Const(7), localSet(0), localGet(0), [ADD], localSet(1)];
    expect(listing(step(2, ...body)).slice(2)).toEqual([
      '3 = 7',
      '2 = move 0 0',
      '0 = move 3 0',
      '1 = i32.add 2 0',
      'return',
    ]);
  });

  it('moves values out of locals before a loop, which runs more than once', () => {
    const loop = [[0x03, EMPTY], i32Const(1), localSet(0), localGet(0), [0x0d, 0, 0x0b]];
    const body = [localGet(0), ...loop, localSet(1)];
    expect(listing(step(2, ...body)).slice(2)).toEqual([
      '2 = move 0 0',
      '0 = 1',
      'jumpIf 0 3',
      '1 = move 2 0',
      'return',
    ]);
  });

  it('turns a comparison with zero before a branch into the other jump', () => {
    const body = [[0x02, EMPTY], localGet(0), [0x45, 0x0d, 0], i32Const(5), localSet(0), [0x0b]];
    expect(listing(step(1, ...body)).slice(1)).toEqual(['jumpIfZero 0 3', '0 = 5', 'return']);
  });

  it('leaves both branches of an if in the same slot', () => {
    const choice = [[0x04, I32], i32Const(1), [0x05], localGet(1), [0x0b]];
    expect(listing(step(2, localGet(0), ...choice, localSet(1))).slice(2)).toEqual([
      'jumpIfZero 0 5',
      '2 = 1',
      'jump 6',
      '2 = move 1 0',
      '1 = move 2 0',
      'return',
    ]);
  });

  it('compares a table with every label but the default, and carries values behind it', () => {
    const table = [localGet(1), localGet(0), [0x0e, 2, 1, 0, 0]];
    const inner = [[0x02, I32], i32Const(9), [0x02, I32], ...table, [0x0b, ADD, 0x0b]];
    expect(listing(step(2, ...inner, localSet(0))).slice(2)).toEqual([
      '2 = 9',
      'jumpIfEqual 0 0 6',
      '3 = move 1 0',
      'jump 8',
      '2 = move 1 0',
      'jump 9',
      '2 = i32.add 2 3',
      '0 = move 2 0',
      'return',
    ]);
  });

  it('hands arguments over in place and takes the result from there', () => {
    const callee: FunctionSource = {
      params: ['i32', 'i32'],
      results: ['i32'],
      body: [...localGet(0), ...localGet(1), 0x6b],
    };
    const caller = step(1, localGet(0), i32Const(2), [0x10, 1], localSet(0));
    expect(listing(caller, callee).slice(1)).toEqual([
      '2 = 2',
      '1 = move 0 0',
      'call 6 +1 (4)',
      '0 = move 1 0',
      'return',
      '0 = i32.sub 0 1',
      'return',
    ]);
  });

  it('reads past what cannot be reached', () => {
    const dead = [[0x0f], i32Const(1), [0x1a, 0x02, EMPTY, 0x0b]];
    expect(listing(step(0, ...dead))).toEqual(['return']);
  });

  it('starts at the entry', () => {
    const functions = [{ body: [0x01] }, { body: [0x01] }];
    const code = lowerModule(encodeModule({ functions, exports: { step: 1 } }));
    expect(code.entryPc).toBe(code.functions[1]?.start);
    expect(code.functionAt(code.entryPc)?.name).toBe('step');
  });
});

const body = (...bytes: number[]): ModuleSource => ({ functions: [{ body: bytes }] });
const TABLE: [number, number[]] = [4, [1, 0x70, 0, 1]];
const REFUSED: readonly (readonly [string, ModuleSource, string])[] = [
  ['memory.size', body(0x3f, 0, 0x1a), 'memory.size'],
  ['memory.grow', body(...i32Const(1), 0x40, 0, 0x1a), 'memory.grow'],
  ['sign extension', body(...i32Const(1), 0xc0, 0x1a), 'i32.extend8_s'],
  ['bulk memory', body(...i32Const(0), ...i32Const(0), ...i32Const(0), 0xfc, 11, 0), 'memory.fill'],
  ['saturating conversion', body(0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a), 'i32.trunc_sat_f32_s'],
  [
    'an unused vector instruction',
    body(...opcodeBytes(0x20c), ...Array(16).fill(0), ...opcodeBytes(0x2ec), 0x1a),
    'f64x2.abs',
  ],
  ['instructions that are never reached', body(0x00, 0x3f, 0, 0x1a), 'memory.size'],
  ['a table', { ...body(), sections: [TABLE] }, 'table'],
  ['an indirect call', { ...body(...i32Const(0), 0x11, 0, 0), sections: [TABLE] }, 'table'],
  ['a start function', { ...body(), sections: [[8, [0]]] }, 'start function'],
  ['a mutable global', { ...body(), globals: [[I32, 1, 0x41, 0, 0x0b]] }, 'mutable global'],
  [
    'several results',
    { functions: [{ body: [] }, { results: ['i32', 'i32'], body: [0x41, 0, 0x41, 0] }] },
    'results',
  ],
  [
    'a block with parameters',
    {
      functions: [{ body: [...i32Const(1), 0x02, 1, 0x1a, 0x0b] }, { params: ['i32'], body: [] }],
    },
    'block with parameters',
  ],
];

describe('a module is refused for', () => {
  it.each(REFUSED)('%s', (_, source, name) => {
    expect(() => lowerModule(encodeModule(source))).toThrow(
      expect.objectContaining({
        code: 'MODULE_UNSUPPORTED',
        message: expect.stringContaining(name),
      }),
    );
  });

  it('a host function', () => {
    const text = (value: string) => [value.length, ...Buffer.from(value)];
    const imports: [number, number[]] = [2, [1, ...text('env'), ...text('log'), 0, 0]];
    const wasm = encodeModule({ functions: [{ body: [] }], exports: { step: 1 }, imports });
    expect(() => lowerModule(wasm)).toThrow(
      expect.objectContaining({
        code: 'MODULE_UNSUPPORTED',
        message: expect.stringContaining('env.log'),
      }),
    );
  });

  it('an instruction, with its function and its place', () => {
    const wasm = encodeModule({
      functions: [{ body: [] }, { body: [0x3f, 0, 0x1a] }],
      exports: { step: 0, other: 1 },
    });
    const at = Buffer.from(wasm).indexOf(Buffer.from([0x3f, 0, 0x1a]));
    expect(() => lowerModule(wasm)).toThrow(
      expect.objectContaining({
        details: { instruction: 'memory.size', function: 'other', offset: at },
      }),
    );
  });

  it('more slots than there are', () => {
    const locals = Array.from({ length: SLOTS + 1 }, () => 'i32' as const);
    expect(() => lowerModule(encodeModule({ functions: [{ locals, body: [] }] }))).toThrow(
      expect.objectContaining({ code: 'MODULE_UNSUPPORTED' }),
    );
  });

  it('bytes that are no module, and a missing entry', () => {
    expect(() => lowerModule(Uint8Array.of(0, 0x61))).toThrow(
      expect.objectContaining({ code: 'MODULE_INVALID' }),
    );
    const wasm = encodeModule({ functions: [{ results: ['i32'], body: i32Const(1) }] });
    expect(() => lowerModule(wasm)).toThrow(expect.objectContaining({ code: 'MODULE_NO_ENTRY' }));
    expect(() => lowerModule(wasm, 'run')).toThrow(
      expect.objectContaining({ code: 'MODULE_NO_ENTRY' }),
    );
  });
});

it('gives static data with its address', () => {
  const data: [number, number[]] = [11, [1, 0, ...i32Const(0x3000), 0x0b, 3, 7, 8, 9]];
  const wasm = encodeModule({ functions: [{ body: [] }], sections: [data] });
  expect(lowerModule(wasm).data).toEqual([{ address: 0x3000, bytes: Uint8Array.of(7, 8, 9) }]);
});
