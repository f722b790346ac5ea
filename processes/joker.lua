--[[
  Llama Joker: an NPC that tells a joke on any topic, and pays a herder for it with its own wAR.

  Ask it with Action=Joke and the topic as the Topic tag or Data; it answers with Joke-Response, or
  Joke-Error with the reason. Needs the client package (APM.install('@sam/Llama-Herder')) and wAR.
  Its purse is open to whoever asks; what bounds the loss is what it holds.
]]
local Herd = require('@sam/Llama-Herder')

local MAX_TOPIC_BYTES = 100
local MAX_WAITING = 100 -- askers at a time

Joker = Joker or {
  tokens = 48, -- longest joke
  system = 'Tell a joke on the given topic',
  waiting = 0,
}

-- Nobody reads the mail of this process: whatever no handler knows is shown and dropped, or anyone
-- could fill its memory.
Inbox = setmetatable(Inbox, { __newindex = function() end })

--- The prompt of a joke, in the roles of the model's chat layout (docs/MODEL_CARD.md).
function Joker.prompt(topic)
  return '<|system|>\n' .. Joker.system .. '\n<|user|>\n' .. topic .. '\n<|assistant|>\n'
end

--- A topic fit for a prompt: one line, and no chat role that the asker could speak in.
local function cleanTopic(text)
  if type(text) ~= 'string' or #text > MAX_TOPIC_BYTES then return nil end
  local topic = text:gsub('<|.-|>', ''):gsub('%s+', ' '):gsub('^ ', ''):gsub(' $', '')
  if topic ~= '' then return topic end
end

Handlers.add('Joker.Joke', 'Joke', function(msg)
  -- What waits for the herder keeps these two of the message, which may be large.
  local asker, reference = msg.From, msg['X-Reference'] or msg.Reference
  local function answer(reply)
    reply.Target, reply['X-Reference'] = asker, reference
    ao.send(reply)
  end
  local function refuse(reason)
    answer({ Action = 'Joke-Error', Error = reason, Data = 'No joke today: ' .. reason })
  end
  local topic = cleanTopic(msg.Topic or msg.Data)
  if not topic then
    return refuse('the topic must be a text of at most ' .. MAX_TOPIC_BYTES .. ' bytes')
  end
  if Joker.waiting >= MAX_WAITING then return refuse('too many people ask for jokes') end

  Joker.waiting = Joker.waiting + 1
  Herd.run(Joker.prompt(topic), Joker.tokens, function(text)
    Joker.waiting = Joker.waiting - 1
    answer({ Action = 'Joke-Response', Topic = topic, Data = (text:gsub('^%s+', '')) })
  end, {
    OnError = function(reason)
      Joker.waiting = Joker.waiting - 1
      refuse(reason)
    end,
  })
end)
