-- The ledger alone, without a process.
local ledger = require('process.ledger')

test('moves what is there', function()
  local balances = { alice = '10' }
  ledger.transfer(balances, 'alice', 'bob', ledger.quantity('4'))
  expect(balances).to_equal({ alice = '6', bob = '4' })
end)

test('keeps no account of nothing', function()
  local balances = { alice = '10' }
  ledger.transfer(balances, 'alice', 'bob', ledger.quantity('10'))
  expect(balances).to_equal({ bob = '10' })
end)

test('to oneself, nothing moves', function()
  local balances = { alice = '10' }
  ledger.transfer(balances, 'alice', 'alice', ledger.quantity('4'))
  expect(balances).to_equal({ alice = '10' })
end)

test('knows numbers that no machine word holds', function()
  local balances = { alice = '1' .. ('0'):rep(40) }
  ledger.transfer(balances, 'alice', 'bob', ledger.quantity('1'))
  expect(balances.alice).to_be(('9'):rep(40))
end)

for _, text in ipairs({ '0', '-1', '1.5', 'x', '', ('9'):rep(100) }) do
  test('refuses the quantity "' .. text:sub(1, 5) .. '"', function()
    expect(function() ledger.quantity(text) end).to_throw('whole number above 0')
  end)
end

test('refuses what is not there', function()
  local balances = { alice = '10' }
  local function transfer() ledger.transfer(balances, 'alice', 'bob', ledger.quantity('11')) end
  expect(transfer).to_throw('too low')
  expect(balances).to_equal({ alice = '10' })
end)
