/** Everything that a test in Lua can do with the network, done in Lua. */
import { describe, expect, test } from 'vitest';
import { startElsewhere } from '../adopt/elsewhere.js';
import { allPass, HEAD, LEDGER, runTests } from './ledger.js';
import { failures, runIn, statuses, writeProject } from './project.js';

test('messages, results and state', () =>
  allPass({
    'a receipt': `
      local receipt = put(5)
      expect(receipt.id).to_match('^[%w_-]+$')
      expect(receipt.pending).to_be(0)
      expect(receipt.result.error).to_be_nil()
      expect(receipt.result.gas).to_be_greater_than(100)
      expect(receipt.result.messages[1].action).to_be('Put-Notice')
      expect(receipt.errors).to_equal {}
      local notice = receipt.messages[1]
      expect({ notice.from, notice.to, notice.data }).to_equal { ledger.id, alice(), '5' }
      expect(notice.tags.Action).to_be('Put-Notice')
      expect(tostring(receipt)).to_contain('alice -> ledger  Put')
      expect(receipt.nothing).to_be_nil()`,
    'an error': `
      local receipt = put('many')
      expect(receipt.result.error.text).to_contain('Amount is no number')
      expect(receipt.result.error.handler).to_be('put')
      expect(receipt.errors[1].code).to_be('EVALUATION_FAILED')`,
    'a process by name, by id and by itself': `
      put(1, 'other')
      put(1, other.id)
      other:send { from = network.wallet('alice'), action = 'Put', tags = { Amount = 1 } }
      network.process('other'):send { from = 'alice', action = 'Put', tags = { Amount = 1 } }
      expect(other:read('Balances')[alice()]).to_be(4)
      expect(tostring(other)).to_be('process other')
      expect(other.spawned.result.error).to_be_nil()`,
    'Lua in a process': `
      put(7)
      expect(ledger:eval('return 6 * 7').result.output).to_be('42')
      expect(network.eval(ledger, 'Balances = {}').result.error).to_be_nil()
      expect(ledger:read('Balances')).to_equal {}
      expect(ledger:eval('Balances = nil', 'alice').result.error).to_be_nil()
      expect(ledger:read('Balances')).to_equal {}`,
    'a dry-run': `
      local result = ledger:dry_run { from = 'alice', action = 'Put', tags = { Amount = 3 } }
      expect(result.messages[1].data).to_be('3')
      expect(result).to_have_message { action = 'Put-Notice', data = '3' }
      expect(ledger:read('Balances')).to_equal {}`,
    'an assignment': `
      local receipt = put(1)
      other:eval('ao.addAssignable(function() return true end)')
      expect(network.assign(other, receipt.id).result.error).to_be_nil()
      expect(other:read('Balances')[alice()]).to_be(1)`,
    'large integers and bytes': `
      ledger:eval('Large = math.maxinteger; Bytes = string.char(0, 255)')
      expect(ledger:read('Large')).to_be(math.maxinteger)
      expect(ledger:read('Bytes')).to_be(string.char(0, 255))
      expect(ledger:read('Nothing')).to_be_nil()`,
    'a program in the test': `
      local source = "Handlers.add('p', 'Ping', function(m) m.reply({ Data = 'pong' }) end)"
      local pong = network.spawn { source = source, tags = { Kind = 'toy' } }
      expect(pong:send { from = 'bob', action = 'Ping' }).to_have_message { data = 'pong' }`,
  }));

test('what is not in AO', () =>
  allPass({
    'somebody else sends': `
      local somebody = network.impersonate(other)
      network.send { from = somebody, to = ledger, action = 'Put', tags = { Amount = 2 } }
      expect(ledger:read('Balances')[other.id]).to_be(2)`,
    'state is set, and deleted': `
      ledger:set_state('Balances', { alice = 5 })
      expect(ledger:read('Balances.alice')).to_be(5)
      network.set_state(ledger, 'Balances.alice', nil)
      expect(ledger:read('Balances')).to_equal {}
      expect(network).to_replay()`,
    'wAR from nowhere': `
      expect(network.mint_war(network.wallet('alice'), '1.5').result.error).to_be_nil()
      expect(function() network.mint_war('other', 1.5) end).to_throw('no amount of wAR')
      expect(network.mint_war('other', '15 winston').result.error).to_be_nil()`,
  }));

