import { expect, test } from 'vitest';
import { createCodeLines } from '../../../actors/lua/code-lines.js';
import { compileLua } from '../../../actors/lua/engine.js';

const codeLines = createCodeLines(compileLua());
const lines = (...text: string[]) => codeLines(text.join('\n'), 'x.lua').lines;

test('lines that can run are those with code: no comments, no blanks, no closing words', () => {
  expect(
    lines(
      '-- a comment', //        1
      'local a = 1', //         2
      '', //                    3
      'local function f(x)', // 4
      '  if x then', //         5
      '    return {', //        6
      '      a,', //            7
      '      b = 2,', //        8
      '    }', //               9
      '  else', //             10
      '    print(x)', //       11
      '  end -- of if', //     12
      'end', //                13
      'while true do', //      14
      '  break', //            15
      'end', //                16
      'f(function(...)', //    17
      '  return ...', //       18
      'end)', //               19
    ),
  ).toEqual([2, 5, 6, 7, 8, 11, 15, 17, 18]);
});

test('functions in functions count, and a file of comments has none', () => {
  expect(
    lines('function a()', ' return function()', '  return function() return 1 end', ' end', 'end'),
  ).toEqual([1, 3]);
  expect(lines('--[[', 'x = 1', ']]')).toEqual([]);
  expect(lines('')).toEqual([]);
});

test('an end that does more than close counts', () => {
  expect(lines('x(function()', 'end, 5)', 'y = function() end or 2')).toEqual([1, 2, 3]);
});

test('a long function is read to its last line', () => {
  const body = Array.from({ length: 1_000 }, (_, i) => (i % 10 === 0 ? '' : `x = ${i}`));
  expect(lines(...body)).toHaveLength(900);
});

test('what does not compile is refused with file and line, and the next text is read', () => {
  expect(() => codeLines('x = = 1', 'src/bad.lua')).toThrow(
    expect.objectContaining({
      code: 'LUA_SYNTAX',
      message: expect.stringContaining('src/bad.lua:1:'),
    }),
  );
  expect(lines('x = 1')).toEqual([1]);
});
