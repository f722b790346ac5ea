/**
 * Known ways out of Lua sandboxes. Each is the data of an Eval in a process of its own. One that got
 * out answers ESCAPED; anything else, errors and limits included, is the process's own affair.
 */

/** Answers ESCAPED if an expression has a value. */
const absent = (expression: string) => `return (${expression}) ~= nil and 'ESCAPED' or 'gone'`;

export const ESCAPES: readonly (readonly [name: string, code: string])[] = [
  // Bytecode: the interpreter trusts it.
  ['load of bytecode', `return load('\\27Lua\\84\\0\\25\\147\\r\\n') and 'ESCAPED'`],
  ['load of bytecode by mode', `return load('\\27Lua', 'x', 'b') and 'ESCAPED'`],
  ['load of bytecode by both modes', `return load('\\27Lua', 'x', 'bt') and 'ESCAPED'`],
  [
    'load of bytecode in parts',
    `local n = 0 return load(function() n = n + 1 return ({'\\27', 'Lua'})[n] end) and 'ESCAPED'`,
  ],
  [
    'load with a mode that changes as it is read',
    `local n = 0
    local mode = setmetatable({}, { __tostring = function() n = n + 1 return n == 1 and 't' or 'b' end })
    return load('\\27Lua', 'x', mode) and 'ESCAPED'`,
  ],
  [
    'load with a chunk that changes as it is read',
    `local chunk = setmetatable({}, { __call = function() return '\\27Lua' end })
    return load(chunk) and 'ESCAPED'`,
  ],
  ['string.dump', absent('string.dump')],
  // The debug library.
  ...[
    'getregistry',
    'getmetatable',
    'setmetatable',
    'getupvalue',
    'setupvalue',
    'upvaluejoin',
    'upvalueid',
    'getlocal',
    'setlocal',
    'gethook',
    'sethook',
    'getuservalue',
    'setuservalue',
    'setcstacklimit',
    'debug',
  ].map((name) => [`debug.${name}`, absent(`debug.${name}`)] as const),
  [
    'functions of the host by debug.getinfo',
    `
    for level = 0, 20 do
      local info = debug.getinfo(level, 'f')
      if info and info.func == string.dump and string.dump then return 'ESCAPED' end
    end return 'nothing'`,
  ],
  [
    'locals of the kernel by debug.getinfo',
    `
    local info = debug.getinfo(2, 'Slnfu') or {}
    return info.locals and 'ESCAPED' or 'nothing'`,
  ],
  // Files, programs, libraries.
  ['io', absent('io')],
  ...['execute', 'exit', 'remove', 'rename', 'tmpname', 'setlocale'].map(
    (name) => [`os.${name}`, absent(`os.${name}`)] as const,
  ),
  [
    'environment variables',
    `return (os.getenv('PATH') or os.getenv('HOME')) and 'ESCAPED' or 'none'`,
  ],
  ['dofile and loadfile', absent('dofile or loadfile')],
  ['package.loadlib', absent('package.loadlib or package.searchpath')],
  ...[
    'io',
    'ffi',
    'lfs',
    'socket',
    'fs',
    'child_process',
    '../../../etc/passwd',
    '/etc/passwd',
    'node:fs',
    '_llama',
    'wasmoon',
  ].map(
    (name) =>
      [
        `require of ${name}`,
        `return pcall(require, '${name}') and 'ESCAPED' or 'refused'`,
      ] as const,
  ),
  [
    'a searcher of its own',
    `
    table.insert(package.searchers, function(name) return io and io.open end)
    return pcall(require, 'file') and io and 'ESCAPED'`,
  ],
  [
    'another _ENV',
    `local f = load('return io
      or os.execute', 'x', 't', setmetatable({}, { __index = _G })) return f() and 'ESCAPED'`,
  ],
  // Metatables that everything shares.
  [
    'the metatable of strings',
    `
    local m = getmetatable('') m.__index = function() return 'mine' end m.__add = function() return 1 end
    return 'changed'`,
  ],
  ['no metatable of strings', `getmetatable('').__index = nil return 'changed'`],
  [
    '_G with traps',
    `setmetatable(_G, { __index = function(_, k) error(k) end, __newindex = error }) return 'set'`,
  ],
  [
    'the kernel overwritten',
    `for name in pairs(package.loaded) do package.loaded[name] = nil end
    handle, Handlers, ao, require, pcall, error, json = nil return 'gone'`,
  ],
  ['handle that answers no string', `handle = function() return 5 end return 'set'`],
  ['handle that answers no JSON', `handle = function() return '{"ok":' end return 'set'`],
  [
    'handle that answers a tree',
    `handle = function() return ('['):rep(200000) .. (']'):rep(200000) end return 'set'`,
  ],
  [
    'handle that answers deep output',
    `handle = function() return '{"ok":true,"response":{"Output":' .. ('['):rep(100000)
      .. (']'):rep(100000) .. '}}' end return 'set'`,
  ],
  [
    'handle that answers odd lists',
    `handle = function() return '{"ok":true,"response":{"Messages":[null,5,[],{"Target":{},"Tags":{}},\
{"Target":null,"Tags":[null,1,{"name":1}]}],\
"Spawns":[null,{"Tags":null}],\
"Assignments":[null,7,{"Processes":"x"},{"Processes":[null]}],"Output":null}}' end return 'set'`,
  ],
  [
    'handle that answers prototypes',
    `handle = function() return '{"ok":true,"__proto__":{"polluted":true},"response":{"__proto__":{"polluted":true},\
"constructor":{"prototype":{"polluted":true}},\
"Messages":[{"__proto__":{"polluted":true}}],"Output":{"__proto__":{"polluted":true}}}}' end return 'set'`,
  ],
  [
    'handle that answers numbers beyond all',
    `handle = function() return '{"ok":true,"response":{"Output":{"data":1e999,"print":-0}}}' end return 'set'`,
  ],
  // Prototype names as keys, tags and data.
  [
    'prototype names as tags',
    `
    for _, name in ipairs({ '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty' }) do
      Send({ Target = ao.id, Tags = { [name] = 'x', { name = name, value = 'polluted' } }, [name] = 'y' })
    end return 'sent'`,
  ],
  [
    'prototype names as output',
    `return require('json').encode({ __proto__ = { polluted = true }, constructor = 1 })`,
  ],
];
