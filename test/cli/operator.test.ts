import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Receiver } from '../herd/operator/bench.js';
import { runCorral, startCorralProgram, stopProgram } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'corral-operator-'));
afterAll(() => rmSync(folder, { recursive: true }));

function writeConfig(text: string): string {
  const path = join(folder, 'config.yml');
  writeFileSync(path, text);
  return path;
}

test('answers by its config in the shapes of the original, and ends cleanly on Ctrl-C', async () => {
  const receiver = await new Receiver().listen();
  const config = writeConfig('port: "0"\nmodel_name: llama\nmongo_uri: mongodb://a:secret@b\n');
  const program = startCorralProgram(['operator', '--config', config, '--original']);
  const said = await program.said('stderr', /"llama" at http\S+/);
  const url = /at (http\S+)/.exec(said)?.[1];
  const question = { model: 'llama', prompt: 'Who are you?', callback: receiver.url, req_id: 'me' };
  const init = { method: 'POST', body: JSON.stringify(question) };
  const reply = await fetch(`${url}/api/v1/question`, init);
  const data = expect.stringContaining('"req_id":"me"');
  expect(await reply.json()).toMatchObject({ code: 200, data });
  const { body } = await receiver.received.next();
  expect(body).toMatchObject({
    req_id: 'me',
    state_root: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  });
  await receiver.close();
  const { code, stdout, stderr } = await stopProgram(program);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('mongo_uri is not used');
  expect(stderr).not.toContain('secret');
});

test.each([
  ['an unknown key', 'modle: x\n', '"modle"'],
  ['a model that is not there', 'model_path: /no/such.gguf\n', '/no/such.gguf'],
])('says what is wrong with the config: %s', async (_, text, said) => {
  const outcome = await runCorral(['operator', '--config', writeConfig(text)]);
  expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain(said);
  expect(outcome.stderr).toContain('CONFIG_INVALID');
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
});
