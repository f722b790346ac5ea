/**
 * What a program finds in its Lua state before the kernel runs: the safe libraries of Lua 5.4, less
 * what Lua 5.3 (the dialect of AO) lacks. The walls are the imports (host-imports.ts) and the meter;
 * this text only keeps the room tidy, and keeps bytecode out, which could confuse the interpreter.
 * Lua source inside TypeScript, because it is part of the machine and not of any process.
 */

/** Chunk name of the text below. */
export const SANDBOX_NAME = '=sandbox';

/**
 * Returns `register(name, chunk, functions)`, which makes `require(name)` call the chunk: with the
 * functions of a device, or with what `require` passes.
 */
export const SANDBOX_SOURCE = `
local load, select, tostring, preload = load, select, tostring, package.preload

local function keep(library, names)
  local kept = {}
  for name in names:gmatch("%S+") do kept[name] = library[name] end
  for name in pairs(library) do library[name] = kept[name] end
end

keep(debug, "traceback getinfo")
keep(os, "clock date difftime getenv time")
keep(package, "loaded preload searchers config")
package.config = "/\\n;\\n?\\n!\\n-\\n"
for i = #package.searchers, 2, -1 do package.searchers[i] = nil end

io, dofile, loadfile, warn = nil, nil, nil, nil
package.loaded.io = nil
string.dump, coroutine.close = nil, nil

function _G.load(chunk, name, mode, ...)
  if mode ~= nil and not tostring(mode):find("t", 1, true) then
    return nil, "attempt to load a text chunk (mode is '" .. tostring(mode) .. "')"
  end
  if select("#", ...) == 0 then return load(chunk, name, "t") end
  return load(chunk, name, "t", (...))
end

return function(name, chunk, functions)
  preload[name] = functions and function() return chunk(functions) end or chunk
end
`;
