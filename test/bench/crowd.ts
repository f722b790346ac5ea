/**
 * A crowd at a herd: user processes with the client package, who pay in wAR and ask for answers, real
 * programs of wAR, herder, arbiter and workers, and a modelled engine. Round after round a crier tells
 * users what to ask; prices, offers and time move. Everything follows from the seed.
 */
import { createHash } from 'node:crypto';
import {
  bootHerd,
  createModelledEngine,
  createNetwork,
  type Herd,
  hashNetwork,
  type Network,
  type NetworkOptions,
  type ProcessHandle,
  publishModules,
  spawnUser,
} from 'corral';

export interface CrowdOptions extends Pick<NetworkOptions, 'breathe' | 'history'> {
  readonly seed: number;
  /** @default 20 */
  readonly workers?: number;
  /** @default 40 */
  readonly users?: number;
  /** Root of the demo model's program. @default none: answers are not claimed, nor judged */
  readonly programRoot?: string | undefined;
}

export interface Crowd {
  readonly network: Network;
  readonly herd: Herd;
  /** Messages that processes were given so far. */
  readonly messages: number;
  /** Goes on until processes were given so many messages. */
  runTo(messages: number): Promise<void>;
  /** Over the state and the log of every process. */
  hash(): Promise<string>;
  close(): Promise<void>;
}

/** Asks that the crier tells of in a round: more than there are workers, so that a queue forms. */
const ASKS = 60;
const WAR = 1_000_000_000_000n;

/** Tells each user named in the data what to ask. */
const CRIER = `
local json = require('json')
Handlers.add('Round', 'Round', function(msg)
  for _, ask in ipairs(json.decode(msg.Data)) do
    Send({ Target = ask.user, Action = 'Ask', Data = ask.prompt, Tokens = ask.tokens,
      Multiplier = ask.multiplier })
  end
end)
`;

/** Asks as it is told, and counts what came of it. */
const USER = `
Answers, Failures = 0, 0
Llama.printResponses = false
Handlers.add('Debit-Notice', 'Debit-Notice', function() end) -- or the Inbox would grow for ever
Handlers.add('Ask', 'Ask', function(msg)
  Llama.run(msg.Data, tonumber(msg.Tokens), function() Answers = Answers + 1 end, {
    Multiplier = tonumber(msg.Multiplier),
    OnError = function() Failures = Failures + 1 end,
  })
end)
`;

export async function startCrowd(options: CrowdOptions): Promise<Crowd> {
  const { seed, workers = 20, users: userCount = 40 } = options;
  const { breathe, history } = options;
  const network = await createNetwork({
    seed,
    localDevices: [createModelledEngine({ seed, programRoot: options.programRoot })],
    ...(breathe ? { breathe } : {}),
    ...(history ? { history } : {}),
  });
  let messages = 0;
  network.events.on('scheduled', () => {
    messages++;
  });
  network.events.on('error', ({ error }) => {
    throw new Error(`${error.code}: ${error.text}`);
  });
  const modules = publishModules(network);
  const herd = await bootHerd(network, modules, { workers });
  if (options.programRoot === undefined) await leaveArbiter(network, herd);
  const crier = await spawnProgram(network, modules.module, 'crier', CRIER);
  const users: ProcessHandle[] = [];
  for (let n = 0; n < userCount; n++) {
    const user = await spawnUser(network, modules.module, { name: `user-${n}`, war: WAR });
    await user.eval(USER);
    users.push(user);
  }
  const chanceOf = (label: string) => createHash('sha256').update(`${seed}:${label}`).digest();
  let round = 0;
  const play = async () => {
    const chance = chanceOf(`round:${round}`);
    const at = (index: number) => chance[index % chance.length] ?? 0;
    if (round % 20 === 0) {
      const tags = { 'Base-Fee': `${1_000 + at(0)}`, 'Token-Fee': `${100 + at(1)}` };
      const { processes, operator } = herd;
      await network.send({ from: operator, to: processes.herder, action: 'Set-Terms', tags });
    }
    const asks = Array.from({ length: ASKS }, (_, n) =>
      askOf(chanceOf(`ask:${round}:${n}`), users, `${round}:${n}`),
    );
    const data = JSON.stringify(asks);
    await network.send({ from: network.wallet('crowd'), to: crier.id, action: 'Round', data });
    await network.clock.advance(1_000 * (1 + (at(2) % 60)));
    round++;
  };
  return {
    network,
    herd,
    get messages() {
      return messages;
    },
    async runTo(target) {
      while (messages < target) await play();
    },
    hash: () => hashNetwork(network),
    close: () => network.close(),
  };
}

/** Nobody claims anything any more: the herd is as one that was booted without an arbiter. */
async function leaveArbiter(network: Network, { operator, processes }: Herd): Promise<void> {
  const { herder, workers } = processes;
  const code = 'if Herder then Herder.arbiter = nil else Worker.arbiter = nil end';
  for (const to of [herder, ...workers]) {
    await network.send({ from: operator, to, action: 'Eval', data: code });
  }
}

function askOf(chance: Uint8Array, users: ProcessHandle[], label: string) {
  const [who = 0, what = 0, tokens = 0, offer = 0] = chance;
  return {
    user: users[who % users.length]?.id,
    prompt: `What does herd ${what} think of the number ${label}?`,
    tokens: `${1 + (tokens % 32)}`,
    multiplier: `${1 + (offer % 32) / 16}`,
  };
}

function spawnProgram(network: Network, module: string, name: string, data: string) {
  const tags = { Name: name, 'On-Boot': 'Data' };
  return network.spawn({ from: network.wallet('crowd'), module, tags, data });
}
