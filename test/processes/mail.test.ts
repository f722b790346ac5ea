/** Messages that no program knows: each of the shared programs drops them, or anyone could fill it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bootKernel, bundleProgram, Neighbourhood, OWNER } from './harness.js';

const MEGABYTE = 1_000_000;
const kernel = bootKernel();
const client = bundleProgram('client/llama-herder.lua');
/** The joker with the package that it needs, which finds no herder here. */
const joker = `package.loaded['@sam/Llama-Herder'] = (function()\n${client}\nend)()
  ${bundleProgram('joker.lua')}`;
const worker = bundleProgram('worker.lua');

const programs: [string, string][] = [
  ['wAR', bundleProgram('war.lua')],
  ['the herder', bundleProgram('herder.lua')],
  ['the joker', joker],
  ['the registry', bundleProgram('apm-registry.lua')],
  ['a worker', worker],
];

let network: Neighbourhood;

beforeEach(() => {
  network = new Neighbourhood(kernel);
});

afterEach(() => {
  expect(network.errors).toEqual([]);
  network.dispose();
});

/** Bytes that the state of the process takes. */
function heldBytes(): number {
  return 1024 * Number(network.eval('IT', 'collectgarbage() return collectgarbage("count")'));
}

function sendLarge(tags: Record<string, string> = {}): void {
  for (let i = 0; i < 8; i += 1) {
    network.send({ from: 'EVE', to: 'IT', tags, data: `${i}`.repeat(MEGABYTE) });
  }
}

test.each(programs)('%s keeps nothing of large messages that it does not know', (_, program) => {
  network.spawn('IT', program);
  const letters = network.eval('IT', 'return #Inbox');
  const before = heldBytes();
  sendLarge();
  sendLarge({ Action: 'Unheard-Of' });
  expect(network.eval('IT', 'return #Inbox')).toBe(letters);
  expect(heldBytes()).toBeLessThan(before + MEGABYTE / 2);
});

test.each(programs)('%s still obeys its owner, also in handlers added later', (_, program) => {
  network.spawn('IT', program);
  network.eval('IT', "Handlers.add('later', 'Later', function(m) m.reply({ Data = 'heard' }) end)");
  const posts = network.send({ from: OWNER, to: 'IT', action: 'Later' });
  expect(posts).toMatchObject([{ to: OWNER, data: 'heard' }]);
});

test('the joker keeps nothing of large messages that wait for a joke', () => {
  network.spawn('IT', joker);
  const before = heldBytes();
  sendLarge({ Action: 'Joke', Topic: 'cats' });
  expect(network.eval('IT', 'return Joker.waiting')).toBe('8');
  expect(heldBytes()).toBeLessThan(before + MEGABYTE / 2);
});