test('time and blocks', () =>
  allPass({
    'time moves when it is told to': `
      local start = network.clock.now()
      expect(network.clock.advance('1h')).to_be(start + 3600000)
      expect(os.time()).to_be((start + 3600000) // 1000)
      network.clock.set('2026-01-01')
      expect(network.clock.now()).to_be(1767225600000)
      expect(function() network.clock.set('2020-01-01') end).to_throw('cannot set the clock')`,
    'crons fire as it passes': `
      local clock = network.spawn {
        file = 'ledger.lua',
        name = 'clock',
        tags = { ['Cron-Interval'] = '10-minutes', ['Cron-Tag-Action'] = 'Cron' },
      }
      network.monitor(clock)
      network.clock.advance('1h')
      expect(clock:read('Ticks')).to_be(6)`,
    'blocks are mined': `
      local height = network.mine()
      expect(network.mine(5)).to_be(height + 5)`,
    'a network of its own': `
      network.create { start_at = '2030-01-01', seed = 7 }
      expect(network.clock.now()).to_be(1893456000000)
      expect(function() network.read('other', 'Balances') end).to_throw('nobody is called')`,
    'and the next is as before': `
      expect(network.clock.now()).to_be(1735689600000)
      expect(other:read('Balances')).to_equal {}`,
  }));

test('snapshots', () =>
  allPass({
    'go back': `
      put(1)
      local snapshot = network.snapshot()
      put(1)
      network.clock.advance('1d')
      network.revert(snapshot)
      expect(ledger:read('Balances')[alice()]).to_be(1)
      expect(network.clock.now()).to_be(1735689600000)
      expect(function() network.revert({}) end).to_throw('needs a snapshot')`,
  }));

test('faults, and the crank by hand', () =>
  allPass({
    'a message is held and let go': `
      network.faults.hold { to = ledger, action = 'Put' }
      local receipt = put(1)
      expect(receipt.pending).to_be(1)
      expect(network.pending()[1].reason).to_be('held')
      expect(ledger:read('Balances')).to_equal {}
      network.faults.release()
      expect(receipt.pending).to_be(0)
      expect(receipt).to_have_message { action = 'Put-Notice' }`,
    'a message is lost': `
      local rule = network.faults.drop({ from = ledger }, { times = 1 })
      put(1)
      expect(ledger:read('Balances')[alice()]).to_be(1)
      expect(network.send { from = 'bob', to = ledger, action = 'Pass', tags = { To = other.id } })
        .to_have_message { to = other, action = 'Put' }
      expect(tostring(rule)).to_be('fault 1: drop')`,
    'a fault ends': `
      local rule = network.faults.crash(ledger)
      put(1)
      expect(#network.faults.list()).to_be(1)
      rule:stop()
      expect(network.faults.list()).to_equal {}
      expect(ledger:read('Balances')[alice()]).to_be(1)`,
    'messages are late': `
      network.faults.delay({ to = ledger }, '5s')
      local receipt = put(1)
      network.clock.advance('4s')
      expect(receipt.pending).to_be(1)
      network.clock.advance('1s')
      expect(receipt.result.error).to_be_nil()`,
    'two cannot reach each other': `
      network.faults.partition(ledger, { other })
      local receipt = network.send { from = 'bob', to = ledger, action = 'Pass', tags = { To = other.id } }
      expect(receipt.pending).to_be(1)
      network.faults.heal()
      expect(receipt.pending).to_be(0)
      expect(other:read('Balances')[ledger.id]).to_be(1)`,
    'one delivery at a time': `
      network.create { crank = 'manual' }
      local function spawn(name)
        local process = network.spawn { file = 'ledger.lua', name = name }
        for _ in network.deliveries() do end
        return process
      end
      local first, second = spawn('first'), spawn('second')
      local receipt = first:send { from = 'bob', action = 'Pass', tags = { To = second.id } }
      expect(receipt.result).to_be_nil()
      expect(network.step().action).to_be('Pass')
      local actions = {}
      for delivery in network.deliveries() do actions[#actions + 1] = delivery.action end
      expect(actions).to_equal { 'Put', 'Put-Notice' }
      expect(network.step()).to_be_nil()`,
  }));

