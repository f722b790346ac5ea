/**
 * Known ways to exhaust the host of a Lua machine: its time, its stacks, its memory, and the units
 * that carry what a process sends. Each is the data of an Eval in a process of its own.
 */

export const EXHAUSTION: readonly (readonly [name: string, code: string])[] = [
  // Ends that Lua code must not catch, and code that runs at the end.
  ['an endless loop', `while true do end`],
  ['an endless loop in pcall', `while true do pcall(function() while true do end end) end`],
  ['an endless loop of errors', `while true do pcall(error, {}) end`],
  [
    '__gc that never ends',
    `setmetatable({}, { __gc = function() while true do end end }) collectgarbage() return 'done'`,
  ],
  [
    '__gc that makes more of itself',
    `
    local function again() setmetatable({}, { __gc = again }) end
    again() for i = 1, 1e5 do local t = {} end collectgarbage() return 'done'`,
  ],
  ['__gc that raises', `setmetatable({}, { __gc = error }) collectgarbage() return 'done'`],
  [
    '__close that never ends',
    `do local x <close> = setmetatable({}, { __close = function() while true do end end }) end`,
  ],
  [
    '__close that yields',
    `do local x <close> = setmetatable({}, { __close = function() coroutine.yield(true) end }) end return 1`,
  ],
  [
    '__tostring that never ends, as an error',
    `error(setmetatable({}, { __tostring = function() while true do end end }))`,
  ],
  ['__tostring that raises, as an error', `error(setmetatable({}, { __tostring = error }))`],
  ['nil as an error', `error(nil)`],
  ['a function as an error', `error(print)`],
  ['a thread as an error', `error(coroutine.create(print))`],
  ['an error in the error handler', `xpcall(error, function() error('again') end) error('x')`],
  [
    'coroutines that wrap themselves',
    `local function f() return coroutine.wrap(f)() end return f()`,
  ],
  [
    'coroutines that resume themselves',
    `local co co = coroutine.create(function() return coroutine.resume(co) end)
      return tostring(coroutine.resume(co))`,
  ],
  [
    'a wrapped coroutine that errors for ever',
    `while true do pcall(coroutine.wrap(error), 'x') end`,
  ],
  [
    'yields across pcall, sort and gsub',
    `
    pcall(coroutine.yield) table.sort({ 3, 2, 1 }, function() coroutine.yield() end) return 1`,
  ],
  [
    'collectgarbage with odd arguments',
    `
    for _, option in ipairs({ 'stop', 'restart', 'generational', 'incremental', 'step', 'count', 'setpause', 'x' }) do
      pcall(collectgarbage, option, -1, 1e9, 0 / 0)
    end return 'done'`,
  ],
  [
    'a collector that is stopped',
    `collectgarbage('stop') local t = {} while true do t = { t } end`,
  ],
  // The C stack.
  ['recursion', `local function f() return 1 + f() end return f()`],
  ['recursion in pcall', `local function f() return pcall(f) and 1 end f() return 'done'`],
  [
    'recursion in metamethods',
    `local t = {} setmetatable(t, { __index = function(_, k) return t[k .. 'x'] end }) return t.x`,
  ],
  [
    'a chain of __index',
    `local t = {} for i = 1, 1e5 do t = setmetatable({}, { __index = t }) end return t.x`,
  ],
  [
    'recursion in tostring',
    `local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) return tostring(t)`,
  ],
  ['recursion in gsub', `local function f(s) return (s:gsub('.', f)) end return f('xxxx')`],
  ['recursion in sort', `local function f() table.sort({ 1, 2, 3 }, f) end f()`],
  ['recursion in load', `local function f() return load(f) end f() return 'done'`],
  [
    'recursion in require',
    `package.preload.x = function() package.loaded.x = nil return require('x') end return require('x')`,
  ],
  [
    'nested parentheses',
    `return load('return ' .. ('('):rep(1e5) .. '1' .. (')'):rep(1e5)) and 'compiled'`,
  ],
  ['nested tables', `return load('return ' .. ('{'):rep(1e5) .. ('}'):rep(1e5)) and 'compiled'`],
  ['nested functions', `return load(('function() return '):rep(1e4)) and 'compiled'`],
  ['nested blocks', `return load(('do '):rep(1e5) .. ('end '):rep(1e5)) and 'compiled'`],
  ['a chain of operators', `return load('return ' .. ('-'):rep(1e5) .. '1') and 'compiled'`],
  [
    'a chain of concatenations',
    `return load('return ' .. ('"" .. '):rep(1e5) .. '""') and 'compiled'`,
  ],
  ['nested patterns', `return (('('):rep(1e5)):find(('('):rep(40))`],
  ['many locals', `return load(('local a '):rep(300)) and 'compiled'`],
  [
    'many upvalues and constants',
    `local s = {} for i = 1, 3e4 do s[i] = i .. '.5' end return #load('return {' .. table.concat(s, ',') .. '}')()`,
  ],
  // Loops in C.
  ['pattern backtracking', `return (('a'):rep(5000)):find(('a*'):rep(30) .. 'b')`],
  ['pattern backtracking with captures', `return (('a'):rep(5000)):match(('(a-)'):rep(30) .. 'b')`],
  ['a frontier over and over', `return (('a '):rep(1e5)):gsub('%f[%w]%f[%w]%f[%w]', '')`],
  ['balanced over and over', `return (('('):rep(3e4)):gsub('%b()', '')`],
  ['plain find', `return (('a'):rep(1e6)):find(('a'):rep(5e5) .. 'b', 1, true)`],
  ['table.move without end', `return #table.move({}, 1, math.maxinteger - 1, 2)`],
  ['table.move onto itself', `return #table.move({ 1 }, math.mininteger, -1, 1)`],
  [
    'table.concat without end',
    `return #table.concat(setmetatable({}, { __index = function() return 'x' end }), '', 1, math.maxinteger)`,
  ],
  ['table.unpack of much', `return select('#', table.unpack({}, 1, 1e7))`],
  [
    'table.insert into a length that lies',
    `table.insert(setmetatable({}, { __len = function() return math.maxinteger end }), 1) return 1`,
  ],
  [
    'table.remove from a length that lies',
    `table.remove(setmetatable({}, { __len = function() return 1e15 end }), 1) return 1`,
  ],
  [
    'sort with an order that lies',
    `local t = {} for i = 1, 1e3 do t[i] = i % 7 end table.sort(t, function() return true end) return #t`,
  ],
  [
    'sort with an order that forgets',
    `local t = {} for i = 1, 1e3 do t[i] = i end table.sort(t, function(a, b) t[a] = nil return a < b end) return 1`,
  ],
  [
    'sort of a length that lies',
    `table.sort(setmetatable({}, { __len = function() return 2 ^ 31 - 2 end, __index = function() return 1 end }))
      return 1`,
  ],
  [
    'next of a table that changes',
    `local t = { a = 1 } for k in pairs(t) do for i = 1, 1e4 do t[k .. i] = 1 end end return 1`,
  ],
  ['next of a key that is not there', `return next({}, 'x')`],
  ['select far', `return select(-1, 1) .. tostring(pcall(select, math.mininteger, 1))`],
  ['string.rep of nothing', `return #(''):rep(math.maxinteger)`],
  [
    'for without end',
    `for i = math.maxinteger - 1, math.maxinteger do end for i = 1, math.huge do end`,
  ],
  ['for with a tiny step', `for i = 0, 1, 5e-324 do end`],
  ['goto without end', `::top:: goto top`],
  // Memory.
  ['string.rep of much', `return #('x'):rep(1e9)`],
  ['string.rep of more than there is', `return #('xx'):rep(math.maxinteger)`],
  ['string.rep with a separator', `return #('x'):rep(1e6, ('y'):rep(1e4))`],
  ['strings that double', `local s = 'x' while true do s = s .. s end`],
  ['tables that double', `local t = {} for i = 1, 1e9 do t[i] = i end return #t`],
  ['tables of tables', `local t = {} while true do t = { t, t } end`],
  [
    'string.format with widths',
    `return pcall(string.format, '%9999d', 1) and 'ESCAPED' or #('%99d'):format(1)`,
  ],
  [
    'string.format of everything',
    `return pcall(string.format, ('%s'):rep(1e5), table.unpack({}, 1, 200))`,
  ],
  [
    'string.format with odd conversions',
    `
    for _, f in ipairs({ '%n', '%p', '%a', '%q', '%i', '%c', '%.99f', '%99.99f', '%-+ #0d', '%s%' }) do
      pcall(string.format, f, 1e308) pcall(string.format, f, {}) pcall(string.format, f)
    end return 'done'`,
  ],
  [
    'addresses by %p',
    `return (tostring(string.format('%p', {})):match('^0x') and not tostring({}):match('0x')) and 'ESCAPED'
      or 'same as tostring'`,
  ],
  [
    'string.pack',
    `return pcall(string.pack, ('i16'):rep(1e4)) or pcall(string.pack, '!16i17', 1)
      or pcall(string.pack, 's1', ('x'):rep(300))`,
  ],
  [
    'string.unpack out of bounds',
    `
    for _, at in ipairs({ 0, -9, 1e9, math.maxinteger, math.mininteger }) do
      for _, f in ipairs({ 's8', 'i16', 'z', 'c9', '!16 d', 'c' .. 2 ^ 31 }) do
        if pcall(string.unpack, f, 'abc', at) then return 'read ' .. f .. ' at ' .. at end
      end
    end return 'refused'`,
  ],
  [
    'string.unpack of a length that lies',
    `return pcall(string.unpack, 's8', ('\\255'):rep(8) .. 'x') and 'ESCAPED'`,
  ],
  ['string.packsize beyond all', `return pcall(string.packsize, ('i16'):rep(1e6)) and 'sized'`],
  ['string.byte of much', `return pcall(string.byte, ('x'):rep(1e7), 1, -1) and 'read'`],
  ['string.char of much', `return pcall(string.char, table.unpack({}, 1, 250))`],
  [
    'utf8 beyond all',
    `
    pcall(utf8.char, 0x7fffffff, -1) pcall(utf8.codepoint, '\\255', 1, 9) pcall(utf8.offset, 'x', math.mininteger)
    return #utf8.char(0x7fffffff)`,
  ],
  [
    'os.date with odd formats',
    `
    for _, f in ipairs({ '%', '%E', '%Ez', '*t', '!*t', '!%c', ('%c'):rep(1e4), '%\\0' }) do
      for _, t in ipairs({ 0, -1, 1e18, math.mininteger }) do pcall(os.date, f, t) end
    end return 'done'`,
  ],
  [
    'os.time with odd tables',
    `
    for _, v in ipairs({ 0, -1, 2 ^ 31, math.mininteger, 'x', {} }) do
      pcall(os.time, { year = v, month = v, day = v, hour = v, min = v, sec = v, isdst = v })
    end return 'done'`,
  ],
  [
    'tonumber and math with odd arguments',
    `
    for _, v in ipairs({ ('9'):rep(1e5), '0x' .. ('f'):rep(1e5), '1e' .. ('9'):rep(1e4), 'nan', 'inf' }) do
      tonumber(v) pcall(tonumber, v, 36) pcall(math.tointeger, v) pcall(math.random, v)
    end pcall(math.random, 0) pcall(math.random, math.mininteger, math.maxinteger) return 1 // 0.0`,
  ],
  [
    'division of the smallest',
    `return pcall(function() return math.mininteger // -1, math.mininteger % -1, 1 // 0 end)`,
  ],
  // What leaves a process.
  [
    'a message from somebody else',
    `Send({ Target = ao.id, Tags = { ['From-Process'] = 'X', From = 'X', Owner = 'X', Type = 'Process' } })
      return 'sent'`,
  ],
  [
    'an outbox of everything',
    `for i = 1, 2e4 do ao.outbox.Messages[i] = { Target = 'x' } end return 'sent'`,
  ],
  [
    'an assignment to everybody',
    `local p = {} for i = 1, 2e4 do p[i] = ao.id end Assign({ Processes = p, Message = ao.id }) return 'sent'`,
  ],
  [
    'a message that cannot be JSON',
    `Send({ Target = ao.id, Data = { 1, nil, 3, x = print } }) return 'sent'`,
  ],
  [
    'a message of bytes that are no text',
    `Send({ Target = ao.id, Data = '\\255\\0\\1', Tags = { X = '\\255' } }) return 'sent'`,
  ],
  ['output that is not text', `print('\\255\\0') return '\\255\\0\\27[2J'`],
  ['much output', `for i = 1, 1e4 do print(('x'):rep(1e4)) end return 'printed'`],
];
