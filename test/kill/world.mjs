/**
 * The network that is killed and started again: a wAR token, three processes that hand a ball on,
 * one that breeds, one with a cron, and wallets that send to them. Everything it does comes from
 * seeds. Used by the child and, after the last kill, by the test.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createWallClock } from '../../dist/actors/clock.js';
import { protocolTags } from '../../dist/actors/items/protocol.js';
import { createNetwork } from '../../dist/actors/network.js';
import { signDataItem } from '../../dist/arlocal/data-item.js';
import { createGateway } from '../../dist/arlocal/gateway.js';
import { createSqliteStore } from '../../dist/arlocal/sqlite/sqlite-store.js';
import { writeCard } from '../../dist/herd/open-store.js';

const SEED = 1;
const START_MS = 1_735_689_600_000;
const RUN_MS = 4_000;
export const SUPPLY = 1_000_000n;
const USERS = ['ann', 'ben', 'cyd'];
const processes = new URL('../../processes/', import.meta.url);
const read = (file) => readFileSync(new URL(file, processes), 'utf8');

/** Counts how often each message came, and hands a ball on until its time is up. */
const PLAYER = `
Seen = Seen or {}
ao.addAssignable('any', function() return true end)
Handlers.add('All', function() return 'continue' end, function(msg)
  Seen[msg.Id] = (Seen[msg.Id] or 0) + 1
end)
Handlers.add('Ball', 'Ball', function(msg)
  local left = tonumber(msg.Left)
  if left > 0 then
    ao.send({ Target = msg.Tags.Next or msg.From, Action = 'Ball', Left = tostring(left - 1),
      Next = ao.id, Start = msg.Start })
  end
end)
Handlers.add('Breed', 'Breed', function(msg)
  ao.spawn(ao.env.Module.Id, { ['On-Boot'] = 'Data', Data = 'Born = true', Litter = msg.Litter })
end)
Handlers.add('Ask', 'Ask', function(msg) msg.reply({ Data = require('json').encode(Seen) }) end)
Handlers.add('Cron', 'Cron', function(msg)
  Beats = (Beats or 0) + 1
  ao.send({ Target = Owner, Action = 'Beat', Count = tostring(Beats) })
end)
Handlers.add('Spawned', 'Spawned', function() end)
`;

const MEMBERS = [
  { name: 'war', data: () => read('war.lua'), tags: {} },
  ...['left', 'right', 'middle'].map((name) => ({ name, data: () => PLAYER, tags: {} })),
  {
    name: 'beater',
    data: () => PLAYER,
    tags: { 'Cron-Interval': '2-seconds', 'Cron-Tag-Action': 'Cron' },
  },
];

/** @param run number of this start: each begins some seconds after the one before, on its own clock */
export async function openWorld(folder, run) {
  const store = createSqliteStore(folder);
  let timeMs = START_MS + run * RUN_MS;
  const clock = createWallClock(() => timeMs);
  const breathe = () => new Promise((resolve) => setImmediate(resolve));
  const now = () => clock.now();
  const gateway = createGateway({ store, now, blockIntervalMs: 120_000, breathe });
  writeCard(gateway.records, { seed: SEED });
  const network = await createNetwork({ seed: SEED, clock, gateway, breathe });
  const module = network.publishModule(kernel());
  const users = USERS.map((name) => network.wallet(name));
  const ids = await bootMembers(network, module, users);
  await network.monitor(ids.beater);
  return {
    network,
    gateway,
    ids,
    users,
    randomOf,
    pass: (ms) => {
      timeMs += ms;
    },
    deeds: [
      'transfer',
      'transfer',
      'transfer',
      'ball',
      'ball',
      'breed',
      'spawn',
      'assign',
      'letter',
    ],
    act: (deed, place, random) =>
      DEEDS[deed]({ network, gateway, module, ids, users }, place, random),
    async close() {
      await network.close();
      gateway.close();
    },
  };
}