test('files, and processes of other networks', async () => {
  const there = await startElsewhere();
  const far = await there.network.spawn({ name: 'far', source: LEDGER });
  await far.send({ from: 'bob', action: 'Put', tags: { Amount: '3' } });
  const bob = there.network.wallet('bob').address;
  await allPass({
    'all of it in a file': `
      put(9)
      network.save('saved.corral')
      network.create()
      expect(function() network.read('ledger', 'Balances') end).to_throw('nobody is called')
      network.load('saved.corral', { crank = 'manual' })
      expect(network.read('ledger', 'Balances')[alice()]).to_be(9)
      expect(put(1).pending).to_be(1)`,
    'a process of another network': `
      local far = network.adopt { process = '${far.id}', su = '${there.su}', gateway = '${there.gateway}' }
      expect(far:read('Balances')['${bob}']).to_be(3)
      far:send { from = 'alice', action = 'Put', tags = { Amount = 2 } }
      expect(far:read('Balances')[alice()]).to_be(2)`,
    'a process that is fetched at once': `
      local far = network.adopt { process = '${far.id}', su = '${there.su}', gateway = '${there.gateway}' }
      expect({ far:load(), far:load() }).to_equal { 2, 0 }
      expect(function() ledger:load() end).to_throw('the process ledger was not adopted')
      local none = network.adopt { process = ('x'):rep(43), su = '${there.su}', gateway = '${there.gateway}' }
      expect(function() none:load() end).to_throw('${there.su}')`,
  });
});

describe('a test is alone with its network', () => {
  test('what one does the next does not see', async () => {
    const report = await runTests({
      a: 'put(1) print(ledger:read("Balances")[alice()])',
      b: 'put(1) print(ledger:read("Balances")[alice()])',
    });
    expect(report.tests.map(({ prints }) => prints)).toEqual([['1'], ['1']]);
  });

  test('what a group prepares is for its tests', async () => {
    const report = await runTests(
      { outside: 'print(#network.pending(), ledger:read("Balances")[alice()])' },
      `${HEAD}
      describe('rich', function()
        local held
        before(function() put(100) held = network.faults.hold { action = 'Put' } end)
        test('has', function() print(ledger:read('Balances')[alice()]) end)
        test('can end its fault', function()
          local receipt = put(1)
          print(receipt.pending)
          held:stop()
          print(receipt.pending, ledger:read('Balances')[alice()])
        end)
      end)`,
    );
    expect(statuses(report)).toEqual([
      'rich > has: passed',
      'rich > can end its fault: passed',
      'outside: passed',
    ]);
    expect(report.tests.map(({ prints }) => prints)).toEqual([
      ['100'],
      ['1', '0\t101'],
      ['0\tnil'],
    ]);
  });

  test('a snapshot of before can be gone back to', async () => {
    const report = await runTests(
      { back: 'put(1) network.revert(snapshot) expect(ledger:read("Balances")).to_equal {}' },
      `local snapshot ${HEAD} before(function() snapshot = network.snapshot() end)`,
    );
    expect(failures(report)).toEqual({});
  });

  test('a receipt of another test cannot be used', async () => {
    const report = await runTests(
      { a: 'receipt = put(1)', b: 'print(receipt.messages)' },
      `local receipt ${HEAD}`,
    );
    // The variable is as before left it: there is no receipt.
    expect(report.tests[1]?.failure?.text).toContain('attempt to index a nil value');
  });
});

