-- A counter that anybody may push on and read, and only its owner may set back.
local step = require('step')

Count = Count or 0

Handlers.add('increment', 'Increment', function(msg)
  Count = Count + step.read(msg.Tags.Step)
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)

Handlers.add('count', 'Count', function(msg)
  msg.reply({ Action = 'Counted', Data = tostring(Count) })
end)

Handlers.add('reset', 'Reset', function(msg)
  assert(msg.From == Owner, 'only the owner sets the counter back')
  Count = 0
  msg.reply({ Action = 'Counted', Data = '0' })
end)
