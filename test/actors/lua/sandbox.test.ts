import { describe, expect, test } from 'vitest';
import { runner } from './programs.js';

/** Everything that a program can reach from its globals, by path. Nothing else may be there. */
const ALLOWED = `
_G _VERSION assert collectgarbage error getmetatable handle ipairs load next pairs pcall print
rawequal rawget rawlen rawset require select setmetatable tonumber tostring type xpcall
coroutine coroutine.create coroutine.isyieldable coroutine.resume coroutine.running
coroutine.status coroutine.wrap coroutine.yield
debug debug.getinfo debug.traceback
math math.abs math.acos math.asin math.atan math.ceil math.cos math.deg math.exp math.floor
math.fmod math.huge math.log math.max math.maxinteger math.min math.mininteger math.modf math.pi
math.rad math.random math.randomseed math.sin math.sqrt math.tan math.tointeger math.type math.ult
os os.clock os.date os.difftime os.getenv os.time
package package.config package.loaded package.preload package.preload..codec package.preload..main
package.searchers
package.searchers.1
string string.byte string.char string.find string.format string.gmatch string.gsub string.len
string.lower string.match string.pack string.packsize string.rep string.reverse string.sub
string.unpack string.upper
table table.concat table.insert table.move table.pack table.remove table.sort table.unpack
utf8 utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len utf8.offset
`;

const WALK = `
local seen, paths = {}, {}
local function walk(table, prefix)
  for key, value in pairs(table) do
    local path = prefix .. tostring(key)
    if not path:find("^package.loaded.") then paths[#paths + 1] = path end
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      walk(value, path .. ".")
    end
  end
end
seen[_G] = true
for _, library in ipairs({"coroutine", "debug", "math", "os", "package", "string", "table", "utf8"}) do
  seen[_G[library]] = true
end
walk(_G, "")
for _, library in ipairs({"coroutine", "debug", "math", "os", "package", "string", "table", "utf8"}) do
  walk(_G[library], library .. ".")
end
for key, value in pairs(package.loaded) do
  if key ~= ".main" and _G[key] ~= value then paths[#paths + 1] = "loaded " .. key end
end
for key, value in pairs(getmetatable("")) do
  if not key:find("^__") then paths[#paths + 1] = "string metatable " .. key end
end
table.sort(paths)
return table.concat(paths, " ")`;

test('a program reaches these names and no other', () => {
  const reached = runner().run(WALK).split(' ');
  const allowed = ALLOWED.trim().split(/\s+/).sort();
  expect(reached.sort()).toEqual(allowed);
});

describe('a program cannot', () => {
  test.each([
    ['open files', 'return io or package.loaded.io', 'nil'],
    ['require io', 'return pcall(require, "io")', 'false'],
    ['run files', 'return dofile or loadfile', 'nil'],
    ['run commands', 'return os.execute or os.exit or os.remove or os.rename or os.tmpname', 'nil'],
    ['load libraries', 'return package.loadlib or package.searchpath or package.cpath', 'nil'],
    ['make bytecode', 'return string.dump', 'nil'],
    [
      'load bytecode',
      'return select(2, load("\\27Lua"))',
      "attempt to load a binary chunk (mode is 't')",
    ],
    ['load bytecode by parts', 'return load(function() return "\\27Lua" end)', 'nil'],
    ['load bytecode by mode', 'return load("\\27Lua", "x", "b")', 'nil'],
    ['read the registry', 'return debug.getregistry', 'nil'],
    ['set hooks', 'return debug.sethook', 'nil'],
    ['reach upvalues', 'return debug.getupvalue or debug.setupvalue or debug.upvaluejoin', 'nil'],
    ['get at C functions by traceback', 'return debug.getinfo(load, "f").func == load', 'true'],
  ])('%s', (_, source, answer) => {
    expect(runner().run(source)).toBe(answer);
  });
});

describe('load', () => {
  test.each([
    ['compiles text', 'return load("return 1 + 1")()', '2'],
    [
      'takes a reader',
      'local parts = {"return ", "5"} return load(function() return table.remove(parts, 1) end)()',
      '5',
    ],
    [
      'names the chunk',
      'return select(2, load("x =", "=name"))',
      'name:1: unexpected symbol near <eof>',
    ],
    [
      'names it by its text otherwise',
      'return select(2, load("x ="))',
      '[string "x ="]:1: unexpected symbol near <eof>',
    ],
    ['sets the environment', 'return load("return x", "x", "t", {x = 6})()', '6'],
    ['sets a nil environment', 'return pcall(load("return x", "x", "t", nil))', 'false'],
    ['takes both modes', 'return load("return 7", "x", "bt")()', '7'],
    [
      'refuses binary mode',
      'return select(2, load("return 7", "x", "b"))',
      "attempt to load a text chunk (mode is 'b')",
    ],
  ])('%s', (_, source, answer) => {
    expect(runner().run(source)).toBe(answer);
  });
});

test('require says what it looked for', () => {
  expect(runner().run('return select(2, pcall(require, "nope"))')).toBe(
    "module 'nope' not found:\n\tno field package.preload['nope']",
  );
});

test('package.loaded and package.preload give modules', () => {
  const { run } = runner();
  run('package.preload["@a/b"] = function(name) return {name = name} end package.loaded[".c"] = 5');
  expect(run('return require("@a/b").name .. require(".c")')).toBe('@a/b5');
});
