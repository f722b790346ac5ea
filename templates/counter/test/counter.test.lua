local step = require('process.step')

local counter

before(function()
  counter = network.spawn { file = '../process/counter.lua' }
end)

local function push(from, by)
  return network.send { from = from, to = counter, action = 'Increment', tags = { Step = by } }
end

describe('counting', function()
  test('goes on by one', function()
    expect(push('alice')).to_have_message { to = 'alice', action = 'Counted', data = '1' }
  end)

  test('goes on by a step', function()
    push('alice', 5)
    expect(push('bob', 2)).to_have_message { to = 'bob', data = '7' }
    expect(counter:read('Count')).to_equal(7)
  end)

  test('starts anew in every test', function()
    expect(counter:read('Count')).to_equal(0)
  end)

  test('refuses a step that is no number', function()
    expect(push('alice', 'far')).to_fail_with('Step is a whole number')
    expect(counter:read('Count')).to_equal(0)
  end)
end)

describe('setting back', function()
  before(function()
    push('alice', 42)
  end)

  test('is for the owner', function()
    network.send { from = 'owner', to = counter, action = 'Reset' }
    expect(counter:read('Count')).to_equal(0)
  end)

  test('is not for others', function()
    local receipt = network.send { from = 'alice', to = counter, action = 'Reset' }
    expect(receipt).to_fail_with('only the owner')
    expect(counter:read('Count')).to_equal(42)
  end)
end)

test('a step is read without a process', function()
  expect(step.read('7')).to_be(7)
  expect(function() step.read('0') end).to_throw('from 1 to 100')
end)
