/**
 * `.load-blueprint` of every blueprint that the aos CLI carries, and something of each in use: with
 * processes that others own, over the messages that the blueprint sends.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ProcessHandle } from '../../actors/network.js';
import { printed } from '../actors/kernel-module.js';
import {
  type Console,
  evaluated,
  MODES,
  type Mode,
  openConsole,
  openSite,
  type Site,
  whyNoCli,
} from './aos-cli.js';

const reason = whyNoCli();
const PORT_BASE = { legacy: 4660, mainnet: 4670 } as const;

/** What the CLI shows of a line that prints nothing. */
const NOTHING = /data: ''/;
const ADDED = /added to outbox/;

/** Ids that blueprints have written into them: the room and the index of DevChat, the name registry. */
const DEV_CHAT_ROOM = '6I1JBBc9SOMtqFxlX7OoYgsMh7QeZk2fFwUCHTUqshg';
const DEV_CHAT_INDEX = '8MGp9kOU4JYxAlPT1AyL7O3cedd97y-w8X4ciBsf_Xo';
const NAME_REGISTRY = 'TyduW6spZTr3gkdIsdktduJhgtilaR_ex5JukK8gI9o';

const ROOM = `Nicknames = {}
  Handlers.add('Register', 'Register', function(msg)
    Nicknames[msg.From] = msg.Nickname
  end)
  Handlers.add('Broadcast', 'Broadcast', function(msg)
    local tags = { Broadcaster = msg.From, Nickname = Nicknames[msg.From] }
    for member in pairs(Nicknames) do
      Send({ Target = member, Action = 'Broadcasted', Data = msg.Data, Tags = tags })
    end
  end)`;
const INDEX = `Handlers.add('Get-List', 'Get-List', function(msg)
    msg.reply({ Action = 'Room-List', ['Room-Corral'] = '${DEV_CHAT_ROOM}' })
  end)`;
const REGISTRY = `Handlers.add('Get-Record', 'Get-Record', function(msg)
    local record = { transactionId = 'where ' .. msg.Tags.Name .. ' leads' }
    msg.reply({ Action = 'Record-Resolved', Name = msg.Tags.Name, Data = require('json').encode(record) })
  end)`;

for (const mode of MODES) {
  describe(`aos 2.0.16, ${mode} mode`, () => {
    if (reason !== undefined) test.skip(reason);
    else useBlueprints(mode);
  });
}

