/** The llama device inside the Lua machine: what a process sees of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileLua } from '../../actors/lua/engine.js';
import { createImage } from '../../actors/lua/image.js';
import { createMachine } from '../../actors/lua/machine.js';
import { collectorOfRun } from '../../kit/collect/run.js';
import { createLlamaDevice, createModelCache, type TokenProgress } from '../../llama/device.js';
import { loadModel, type ModelOptions, type Notary } from '../../llama/model.js';
import type { Program } from '../../llama/program.js';
import { createSession } from '../../llama/session.js';
import { PEER_CASES } from './peer-cases.js';
import { randomModel } from './random-model.js';

const lua = readFileSync(new URL('../../processes/llama/llama.lua', import.meta.url), 'utf8');
const model = randomModel({ ...PEER_CASES[4]!.shape, layers: 1 });
const items = new Map([
  ['model-1', model],
  ['text-1', new TextEncoder().encode('not a model')],
]);
/** A process that evaluates each message as Lua and answers with what it returns. */
const source = `
  function handle(message)
    local ok, value = pcall(assert(load(message)))
    return (ok and 'ok ' or 'error ') .. tostring(value)
  end
`;

function createProcess(options: ModelOptions = {}) {
  const reads: string[] = [];
  const tokens: TokenProgress[] = [];
  const openModel = createModelCache((id) => {
    reads.push(id);
    return items.get(id);
  }, options);
  const createDevice = () =>
    createLlamaDevice({ openModel, lua, onToken: (progress) => tokens.push(progress) });
  const watch = collectorOfRun()?.lines?.hook;
  const image = createImage(compileLua(), {
    files: [{ name: 'main', source }],
    entry: 'main',
    devices: [createDevice()],
    watch,
  });
  const spawn = () => {
    const machine = createMachine(image, { devices: [createDevice()], watch });
    return { machine, run: (code: string) => machine.evaluate(code, '{}') };
  };
  return { ...spawn(), spawn, reads, tokens };
}

function expectedText(prompt: string, count: number, options = {}): string {
  const session = createSession(loadModel(model), options);
  session.setPrompt(prompt);
  return session.run(count);
}

const LOAD = "Llama = require('llama'); Llama.load('/data/model-1')";

describe('a process', () => {
  test('loads a model and runs a prompt', () => {
    const { run, tokens } = createProcess();
    expect(run(LOAD)).toBe('ok nil');
    expect(run("Llama.setPrompt('the tea'); return Llama.run(12)")).toBe(
      `ok ${expectedText('the tea', 12)}`,
    );
    expect(tokens.length).toBe(12);
    expect(tokens.at(-1)?.count).toBe(12);
    expect(run('return Llama.info()')).toContain('Q8_0, context 128');
  });

  test('goes on token by token over messages, and with added text', () => {
    const { run } = createProcess();
    run(`${LOAD}; Llama.setPrompt('the tea')`);
    const pieces = Array.from({ length: 8 }, () => run('return Llama.next()').slice('ok '.length));
    expect(pieces.join('')).toBe(expectedText('the tea', 8));
    expect(run("Llama.add('<|user|>sea'); return #Llama.run(3) > 0")).toBe('ok true');
  });

  test('samples as it asks to', () => {
    const { run } = createProcess();
    run("Llama = require('llama'); Llama.load('/data/model-1', { temperature = 1.5, seed = 7 })");
    expect(run("Llama.setPrompt('the tea'); return Llama.run(9)")).toBe(
      `ok ${expectedText('the tea', 9, { temperature: 1.5, seed: 7 })}`,
    );
  });

  test('asks for a whole answer, and learns how it ended', () => {
    const { run, tokens } = createProcess();
    run(LOAD);
    run("Llama.answer({ prompt = 'the tea', tokens = 12, stops = { '<|user|>' }, trim = true })");
    run('Pieces = {}; for piece in Llama.next do table.insert(Pieces, piece) end');
    run('Ending = Llama.ending()');
    const whole = expectedText('the tea', 12).trimStart();
    expect(run('return Ending.text')).toBe(`ok ${whole}`);
    expect(run('return table.concat(Pieces)')).toBe(`ok ${whole}`);
    expect(run("return Ending.reason .. ' ' .. Ending.tokens")).toBe('ok length 12');
    expect(run("return Ending.promptTokens .. ' ' .. Ending.stopIndex")).toBe('ok 6 0');
    expect(tokens.at(-1)?.count).toBe(12);
  });

  test('gets the claim of an answer that the notary saw, and of no other', () => {
    const seen: string[] = [];
    const createNotary = ({ readAnswer }: Program): Notary => ({
      begin: ({ maxTokens }) => seen.push(`begin ${maxTokens}`),
      boundary: () => seen.push(`${readAnswer().tokens} tokens`),
      claim: () => ({ root: 'ab12', tokens: readAnswer().tokens }),
    });
    const { run, spawn } = createProcess({ createNotary });
    const ask = "Llama.answer({ prompt = 'the tea', tokens = 2 }); Llama.run(9)";
    run(`${LOAD}; ${ask}`);
    expect(run("return Llama.claim().root .. ' ' .. Llama.claim().tokens")).toBe('ok ab12 2');
    expect(seen).toEqual(['begin 2', '1 tokens', '2 tokens']);
    run("Llama.add('more'); Llama.run(1)");
    expect(run('return Llama.claim()')).toBe('ok nil');
    run("Llama.answer({ prompt = 'the tea', tokens = 2 }); Llama.next()");
    spawn().run(`${LOAD}; Llama.setPrompt('sea')`);
    run('Llama.run(9)');
    expect(run("return tostring(Llama.claim()) .. ' ' .. Llama.ending().tokens")).toBe('ok nil 2');
  });

  test('gets no claim where nobody keeps proofs', () => {
    const { run } = createProcess();
    run(`${LOAD}; Llama.answer({ prompt = 'the tea', tokens = 2 }); Llama.run(9)`);
    expect(run('return Llama.claim()')).toBe('ok nil');
  });

  test('gets nil at the end of the answer', () => {
    const { run } = createProcess();
    run(`${LOAD}; Llama.setPrompt('the tea')`);
    run('Llama.run(500)');
    expect(run('return Llama.next()')).toBe('ok nil');
    expect(run("return Llama.log[#Llama.log].text:match('context')")).toBe('ok context');
  });

  test('hears of progress and the log', () => {
    const { run } = createProcess();
    run(`Lines, Shares = {}, {}
      Llama = require('llama')
      Llama.onLog = function(level, text) table.insert(Lines, level .. ' ' .. text) end
      Llama.onProgress = function(share) table.insert(Shares, share) end`);
    run("Llama.logLevel = Llama.logLevels.info; Llama.load('/data/model-1')");
    expect(run('return Lines[1]')).toMatch(/^ok 4 loaded model-1/);
    run("Llama.setPrompt(('x'):rep(40))");
    expect(run("return #Shares .. ' ' .. Shares[#Shares]")).toBe('ok 3 1');
  });
});

