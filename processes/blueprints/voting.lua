-- Votes weighted by stake, on top of the staking blueprint: the first vote on a target sets the
-- deadline, in blocks from then; past it the vote is counted and forgotten.
local bint = require('.bint')(256)

Stakers = Stakers or {}
Votes = Votes or {}

Handlers.add('voting.vote', 'Vote', function(msg)
  local target, side = msg.Tags.Target, msg.Side
  assert(type(target) == 'string', 'Target is required!')
  assert(side == 'yay' or side == 'nay', 'Side must be yay or nay')
  local stake = Stakers[msg.From]
  assert(stake and bint(stake.amount) > 0, 'No staked amount')
  local blocks = math.tointeger(tonumber(msg.Deadline))
  assert(Votes[target] or blocks, 'Deadline must be a number of blocks')
  Votes[target] = Votes[target]
    or { yay = '0', nay = '0', deadline = msg['Block-Height'] + blocks }
  local vote = Votes[target]
  vote[side] = tostring(bint(vote[side]) + bint(stake.amount))
end)

local function countDue(msg)
  for target, vote in pairs(Votes) do
    if msg['Block-Height'] >= vote.deadline then
      if bint(vote.yay) > bint(vote.nay) then print('Handle Vote') end
      Votes[target] = nil
    end
  end
end

local function atEveryMessage()
  return 'continue'
end

Handlers.prepend('voting.count', atEveryMessage, countDue)
