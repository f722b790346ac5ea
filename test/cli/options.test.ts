import { describe, expect, test } from 'vitest';
import { CliError } from '../../cli/errors.js';
import { type OptionSpec, parseArguments } from '../../cli/options.js';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'port-base', value: 'N', integer: { min: 1, max: 65_530 }, summary: 'ports' },
  { name: 'db', value: 'DIR', summary: 'folder' },
  { name: 'json', summary: 'one line' },
];
const FILE = [{ name: 'FILE.lua', required: true }];

function refusal(argv: string[], positionals = FILE): CliError {
  try {
    parseArguments('run', argv, OPTIONS, positionals);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error(`${argv.join(' ')} was accepted`);
}

test('the last positional may stand for many', () => {
  const many = [{ name: 'FILES', required: false, many: true }];
  expect(parseArguments('test', ['a', 'b', 'c'], OPTIONS, many).positionals).toEqual([
    'a',
    'b',
    'c',
  ]);
  expect(parseArguments('test', [], OPTIONS, many).positionals).toEqual([]);
});

test('reads flags, texts, whole numbers and positionals in any order', () => {
  const args = parseArguments(
    'run',
    ['--json', 'a.lua', '--db=x', '--port-base', '5000'],
    OPTIONS,
    FILE,
  );
  expect([...args.flags]).toEqual(['json']);
  expect(args.texts.get('db')).toBe('x');
  expect(args.integers.get('port-base')).toBe(5000);
  expect(args.positionals).toEqual(['a.lua']);
});

test('an id may begin with a dash, unless it is an option', () => {
  const wanted = [{ name: 'ID', required: true, isId: true }];
  const read = (...argv: string[]) => parseArguments('trace', argv, OPTIONS, wanted);
  for (const id of ['-tl', '-tl...7Zw', '-h_x', '-3-']) {
    expect(read(id, '--json')).toMatchObject({ positionals: [id], flags: new Set(['json']) });
  }
  expect(read('--', '--a').positionals).toEqual(['--a']);
  expect(() => read('-t')).toThrow('unknown option -t');
  expect(() => read('--jsn')).toThrow('unknown option --jsn');
  expect(read('-h').flags.has('help')).toBe(true);
});

test('--help asks for nothing else', () => {
  expect(parseArguments('run', ['-h'], OPTIONS, FILE).flags.has('help')).toBe(true);
});

describe('a mistake is answered with the value and what to do', () => {
  test.each([
    [['a.lua', '--prot-base', '1'], /unknown option --prot-base/, /Did you mean --port-base/],
    [['a.lua', '-x'], /unknown option -x/, /corral run --help/],
    [['a.lua', '--port-base', 'abc'], /--port-base cannot be "abc"/, /from 1 to 65530/],
    [['a.lua', '--port-base', '70000'], /cannot be "70000"/, /from 1 to 65530/],
    [['a.lua', '--port-base', '1.5'], /cannot be "1.5"/, /whole number/],
    [['a.lua', '--db'], /--db needs a value/, /--db DIR/],
    [['a.lua', '--db', '--json'], /--db needs a value/, /--db DIR/],
    [['a.lua', '--db='], /--db needs a value/, /--db DIR/],
    [['a.lua', '--json=yes'], /--json takes no value, but got "yes"/, /--help/],
    [[], /needs FILE.lua/, /--help/],
    [['a.lua', 'b.lua'], /unexpected argument "b.lua"/, /--help/],
  ])('%j', (argv, message, hint) => {
    const error = refusal(argv);
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });
});
