--[[
  What `require("llama")` gives to a process: a llama model, as aos-llama's module of that name does.

    local Llama = require("llama")
    Llama.load("/data/<id of a GGUF model>")
    Llama.setPrompt("Once upon a time")
    print(Llama.run(30))

  The model runs in the host's inference engine, whose functions this chunk is called with.
  Source: permaweb/aos-llama, src/llama.lua (fields and callbacks).
  Divergence: failures are Lua errors that say what is wrong; `next` gives whole characters; `add`
  continues the text (no begin token, no space put first); `load` takes sampling options.
]]
local engine = ...

Llama = {
  logLevels = { error = 2, warn = 3, info = 4, debug = 5 },
  logLevel = 5,
  log = {},
}

--- Called with each line of the engine's log up to `logLevel`. Keeps them in `Llama.log`.
function Llama.onLog(level, text)
  table.insert(Llama.log, { level = level, text = text })
end

--- Called while a prompt is evaluated, with the share of it that is done: above 0, at most 1.
function Llama.onProgress(share) end

local function reportLog()
  for _, line in ipairs(engine.takeLog()) do
    if line.level <= Llama.logLevel then Llama.onLog(line.level, line.text) end
  end
end

--- Evaluates what was put in, part by part.
local function evaluate()
  repeat
    local share = engine.advance()
    Llama.onProgress(share)
  until share >= 1
end

--- One line about the engine and the model.
function Llama.info() return engine.info() end

--- Opens a model by its path "/data/<id>". `sampling` may set temperature, topP and seed;
--- without it every token is the likeliest one.
function Llama.load(path, sampling)
  engine.load(path, sampling)
  reportLog()
end

--- Forgets the text so far and starts from `text`.
function Llama.setPrompt(text)
  engine.setPrompt(text)
  evaluate()
end

--- Puts text after the text so far.
function Llama.add(text)
  engine.add(text)
  evaluate()
end

--- Starts a whole answer. `question` has `prompt`, `tokens` (most to generate), and optionally
--- `stops` (texts that end it), `trim` (no white space first), `temperature`, `topP` and `seed`.
--- Call `next` until it gives nil; then `ending` has the answer.
function Llama.answer(question)
  engine.answer(question)
  evaluate()
end

--- The answer so far: `text`, `tokens`, `promptTokens`, and once it has ended `reason` ('length',
--- 'end', 'stop' or 'context') and `stopIndex`, which of the stops it was.
function Llama.ending() return engine.ending() end

--- What proves the answer, once it has ended: a table, or nil where nobody keeps proofs.
function Llama.claim() return engine.claim() end

--- The next token's text; nil at the end of the answer. Empty while a character is incomplete.
function Llama.next()
  local text = engine.next()
  reportLog()
  return text
end

--- The text of up to `count` further tokens.
function Llama.run(count)
  local pieces = {}
  for _ = 1, count do
    local text = Llama.next()
    if not text then break end
    table.insert(pieces, text)
  end
  return table.concat(pieces)
end

--- Lets go of the model and the text.
function Llama.stop() engine.stop() end

return Llama
