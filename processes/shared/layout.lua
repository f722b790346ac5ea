--[[
  How a job is put before a model: the text around a bare prompt, and what ends the answer. The
  worker that computes and the arbiter that judges use this one file, or an honest answer could be
  lost to a difference in white space.
]]
local Layout = {
  -- Where a model names no layout of its own: that of the demo model (docs/MODEL_CARD.md).
  TEMPLATE = '<|user|>\n{prompt}\n<|assistant|>\n',
  -- A piece of text that begins another chat role ends the answer.
  ROLES = { '<|system|>', '<|user|>', '<|assistant|>', '<|end|>' },
}

--- The text that the model sees. A prompt that sets its own roles is left as it is.
function Layout.layOut(prompt, template, roles)
  for _, role in ipairs(roles) do
    if prompt:find(role, 1, true) then return prompt end
  end
  return (template:gsub('{prompt}', function() return prompt end))
end

--- The texts that end an answer, the caller's own first.
function Layout.stops(termination, roles)
  local stops = { table.unpack(roles) }
  if termination then table.insert(stops, 1, termination) end
  return stops
end

--- Whether white space at the answer's start is dropped: a chat turn begins where its text does, a
--- completion goes on where the prompt broke off.
function Layout.isTurn(prompt)
  return prompt:match('<|assistant|>%s*$') ~= nil
end

return Layout
