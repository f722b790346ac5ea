import { describe, expect, test } from 'vitest';
import { isIncomplete } from '../../../cli/repl/lua-syntax.js';

describe('asks for another line', () => {
  test.each([
    'function f()',
    'Handlers.add("ping", "Ping", function(msg)',
    'if x then',
    'for i = 1, 3 do',
    'while true do\n  print(1)',
    'repeat x = 1',
    'Send({ Target = ao.id,',
    'x = [[ a long',
    'x = [==[ not the end ]]',
    '--[[ a comment',
    'x =',
    'local',
    'print("a" ..',
    'return a and',
    'do local x = 1',
  ])('%j', (source) => {
    expect(isIncomplete(source)).toBe(true);
  });
});

describe('sends', () => {
  test.each([
    '',
    '1 + 1',
    'Inbox[#Inbox].Data',
    'function f() return 1 end',
    'for i = 1, 3 do print(i) end',
    'while x do x = nil end',
    'repeat x = 1 until x == 1',
    'if a then b() elseif c then d() else e() end',
    'print("end of function(")',
    "x = 'it is (not) open'",
    'x = "a \\" quote ("',
    '-- a comment with function (',
    'x = [[ closed ( ]] y = 1',
    'x = t.endless',
    'do return end',
    'goto done ::done::',
    'x = ")"', // nothing is open
    'print("unfinished', // Lua itself complains about that
    ')', // and about this
  ])('%j', (source) => {
    expect(isIncomplete(source)).toBe(false);
  });
});
