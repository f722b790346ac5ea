local token

before(function()
  token = network.spawn { file = '../process/token.lua' }
  network.send { from = 'owner', to = token, action = 'Mint', tags = { Quantity = 1000 } }
end)

local function transfer(from, to, quantity)
  return network.send {
    from = from,
    to = token,
    action = 'Transfer',
    tags = { Recipient = network.wallet(to).address, Quantity = quantity },
  }
end

local function balance(name)
  local account = network.wallet(name).address
  return token:read('Balances')[account] or '0'
end

describe('a transfer', function()
  test('moves the amount and tells both sides', function()
    local receipt = transfer('owner', 'alice', 300)
    expect(receipt).to_have_messages {
      { to = 'owner', action = 'Debit-Notice', tags = { Quantity = '300' } },
      { to = 'alice', action = 'Credit-Notice', tags = { Quantity = '300' } },
    }
    expect({ balance('owner'), balance('alice') }).to_equal({ '700', '300' })
  end)

  test('makes and loses nothing', function()
    expect(function()
      transfer('owner', 'alice', 300)
      transfer('alice', 'bob', 1)
      transfer('bob', 'carol', 5)
    end).to_conserve(token)
  end)

  test('of more than there is fails', function()
    expect(transfer('alice', 'bob', 1)).to_fail_with('the balance is too low')
  end)

  test('needs a recipient', function()
    local receipt = network.send {
      from = 'owner',
      to = token,
      action = 'Transfer',
      tags = { Quantity = 1 },
    }
    expect(receipt).to_fail_with('Recipient is missing')
  end)
end)

describe('minting', function()
  test('is for the owner', function()
    expect(balance('owner')).to_be('1000')
  end)

  test('is for the owner at the prompt of the process', function()
    token:eval("Send({ Target = ao.id, Action = 'Mint', Quantity = '5' })")
    expect(token:read('Balances')[token.id]).to_be('5')
  end)

  test('is not for others', function()
    local receipt = network.send {
      from = 'alice',
      to = token,
      action = 'Mint',
      tags = { Quantity = 1 },
    }
    expect(receipt).to_fail_with('only the owner mints')
  end)
end)

test('tells a balance', function()
  local receipt = network.send { from = 'owner', to = token, action = 'Balance' }
  expect(receipt).to_have_message { to = 'owner', data = '1000' }
end)

test('tells what it is', function()
  local receipt = network.send { from = 'alice', to = token, action = 'Info' }
  expect(receipt).to_have_message { tags = { Ticker = 'HAY', Denomination = '12' } }
end)