function useBlueprints(mode: Mode) {
  let site: Site;
  let cli: Console;
  let token: Console;
  let bob: ProcessHandle;
  let carol: ProcessHandle;
  const boot = async (name: string) => {
    cli = await openConsole(site, { mode, args: [name] });
    return cli;
  };
  const spawn = (name: string, code = '', id?: string) => {
    const { network, info } = site.corral;
    const from = network.wallet(name);
    const tags = { Name: name, 'On-Boot': 'Data' };
    return network.spawn({ from, module: info.module, tags, data: code, ...(id && { id }) });
  };

  beforeAll(async () => {
    site = await openSite(PORT_BASE[mode]);
    bob = await spawn('bob');
    carol = await spawn('carol');
    token = await boot('token');
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(cli.terminal.text().slice(-2000));
  });
  afterAll(async () => {
    await token?.terminal.close();
    await cli?.terminal.close();
    await site?.close();
  });

  test('.load-blueprint token: a token that is transferred, and tells its balances', async () => {
    await token.enter('.load-blueprint token', NOTHING);
    for (const { id } of [bob, carol]) {
      const noticed = evaluated(site, id, 'Credit-Notice');
      await token.enter(transfer('ao.id', `"${id}"`, '250'), ADDED);
      await noticed;
    }
    await token.enter(`Balances["${bob.id}"]`, '250');
    expect(await ask(bob, { target: token.process, action: 'Balance' })).toBe('250');
    await tell(bob, transfer(`"${token.process}"`, `"${carol.id}"`, '1000'));
    expect(await last(bob, 'Error')).toBe('Insufficient Balance!');
    const minted = evaluated(site, token.process, 'Mint');
    await token.enter('Send({ Target = ao.id, Action = "Mint", Quantity = "77" })', ADDED);
    await minted;
    await token.enter('TotalSupply', '10000000000000077');
  });

  test('.load-blueprint staking: stakes come back some blocks after they are withdrawn', async () => {
    await token.enter('.load-blueprint staking', NOTHING);
    await token.enter('UnstakeDelay = 2', NOTHING);
    const stake = { target: token.process, quantity: '100' };
    expect(await ask(bob, { ...stake, action: 'Stake' })).toBe('Successfully Staked 100');
    expect(await ask(bob, { ...stake, action: 'Unstake' })).toBe('Successfully unstaked 100');
    const balance = () => ask(bob, { target: token.process, action: 'Balance' });
    expect(await balance()).toBe('150');
    site.corral.network.gateway.mine(2);
    expect(await balance()).toBe('250');
  });

  test('.load-blueprint voting: stakes vote until the deadline', async () => {
    await token.enter('.load-blueprint voting', NOTHING);
    // The blueprint counts in numbers, while the stakes of its fellow are strings.
    await token.enter(`Stakers = { ["${bob.id}"] = { amount = 60 } }`, NOTHING);
    const vote = 'Action = "Vote", Tags = { Target = "law", Side = "yay", Deadline = "2" }';
    await tell(bob, `Send({ Target = "${token.process}", ${vote} })`);
    await token.enter('Votes.law.yay', '60');
    site.corral.network.gateway.mine(2);
    await tell(bob, `Send({ Target = "${token.process}", Action = "Any" })`); // it counts on messages
    await token.enter('Votes', /\{\s*\}/);
  });

  test('.load-blueprint arena: players pay, play, and win what the eliminated paid', async () => {
    const { enter, process, exit } = await boot('arena');
    await enter('.load-blueprint arena', NOTHING);
    await enter(`PaymentToken = "${token.process}"; PaymentQty = "10"`, NOTHING);
    for (const player of [bob, carol]) {
      await tell(player, `Send({ Target = "${process}", Action = "Register" })`);
      expect(await heard(player)).toContain('Registered');
      await tell(player, transfer(`"${token.process}"`, `"${process}"`, '10'));
      expect(await heard(player)).toContain('Payment-Received');
    }
    await enter('StateChangeTime = 0', NOTHING); // the time to wait for players is over
    await tell(bob, `Send({ Target = "${process}", Action = "GetGameState" })`);
    expect(await last(bob, 'Data')).toContain('"GameMode":"Playing"');
    const won = evaluated(site, carol.id, 'Credit-Notice');
    await enter(`eliminatePlayer("${bob.id}", "${carol.id}")`, /was eliminated by/);
    await won;
    expect(await ask(carol, { target: token.process, action: 'Balance' })).toBe('250');
    await exit();
  });

  test('.load-blueprint chatroom: members hear what is broadcast', async () => {
    const { enter, process, exit } = await boot('chatroom');
    await enter('.load-blueprint chatroom', NOTHING);
    expect(await ask(bob, { target: process, action: 'Register' })).toBe('Registered.');
    await enter('Members', new RegExp(bob.id));
    const heard = evaluated(site, bob.id, 'Broadcast-Notice');
    await enter('Send({ Target = ao.id, Action = "Broadcast", Data = "hello all" })', ADDED);
    await heard;
    expect(await last(bob, 'Data')).toBe('hello all');
    await exit();
  });

  test('.load-blueprint chat: rooms are listed, and what is said in one is heard', async () => {
    await spawn('room', ROOM, DEV_CHAT_ROOM);
    await spawn('index', INDEX, DEV_CHAT_INDEX);
    const { enter, process, exit } = await boot('chat');
    await enter('.load-blueprint chat', /Welcome to ao DevChat/);
    const heard = evaluated(site, process, 'Broadcasted');
    await enter('Say("hello", "Getting-Started")', /Broadcasting to Getting-Started/);
    await heard;
    await enter('DevChat.LastReceive.Sender == ao.id', 'true');
    const listed = evaluated(site, process, 'Room-List');
    await enter('List()', /Getting the room list/);
    await listed;
    await enter(`DevChat.Rooms["${DEV_CHAT_ROOM}"]`, 'Corral');
    await exit();
  });

  test('.load-blueprint apm: the package manager installs itself, and packages', async () => {
    const { enter, process, exit } = await boot('apm');
    const updated = evaluated(site, process, 'APM.UpdateResponse');
    await enter('.load-blueprint apm', /Loading APM/);
    await updated;
    const installed = evaluated(site, process, 'APM.DownloadResponse');
    await enter('apm.install("@sam/Llama-Herder")', /Download requested/);
    await installed;
    await enter('type(require("@sam/Llama-Herder").run)', 'function');
    await exit();
  });

  test('.load-blueprint arns: names are resolved by the registry', async () => {
    await spawn('registry', REGISTRY, NAME_REGISTRY);
    const { enter, process, exit } = await boot('arns');
    await enter('.load-blueprint arns', NOTHING);
    const resolved = evaluated(site, process, 'Record-Resolved');
    await enter('ARNS.resolve("corral")', /Getting information for name: corral/);
    await resolved;
    await enter('NAMES.corral.record.transactionId', 'where corral leads');
    await exit();
  });

  test('.load-blueprint patch-legacy-reply: answers go where they did before', async () => {
    const { enter, process, exit } = await boot('patched');
    await enter('.load-blueprint patch-legacy-reply', NOTHING);
    const code = `Handlers.add("Ask", "Ask", function(msg) msg.reply({ Data = "answer" }) end)`;
    await enter(`${code} return Handlers.list[1].name`, '_patch_reply');
    expect(await ask(bob, { target: process, action: 'Ask' })).toBe('answer');
    await exit();
  });

  test('.load-blueprint htoken: fails as the module has no global `id`, and changes nothing', async () => {
    const { enter, exit } = await boot('htoken');
    await enter('.load-blueprint htoken', /index is nil|nil/);
    await enter('Balances == nil', 'true');
    await exit();
  });
}

function transfer(token: string, recipient: string, quantity: string): string {
  const fields = `Action = "Transfer", Recipient = ${recipient}, Quantity = "${quantity}"`;
  return `Send({ Target = ${token}, ${fields} })`;
}

/** Has a process evaluate a line, with all that it sets off. */
async function tell(process: ProcessHandle, line: string): Promise<void> {
  const { errors } = await process.eval(line);
  expect(errors).toEqual([]);
}

/** A field of the newest message in the inbox of a process. */
async function last(process: ProcessHandle, field: string): Promise<unknown> {
  return printed(await process.eval(`Inbox[#Inbox]["${field}"]`));
}

/** The actions of all messages in the inbox of a process. */
async function heard(process: ProcessHandle): Promise<unknown> {
  return printed(await process.eval('Utils.map(Utils.prop("Action"), Inbox)'));
}

interface Question {
  readonly target: string;
  readonly action: string;
  readonly quantity?: string;
}

/** The data of what another process answers to a process. */
async function ask(process: ProcessHandle, question: Question): Promise<unknown> {
  const { target, action, quantity = '' } = question;
  const fields = `Target = "${target}", Action = "${action}", Quantity = "${quantity}"`;
  await tell(process, `Answer = nil; Answer = Send({ ${fields} }).receive().Data`);
  return printed(await process.eval('Answer'));
}
