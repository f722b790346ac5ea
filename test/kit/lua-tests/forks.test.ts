/** Networks beside that of the test, and what a function conserves in one. */
import { describe, expect, test } from 'vitest';
import { allPass, HEAD, runTests } from './ledger.js';
import { failures } from './project.js';

describe('a fork', () => {
  test('goes on by itself, with all that a network can', () =>
    allPass({
      'neither sees the other': `
        put(5)
        local fork = network.fork()
        local receipt = fork.send { from = 'alice', to = ledger, action = 'Put', tags = { Amount = 1 } }
        expect(receipt).to_have_message { to = 'alice', data = '6' }
        expect(tostring(receipt)).to_contain('alice -> ledger')
        fork.clock.advance('1d')
        expect(network.clock.now()).to_be(1735689600000)
        expect(ledger:read('Balances')[alice()]).to_be(5)
        expect(fork.read(ledger, 'Balances')[alice()]).to_be(6)
        put(2)
        expect(fork.read(ledger, 'Balances')[alice()]).to_be(6)`,
      'its processes, receipts and rules are its own': `
        local fork = network.fork()
        local there = fork.process('ledger')
        there:set_state('Ticks', 7)
        expect({ there:read('Ticks'), ledger:read('Ticks') }).to_equal { 7, 0 }
        local hold = fork.faults.hold { to = there }
        local receipt = there:send { from = 'bob', action = 'Put', tags = { Amount = 1 } }
        expect({ receipt.pending, put(1).pending }).to_equal { 1, 0 }
        expect(#network.faults.list()).to_be(0)
        hold:stop()
        expect(receipt.pending).to_be(0)
        expect(receipt.messages[1]).to_have_message { action = 'Put-Notice' }
        expect(fork).to_have_message { from = 'bob' }
        expect(network).not_to_have_message { from = network.wallet('bob') }
        expect(fork).to_replay()
        expect(there).to_replay()
        expect(receipt).to_match_trace('bob -> ledger  Put\\n│ fault: held\\n└─ ledger -> bob  Put-Notice')
        expect(function() put(1) end).to_conserve(there)
        expect(function() there:eval('Balances.x = 1') end).not_to_conserve(there)
        fork.mint_war('other', '1')
        expect(function() network.mint_war('other', '1') end).to_conserve(fork)`,
      'from a snapshot, otherwise, and again': `
        local empty = network.snapshot()
        put(5)
        local fork = network.fork(empty, { crank = 'manual' })
        expect(fork.read(ledger, 'Balances')).to_equal {}
        local receipt = fork.send { from = 'alice', to = ledger, action = 'Put', tags = { Amount = 1 } }
        local again = fork.fork()
        expect(fork.step().action).to_be('Put')
        expect(receipt.result.error).to_be_nil()
        expect(again.read(ledger, 'Balances')).to_equal {}
        for delivery in again.deliveries() do expect(delivery.error).to_be_nil() end
        expect(again.read(ledger, 'Balances')[alice()]).to_be(1)
        again.revert(empty)
        expect(again.read(ledger, 'Balances')).to_equal {}
        again.close()
        expect(function() again.read(ledger, 'Ticks') end).to_throw('is closed')
        expect(tostring(fork)).to_be('a fork of the network')`,
      'what it cannot': `
        local fork = network.fork()
        expect(function() fork.create() end).to_throw('network has no create')
        expect(function() network.close() end).to_throw('network has no close')
        expect(function() network.simulate() end).to_throw('network has no simulate')
        expect(function() network.fork({}) end).to_throw('needs a snapshot')
        expect(function() network.fork(nil, { seed = 1 }) end).to_throw('no field "seed"')`,
    }));

  test('belongs to the test that made it', async () => {
    const report = await runTests(
      { shared: 'fork.read("ledger", "Ticks")' },
      `local fork ${HEAD} before(function()
        fork = network.fork()
        expect(fork.read("ledger", "Ticks")).to_be(0)
      end)`,
    );
    expect(failures(report).shared).toContain(
      'this fork is closed, or was made outside of the test',
    );
    expect(failures(report).shared).toContain('Fork in the test itself');
  });
});

test('what a function does may conserve a quantity of its own', () =>
  allPass({
    'a sum': `
      local ticks = { name = 'ticks', read = function() return ledger:read('Ticks') end }
      expect(function() put(1) end).to_conserve(ticks)
      expect(function()
        expect(function() ledger:set_state('Ticks', 3) end).to_conserve(ticks)
      end).to_throw('ticks is not conserved: 0 before, 3 after, %+3')`,
    'what each holder has': `
      local balances = { name = 'puts', read = function() return ledger:read('Balances') end }
      expect(function() put(1) end).not_to_conserve(balances)`,
    'neither of them': `
      local function read(value) return { name = 'it', read = function() return value end } end
      local function nothing() end
      for text, value in pairs { ['it is 1.5'] = 1.5, ['it is "1"'] = '1', ['it of a is "x"'] = { a = 'x' } } do
        expect(function() expect(nothing).to_conserve(read(value)) end).to_throw(text .. ', no integer')
      end
      expect(function() expect(nothing).to_conserve(read(nil)) end).to_throw('it is nil, no integer')`,
  }));
