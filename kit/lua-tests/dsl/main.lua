-- The entry of the machine in which a test file runs: the host begins a job (read the file, prepare
-- a group, run a test) and then steps it from one call of the network to the next.
require('.dialect')
local host = require('corral.host')
local failure = require('corral.failure')
local calls = require('corral.call')
local suite = require('corral.suite')
local show = require('corral.show')

local jobs = {}

function jobs.read(job)
  local chunk, problem = load(job.source, '@' .. job.path)
  if not chunk then
    local line = math.tointeger(tonumber(problem:match(':(%d+):')))
    failure.raise({
      text = problem:gsub('^.-:%d+: ', ''),
      code = 'LUA_SYNTAX',
      frames = { { file = job.path, line = line } },
    })
  end
  return suite.read(chunk)
end

function jobs.prepare(job)
  suite.prepare(job.id)
end

function jobs.run(job)
  suite.run(job.id)
end

local function begin(job)
  calls.state.describing = nil
  calls.state.task = coroutine.create(function()
    return xpcall(jobs[job.kind], failure.capture, job)
  end)
end

-- `command` is 'begin' (the job is fetched) or 'go on' (the answer is). Returns 'asks' when the job
-- waits for a call of the host, and 'over' when it has told how it ended.
function handle(command)
  if command == 'begin' then begin(host.job()) end
  local task = calls.state.task
  local alive, ok, value = coroutine.resume(task)
  if coroutine.status(task) == 'suspended' then return 'asks' end
  calls.state.task = nil
  if not alive then ok, value = false, ok end
  if ok then host.finish(nil, value) else host.finish(failure.plain(value), nil) end
  return 'over'
end

function print(...)
  local texts = table.pack(...)
  for i = 1, texts.n do
    texts[i] = type(texts[i]) == 'table' and show(texts[i]) or tostring(texts[i])
  end
  host.print(table.concat(texts, '\t'))
end

for name, value in pairs(suite.globals) do _G[name] = value end
expect = require('corral.expect')
network = require('corral.network')
require = require('corral.require')
