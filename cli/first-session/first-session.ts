/**
 * The first session: from an empty process to an answer that was paid for, in six steps. Every line
 * is typed into a real console and has its real effect; only the headings and remarks are ours.
 */
import { countWords } from '../../index.js';
import { formatWar } from '../format.js';
import type { Stage } from './stage.js';

const PROMPT = 'What is the meaning of life?';
const TOKENS = 20;
const RUN = `Llama.run("${PROMPT}", ${TOKENS}, function(text) OUTPUTS = text end)`;
const INSTALL = 'APM.install("@sam/Llama-Herder")';
export interface SessionOptions {
  /** What the joke is to be about; asked for when it is time. */
  readonly topic: () => Promise<string>;
}

/** Plays steps 2 to 6; the banner was step 1. */
export async function playFirstSession(stage: Stage, options: SessionOptions): Promise<void> {
  await fundProcess(stage);
  await installLlama(stage);
  await askHerd(stage);
  await askJoker(stage, options.topic);
  await runWithoutMoney(stage);
}

async function fundProcess(stage: Stage): Promise<void> {
  const { process, client } = stage.console;
  stage.heading(`Money: your process "${process.name}" gets 0.001 wAR`);
  stage.say(`alice spawned it as ${process.id}.\nThe token tells it with a Credit-Notice.`);
  await stage.type('.fund 0.001');
  await stage.type(`wAR = "${client.info.processes.war}"`);
  await showBalance(stage);
}

async function installLlama(stage: Stage): Promise<void> {
  stage.heading('The Llama package, from the package registry');
  await stage.type('.load-blueprint apm');
  await stage.type(INSTALL);
  await stage.type('Llama.getPrices()');
  await stage.type('Llama');
}

async function askHerd(stage: Stage): Promise<void> {
  stage.heading('A question: the process pays the herder, a llama worker answers');
  await stage.type(RUN);
  await stage.type('OUTPUTS');
  const { feeBase, feeToken, lastMultiplier, lastFeePaid } = await readPrices(stage);
  stage.say(
    'fee = (feeBase + (words + tokens) x feeToken) x multiplier\n' +
      `    = (${feeBase} + (${countWords(PROMPT)} + ${TOKENS}) x ${feeToken}) x ${lastMultiplier}` +
      ` = ${lastFeePaid} winston`,
  );
  await showBalance(stage);
}

async function askJoker(stage: Stage, topic: SessionOptions['topic']): Promise<void> {
  const { joker } = stage.console.client.info.processes;
  stage.heading('The Llama Joker, a process that pays for its own answers');
  const message = `{ Target = Joker, Action = "Joke", Topic = ${luaString(await topic())} }`;
  await stage.type(`Joker = "${joker}"`);
  await stage.type(`Send(${message}).receive().Data`);
  stage.say(`The prompt that it paid for, in the model's roles:\n${await promptOfJoke(stage)}`);
}

async function runWithoutMoney(stage: Stage): Promise<void> {
  const { console } = stage;
  const home = console.process;
  stage.heading('The same question from a process without wAR');
  // A folder keeps the process of an earlier session.
  const known = await console.client.findProcess('penniless');
  await stage.type(known === undefined ? '.spawn penniless' : '.use penniless');
  await stage.type('.load-blueprint apm');
  await stage.type(INSTALL);
  await stage.type(RUN);
  stage.say(
    'The token refused the transfer, nobody was paid, nothing was computed.\n' +
      "Give it wAR from alice's wallet, then ask again:  .fund penniless 0.001",
  );
  await stage.type(`.use ${home.name}`);
}

/** Asks the token for the balance, as any process does, and shows it in wAR, too. */
async function showBalance(stage: Stage): Promise<void> {
  const { client, process } = stage.console;
  await stage.type('Send({ Target = wAR, Action = "Balance" }).receive().Data');
  stage.say(`= ${formatWar(await client.warBalance(process.id))}`);
}

interface LlamaPrices {
  readonly feeBase: number;
  readonly feeToken: number;
  readonly lastMultiplier: number;
  readonly lastFeePaid: string;
}

/** What the process itself knows about the fee that it paid. */
async function readPrices({ console: { client, process } }: Stage): Promise<LlamaPrices> {
  const fields = ['feeBase', 'feeToken', 'lastMultiplier', 'lastFeePaid'];
  const table = fields.map((field) => `${field} = Llama.${field}`).join(', ');
  const code = `require("json").encode({ ${table} })`;
  const { output } = await client.dryRun(process.id, { Action: 'Eval' }, code);
  return JSON.parse(output) as LlamaPrices;
}

/** The prompt that the herder handed to a worker, read from the gateway. */
async function promptOfJoke({ console: { client }, events }: Stage): Promise<string> {
  const sent = events.findLast((event) => event.type === 'sent' && event.action === 'Inference');
  if (sent?.type !== 'sent') return '(it was refused)';
  const response = await client.fetch(`${client.info.urls.gateway}/raw/${sent.message}`);
  return (await response.text()).trimEnd();
}

function luaString(text: string): string {
  return JSON.stringify(text).replaceAll(/\\u([0-9a-f]{4})/g, '\\u{$1}');
}
