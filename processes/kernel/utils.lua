-- Small functional helpers over arrays and maps (most of them curried), and the two functions that
-- decide whether a message matches a spec.
local find, lower, match = string.find, string.lower, string.match

local utils = { _version = '0.0.5' }

local function isArray(value)
  if type(value) ~= 'table' then return false end
  local size = 0
  for _ in pairs(value) do
    size = size + 1
  end
  return size == #value
end

-- Specs ------------------------------------------------------------------------------------------

-- Whether `value` satisfies the pattern `p`: '_' (present), text (equal, or a Lua pattern when it
-- has magic characters; case is ignored), a function of (value, msg), or a table of alternatives.
function utils.matchesPattern(p, value, msg)
  local kind = type(p)
  if kind == 'function' then return p(value, msg) and true or false end
  if kind == 'table' then
    for _, alternative in pairs(p) do
      if utils.matchesPattern(alternative, value, msg) then return true end
    end
    return false
  end
  if kind ~= 'string' or not value then return false end
  if p == '_' then return true end
  if find(p, '[%^%$%(%)%%%.%[%]%*%+%?]') then
    return match(lower(value), lower(p)) ~= nil
  end
  return p == value or lower(value) == lower(p)
end

-- A function spec answers for itself; text is compared with the Action; a table needs every key,
-- looked up at the root of the message and among its tags.
function utils.matchesSpec(msg, spec)
  if type(spec) == 'function' then return spec(msg) end
  if type(spec) == 'string' then return msg.Action == spec end
  if type(spec) ~= 'table' then return false end
  local tags = type(msg.Tags) == 'table' and msg.Tags or {}
  for key, p in pairs(spec) do
    local root, tag = msg[key], tags[key]
    if not root and not tag then return false end
    local atRoot = utils.matchesPattern(p, root, msg)
    local inTags = utils.matchesPattern(p, tag, msg)
    if not atRoot and not inTags then return false end
  end
  return true
end

-- Functional helpers -----------------------------------------------------------------------------

-- A function that may be given its `arity` arguments over several calls.
function utils.curry(fn, arity)
  assert(type(fn) == 'function', 'function is required as first argument')
  arity = arity or debug.getinfo(fn, 'u').nparams
  if arity < 2 then return fn end
  local function collect(given)
    return function(...)
      local args = table.pack(table.unpack(given, 1, given.n))
      for i = 1, select('#', ...) do
        args[args.n + i] = (select(i, ...))
      end
      args.n = args.n + select('#', ...)
      if args.n >= arity then return fn(table.unpack(args, 1, args.n)) end
      return collect(args)
    end
  end
  return collect({ n = 0 })
end

utils.concat = utils.curry(function(a, b)
  assert(type(a) == 'table', 'first argument should be a table that is an array')
  assert(type(b) == 'table', 'second argument should be a table that is an array')
  assert(isArray(a), 'first argument should be a table')
  assert(isArray(b), 'second argument should be a table')
  local joined = table.move(a, 1, #a, 1, {})
  return table.move(b, 1, #b, #joined + 1, joined)
end, 2)

utils.reduce = utils.curry(function(fn, initial, list)
  assert(
    type(fn) == 'function',
    'first argument should be a function that accepts (result, value, key)'
  )
  assert(isArray(list), 'third argument should be a table that is an array')
  local result = initial
  for key, value in pairs(list) do
    if result == nil then
      result = value
    else
      result = fn(result, value, key)
    end
  end
  return result
end, 3)

utils.map = utils.curry(function(fn, list)
  assert(type(fn) == 'function', 'first argument should be a unary function')
  assert(isArray(list), 'second argument should be an Array')
  local mapped = {}
  for i, value in ipairs(list) do
    mapped[i] = fn(value, i)
  end
  return mapped
end, 2)

utils.filter = utils.curry(function(fn, list)
  assert(type(fn) == 'function', 'first argument should be a unary function')
  assert(isArray(list), 'second argument should be an Array')
  local kept = {}
  for _, value in ipairs(list) do
    if fn(value) then kept[#kept + 1] = value end
  end
  return kept
end, 2)

utils.find = utils.curry(function(fn, list)
  assert(type(fn) == 'function', 'first argument should be a unary function')
  assert(type(list) == 'table', 'second argument should be a table that is an array')
  for _, value in pairs(list) do
    if fn(value) then return value end
  end
end, 2)

utils.includes = utils.curry(function(wanted, list)
  assert(type(list) == 'table', 'argument needs to be a table')
  assert(isArray(list), 'argument should be a table that is an array')
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end, 2)

utils.propEq = utils.curry(function(name, wanted, object)
  assert(type(name) == 'string', 'first argument should be a string')
  assert(type(wanted) == 'string', 'second argument should be a string')
  assert(type(object) == 'table', 'third argument should be a table<object>')
  return object[name] == wanted
end, 3)

utils.prop = utils.curry(function(name, object)
  assert(type(name) == 'string', 'first argument should be a string')
  assert(type(object) == 'table', 'second argument should be a table<object>')
  return object[name]
end, 2)

function utils.reverse(list)
  assert(isArray(list), 'argument needs to be a table that is an array')
  local reversed, size = {}, #list
  for i = 1, size do
    reversed[i] = list[size - i + 1]
  end
  return reversed
end

-- Right to left: compose(f, g)(v) is f(g(v)).
function utils.compose(...)
  local chain = table.pack(...)
  assert(chain.n >= 2, 'each argument needs to be a function')
  for i = 1, chain.n do
    assert(type(chain[i]) == 'function', 'each argument needs to be a function')
  end
  return function(value)
    for i = chain.n, 1, -1 do
      value = chain[i](value)
    end
    return value
  end
end

function utils.keys(object)
  assert(type(object) == 'table', 'argument needs to be a table')
  local keys = {}
  for key in pairs(object) do
    keys[#keys + 1] = key
  end
  return keys
end

function utils.values(object)
  assert(type(object) == 'table', 'argument needs to be a table')
  local values = {}
  for _, value in pairs(object) do
    values[#values + 1] = value
  end
  return values
end

-- Names ------------------------------------------------------------------------------------------

-- 'hELLO' -> 'Hello'; other types as they are.
function utils.capitalize(text)
  if type(text) ~= 'string' then return text end
  return text:sub(1, 1):upper() .. text:sub(2):lower()
end

-- 'foo_bar-BAZ' -> 'Foo-Bar-Baz', the form in which tag names reach a program.
function utils.normalize(name)
  if type(name) ~= 'string' then return name end
  local titled = name:gsub('_', '-'):lower():gsub('^%l', string.upper)
  return (titled:gsub('%-%l', string.upper))
end

return utils
