-- `require` in a test: the project's own Lua files, looked for by the host next to the test file
-- and then in the folders above it up to the project's, and the libraries of a process (json,
-- .bint, .utils, .crypto). Written in Lua, because a file that is loaded may call the network.
local host = require('corral.host')
local failure = require('corral.failure')

local builtIn = require

-- Marks a file that is being loaded.
local LOADING = {}
local loaded = {}

local function loadFile(found, name)
  if loaded[found.path] == LOADING then
    failure.misuse(
      'the files require each other in a circle: ' .. found.path .. ' is still being loaded',
      'Move what both need into a third file, or require inside a function.'
    )
  end
  if loaded[found.path] ~= nil then return loaded[found.path] end
  local chunk, problem = load(found.source, '@' .. found.path)
  if not chunk then error(problem, 0) end
  loaded[found.path] = LOADING
  local value = chunk(name)
  if value == nil then value = true end
  loaded[found.path] = value
  return value
end

return function(name)
  if type(name) ~= 'string' then
    failure.misuse('require takes the name of a module', 'Write require("folder.file").')
  end
  local found = host.find_module(name)
  if found.path then return loadFile(found, name) end
  if package.loaded[name] ~= nil then return package.loaded[name] end
  if package.preload[name] and name:sub(1, 7) ~= 'corral.' then return (builtIn(name)) end
  failure.raise({
    text = "module '" .. name .. "' not found",
    hint = 'Looked for: ' .. table.concat(found.tried, ', ') .. '.',
    code = 'MODULE_NOT_FOUND',
  })
end
