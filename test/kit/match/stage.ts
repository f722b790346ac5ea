/** A network with a pong that answers, sends on and tries too much, and a boom that fails. */
import { createNetwork } from '../../../kit/network.js';
import type { Network, Process, Receipt } from '../../../kit/network-api.js';

const PONG = `
Handlers.add('ping', 'Ping', function(msg)
  print('got ' .. msg.Data)
  msg.reply({
    Action = 'Pong',
    Data = require('json').encode({ said = msg.Data, list = { 1, 2 } }),
    Count = '3',
    Recipient = msg.From,
  })
  Send({ Target = msg.Tags.Other, Action = 'Boom', Data = 'from ' .. ao.id })
  Send({ Target = 12, Action = 'Bad' })
end)
Handlers.add('balances', 'Balances', function(msg)
  msg.reply({ Data = require('json').encode(Balances or { alice = '3', bob = '4' }) })
end)`;

const BOOM = `
Handlers.add('boom', 'Boom', function(msg)
  local none = nil
  return none.field
end)`;

export interface Stage {
  readonly network: Network;
  readonly pong: Process;
  readonly boom: Process;
  readonly receipt: Receipt;
}

export async function setStage(): Promise<Stage> {
  const network = await createNetwork();
  const pong = await network.spawn({ name: 'pong', source: PONG });
  const boom = await network.spawn({ name: 'boom', source: BOOM });
  const tags = { Other: boom.id };
  const receipt = await network.send({ from: 'alice', to: pong, action: 'Ping', data: 'hi', tags });
  return { network, pong, boom, receipt };
}

/** What a call throws. */
export function thrownBy(call: () => unknown): {
  code?: unknown;
  message?: unknown;
  hint?: unknown;
} {
  try {
    call();
  } catch (error) {
    return error as { code?: unknown };
  }
  throw new Error('nothing was thrown');
}
