/** Tests in Lua of a ledger, by name and body. */
import { expect } from 'vitest';
import { failures, runLua } from './project.js';

export const LEDGER = `
Balances = Balances or {}
Ticks = Ticks or 0
Handlers.add('put', 'Put', function(msg)
  local amount = assert(math.tointeger(tonumber(msg.Tags.Amount)), 'Amount is no number')
  Balances[msg.From] = (Balances[msg.From] or 0) + amount
  msg.reply({ Action = 'Put-Notice', Data = tostring(Balances[msg.From]) })
end)
Handlers.add('balances', 'Balances', function(msg)
  local texts = {}
  for who, amount in pairs(Balances) do texts[who] = tostring(amount) end
  msg.reply({ Data = require('json').encode(texts) })
end)
Handlers.add('pass', 'Pass', function(msg)
  Send({ Target = msg.Tags.To, Action = 'Put', Amount = '1' })
end)
Handlers.add('tick', 'Cron', function() Ticks = Ticks + 1 end)
`;

/** What stands at the top of each file. */
export const HEAD = `
local ledger, other
before(function()
  ledger = network.spawn { file = 'ledger.lua' }
  other = network.spawn { file = 'ledger.lua', name = 'other' }
end)
local function put(amount, to)
  return network.send { from = 'alice', to = to or ledger, action = 'Put', tags = { Amount = amount } }
end
local alice = function() return network.wallet('alice').address end
`;

/** Tests of the ledger, by name and body. */
export async function runTests(bodies: Readonly<Record<string, string>>, head = HEAD) {
  const tests = Object.entries(bodies).map(
    ([name, body]) => `test('${name}', function()\n${body}\nend)`,
  );
  return runLua([head, ...tests].join('\n'), { 'ledger.lua': LEDGER });
}

export async function allPass(bodies: Readonly<Record<string, string>>) {
  const report = await runTests(bodies);
  expect(report.failure).toBeUndefined();
  expect(failures(report)).toEqual({});
  expect(report.tests).toHaveLength(Object.keys(bodies).length);
}