/** Spawns what is not there yet: a run may have been killed in the middle of it. */
async function bootMembers(network, module, users) {
  const ids = {};
  const [owner] = users;
  const balances = JSON.stringify({ [owner.address]: String(SUPPLY) });
  for (const { name, data, tags } of MEMBERS) {
    const fields = { Name: name, 'On-Boot': 'Data', 'Initial-Balances': balances, ...tags };
    const anchor = anchorOf(`boot ${name}`);
    const accepted = submit(network, owner, {
      anchor,
      data: data(),
      tags: [...protocolTags('Process'), ...spawnTags(network, module), ...list(fields)],
    });
    await accepted.idle;
    ids[name] = accepted.id;
  }
  return ids;
}

const DEEDS = {
  transfer({ network, ids, users }, place, random) {
    const recipient = [...users.map(({ address }) => address), ids.left][random.below(4)];
    const tags = {
      Action: 'Transfer',
      Recipient: recipient,
      Quantity: String(1 + random.below(500)),
    };
    return { kind: 'transfer', ...message(network, users[random.below(3)], ids.war, place, tags) };
  },
  ball({ network, ids, users }, place, random) {
    // A long way takes several breaths, with a commit between them: a kill may cut it anywhere.
    const left = random.below(4) === 0 ? 40 + random.below(60) : random.below(6);
    const [first, second] = random.below(2) ? [ids.left, ids.right] : [ids.middle, ids.left];
    const tags = { Action: 'Ball', Left: String(left), Next: second, Start: place };
    return { kind: 'ball', left, start: place, ...message(network, users[0], first, place, tags) };
  },
  breed({ network, ids, users }, place) {
    const tags = { Action: 'Breed', Litter: place };
    return { kind: 'breed', litter: place, ...message(network, users[0], ids.right, place, tags) };
  },
  spawn({ network, module, users }, place) {
    const tags = [
      ...protocolTags('Process'),
      ...spawnTags(network, module),
      ...list({ Name: place }),
    ];
    const accepted = submit(network, users[1], { anchor: anchorOf(place), tags, data: '' });
    return { kind: 'spawn', process: accepted.id, id: accepted.id, idle: accepted.idle };
  },
  /** A letter to a wallet, which is then assigned to a process as well. */
  assign({ network, ids, users }, place) {
    const letter = message(network, users[2], users[0].address, place, { Action: 'Letter' });
    const { cascade } = network.units.messenger.assign(ids.middle, letter.id);
    return { kind: 'assign', process: ids.middle, id: letter.id, idle: cascade.idle };
  },
  letter({ network, users }, place) {
    return { kind: 'letter', ...message(network, users[1], users[2].address, place, {}) };
  },
};

function message(network, from, target, place, tags) {
  const fields = {
    target,
    anchor: anchorOf(place),
    tags: [...protocolTags('Message'), ...list(tags)],
  };
  const { id, idle, process } = submit(network, from, fields);
  return { id, process, idle };
}

/** Sends an item; one that an earlier run sent before it was killed stays sent. */
function submit(network, from, fields) {
  const { item, bytes } = signDataItem(from, fields);
  if (network.gateway.item(item.id)) return { id: item.id, idle: network.resumed };
  const { process, cascade } = network.accept(bytes);
  return { id: item.id, process, idle: cascade.idle };
}

function spawnTags({ addresses }, module) {
  return list({ Module: module, Scheduler: addresses.scheduler, Authority: addresses.messenger });
}

function list(tags) {
  return Object.entries(tags).map(([name, value]) => ({ name, value }));
}

function anchorOf(place) {
  return createHash('sha256').update(place).digest('base64url');
}

/** Numbers from a seed. */
function randomOf(seed) {
  let count = 0;
  return {
    below(end) {
      const digest = createHash('sha256').update(`${seed} ${count++}`).digest();
      return digest.readUInt32LE() % end;
    },
  };
}

function kernel() {
  const { entry, modules } = JSON.parse(read('kernel/manifest.json'));
  const files = modules.map(({ name, file }) => ({ name, source: read(`kernel/${file}`) }));
  return { entry, files };
}