describe('a mistake in a call', () => {
  test.each([
    [
      "network.send { from = 'alice', target = ledger }",
      'knows no field "target"',
      'It takes from',
    ],
    ["network.send { From = 'alice', to = ledger }", 'knows no field "From"', 'Write from.'],
    ["network.send('alice')", 'network.send takes a table, got "alice"', 'Write network.send {'],
    ["network.send { from = 'alice', to = 'carl' }", 'nobody is called "carl"', 'Known:'],
    ['network.send { from = ledger, to = ledger }', 'cannot sign a message', 'network.impersonate'],
    [
      "network.send { from = 'alice', to = ledger, data = {} }",
      'neither text nor a number',
      'json',
    ],
    [
      "network.send { from = 'alice', to = ledger, tags = { A = {} } }",
      'the tag A',
      "json').encode",
    ],
    [
      "network.send { from = 'alice', to = ledger, tags = { Recipient = ledger } }",
      'the tag Recipient',
      'Give its id: value.id.',
    ],
    [
      "network.send { from = 'alice', to = ledger, tags = { R = network.wallet('bob') } }",
      'the tag R',
      'Give its address: value.address.',
    ],
    ["network.mint_war(network.wallet('bob'), 100)", '100 is no amount', "'100 winston'"],
    ["network.mint_war(network.wallet('bob'), '1.5 winston')", 'no amount of wAR', "'15 winston'"],
    [
      "network.spawn { file = 'process/none.lua' }",
      'there is no file "process/none.lua"',
      'from the folder of the test file: /',
    ],
    ["network.clock.advance('soon')", '"soon" is no duration', ''],
    ["network.send { from = 'alice', to = ledger, data = print }", 'a function cannot pass', ''],
    ['expect(ledger).to_have_message {}', 'needs what network.send', 'Write expect(network.send'],
    [
      "expect(put(1)).to_have_message { act = 'x' }",
      'a message has no field act',
      'Its fields are',
    ],
    ['expect(put(1)).to_have_messages {}', 'the messages to look for', 'to_have_messages(['],
  ])('%s', async (line, text, hint) => {
    const report = await runTests({ a: line });
    const failure = report.tests[0]?.failure;
    expect(`${failure?.text}\n${failure?.hint ?? ''}`).toContain(text);
    expect(failure?.hint ?? '').toContain(hint);
    expect(failure?.frames[0]).toMatchObject({ file: 'x.test.lua' });
  });
});

describe('what goes wrong in the program', () => {
  test('a program that does not start shows its own line', async () => {
    const root = writeProject({
      'process/shop.lua': "local prices = require('prices')\nprices.load()",
      'process/prices.lua':
        'local prices = {}\nfunction prices.load()\n  return nothing.here\nend\nreturn prices',
      'test/shop.test.lua':
        "before(function()\n  network.spawn { file = '../process/shop.lua' }\nend)\ntest('a', function() end)",
    });
    const [report] = await runIn(root, ['test/shop.test.lua']);
    const { a } = failures(report as never);
    expect(a).toContain("prices.lua:3: attempt to index a nil value (global 'nothing')");
    expect(a).toMatch(/In the program:\n {2}\S*prices\.lua:3: .*\n {6}return nothing\.here/);
    expect(a).toContain('test/shop.test.lua:2');
  });

  test('a program that does not compile shows its own line, and none of the kernel', async () => {
    const root = writeProject({
      'process/shop.lua': "local prices = require('prices')",
      'process/prices.lua': 'local prices = {}\nlocal x = = 1\nreturn prices',
      'x.test.lua': "test('a', function() network.spawn { file = 'process/shop.lua' } end)",
    });
    const [report] = await runIn(root, ['x.test.lua']);
    const { a } = failures(report as never);
    expect(a).toMatch(/In the program:\n {2}\S*prices\.lua:2:\n {6}local x = = 1/);
    expect(a).not.toContain('[string ".');
  });

  test('a failing handler shows its own line in the tree', async () => {
    const report = await runTests({
      a: "expect(put('many')).to_have_message { action = 'Put-Notice' }",
    });
    const { a } = failures(report);
    expect(a).toContain('no message matches { action: "Put-Notice" }');
    expect(a).toMatch(/alice -> ledger {2}Put\n {2}error in handler "put".*Amount is no number/);
    expect(a).toMatch(/In the program:\n[\s\S]*ledger\.lua:5: .*\n {6}local amount = assert/);
  });
});
