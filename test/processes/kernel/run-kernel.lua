-- Plays messages through the kernel on a plain Lua: lua run-kernel.lua KERNEL_FOLDER < input, where the
-- input is JSON, { env, messages }, texts in it being JSON again. Writes one reply a line.
local folder = arg[1]

local function read(name)
  local file = assert(io.open(folder .. '/' .. name, 'rb'))
  local text = file:read('a')
  file:close()
  return text
end

local json = load(read('json.lua'), 'json')()
local manifest = json.decode(read('manifest.json'))
local input = json.decode(io.read('a'))
local write = io.write

for _, module in ipairs(manifest.modules) do
  package.preload[module.name] = assert(load(read(module.file), module.name, 't'))
end

-- The room that a process lives in.
io, dofile, loadfile, package.loaded.io = nil, nil, nil, nil
os.execute, os.exit, os.remove, os.rename, os.tmpname = nil, nil, nil, nil, nil
for i = #package.searchers, 2, -1 do
  package.searchers[i] = nil
end

require(manifest.entry)
for _, message in ipairs(input.messages) do
  write(handle(message, input.env), '\n')
end
