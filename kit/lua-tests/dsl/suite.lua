-- describe, test and their hooks: a file is read into groups and tests, which the host then runs
-- one by one. Functions stay here; the host knows names, lines and numbers.
local failure = require('corral.failure')
local calls = require('corral.call')
local where = require('corral.where')

local suite = {}

-- The file itself is the first group.
local groups, tests, current
local order = 0

local function nextOrder()
  order = order + 1
  return order
end

local function newGroup(name, parent, mode)
  local group = {
    name = name,
    parent = parent,
    mode = mode,
    line = where.here(3).line,
    order = nextOrder(),
    before = {},
    before_each = {},
    after_each = {},
  }
  groups[#groups + 1] = group
  group.id = #groups
  return group
end

local function reading(what)
  if current then return end
  failure.misuse(
    what .. ' is called while a test runs',
    'Call it at the top of the file or in a describe.'
  )
end

local function checkNamed(what, name, body)
  if type(name) == 'string' and name ~= '' and type(body) == 'function' then return end
  failure.misuse(
    what .. ' takes a name and a function',
    'Write ' .. what .. '("what it does", function() ... end).'
  )
end

local function addTest(name, body, mode)
  reading('test')
  checkNamed('test', name, body)
  local here = where.here(2)
  tests[#tests + 1] = {
    id = #tests + 1,
    group = current,
    name = name,
    body = body,
    mode = mode,
    line = here.line,
    order = nextOrder(),
  }
end

local function addGroup(name, body, mode)
  reading('describe')
  checkNamed('describe', name, body)
  local outer, outerName = current, calls.state.describing
  current, calls.state.describing = newGroup(name, outer, mode), name
  body()
  current, calls.state.describing = outer, outerName
end

local function addHook(kind)
  return function(body)
    reading(kind)
    if type(body) ~= 'function' then
      failure.misuse(kind .. ' takes a function', 'Write ' .. kind .. '(function() ... end).')
    end
    table.insert(current[kind], body)
  end
end

-- `test(name, body)`, `test.only(name, body)`, `test.skip(name, body)`.
local function withModes(add)
  local function mode(name)
    return function(...) return add(select(1, ...), select(2, ...), name) end
  end
  local callable = { only = mode('only'), skip = mode('skip') }
  return setmetatable(callable, { __call = function(_, name, body) return add(name, body) end })
end

suite.globals = {
  describe = withModes(addGroup),
  test = withModes(addTest),
  before = addHook('before'),
  before_each = addHook('before_each'),
  after_each = addHook('after_each'),
}

local function plainGroup(group)
  return {
    id = group.id,
    name = group.name,
    parent = group.parent and group.parent.id,
    mode = group.mode,
    line = group.line,
    order = group.order,
    prepares = #group.before > 0,
  }
end

local function plainTest(test)
  return {
    id = test.id,
    name = test.name,
    group = test.group.id,
    mode = test.mode,
    line = test.line,
    order = test.order,
  }
end

-- Runs the chunk of a test file. Returns its groups and tests as plain values.
function suite.read(chunk)
  groups, tests = {}, {}
  current = newGroup('', nil, nil)
  chunk()
  current = nil
  local plain = { groups = {}, tests = {} }
  for i, group in ipairs(groups) do plain.groups[i] = plainGroup(group) end
  for i, test in ipairs(tests) do plain.tests[i] = plainTest(test) end
  return plain
end

-- What a group prepares once for all of its tests.
function suite.prepare(id)
  for _, body in ipairs(groups[id].before) do body() end
end

-- From the file down to the group.
local function lineage(group)
  local line = {}
  while group do
    table.insert(line, 1, group)
    group = group.parent
  end
  return line
end

-- One test between its hooks. What comes after it runs whether it passed or not.
function suite.run(id)
  local test = tests[id]
  local line = lineage(test.group)
  local ok, reason = xpcall(function()
    for _, group in ipairs(line) do
      for _, body in ipairs(group.before_each) do body() end
    end
    test.body()
  end, failure.capture)
  for depth = #line, 1, -1 do
    for _, body in ipairs(line[depth].after_each) do
      local fine, problem = xpcall(body, failure.capture)
      if ok and not fine then ok, reason = false, problem end
    end
  end
  if not ok then error(reason, 0) end
end

return suite