describe('what goes wrong is a Lua error that says so', () => {
  test.each([
    ["Llama.load('/data/nothing')", 'There is no data item "nothing" to load'],
    ["Llama.load('model.gguf')", '"model.gguf" is not the path of a model'],
    ['Llama.load()', '"" is not the path of a model'],
    ["Llama.load('/data/text-1')", 'does not start with "GGUF"'],
    ["Llama.setPrompt('x')", 'No model is loaded'],
    ['Llama.next()', 'Call load'],
    ["Llama.load('/data/model-1'); Llama.next()", 'no prompt to continue'],
    ["Llama.load('/data/model-1'); Llama.setPrompt(('x'):rep(999))", 'context of 128'],
    ["Llama.load('/data/model-1', { topP = 7 })", 'option topP is 7'],
    ["Llama.load('/data/model-1'); Llama.answer({ prompt = 'x' })", 'option maxTokens is NaN'],
  ])('%s', (code, text) => {
    const { run } = createProcess();
    const answer = run(`Llama = require('llama'); ${code}`);
    expect(answer).toMatch(/^error /);
    expect(answer).toContain(text);
    expect(run('return 1')).toBe('ok 1');
  });

  test('and a prompt that is not UTF-8 is no reason to fail', () => {
    const { run } = createProcess();
    run(LOAD);
    expect(run("Llama.setPrompt('\\xff\\xfe'); return type(Llama.next())")).toBe('ok string');
  });
});

describe('the state of a process', () => {
  test('goes on from a checkpoint on another machine', () => {
    const { machine, run, spawn } = createProcess();
    run(`${LOAD}; Llama.setPrompt('the tea'); Llama.run(5)`);
    const checkpoint = machine.checkpoint();
    const expected = run('return Llama.run(10)');
    const other = spawn();
    other.machine.restore(checkpoint);
    expect(other.run('return Llama.run(10)')).toBe(expected);
    machine.restore(checkpoint);
    expect(run('return Llama.run(10)')).toBe(expected);
  });

  test('is empty before a load and after a stop', () => {
    const { machine, run } = createProcess();
    const empty = machine.checkpoint();
    run(LOAD);
    machine.restore(empty);
    expect(run("return require('llama').next()")).toContain('No model is loaded');
    run(`${LOAD}; Llama.stop()`);
    expect(run('return Llama.next()')).toContain('No model is loaded');
  });

  test('reads each model once for all processes of a thread', () => {
    const { run, spawn, reads } = createProcess();
    run(LOAD);
    spawn().run(LOAD);
    expect(reads).toEqual(['model-1']);
  });
});
