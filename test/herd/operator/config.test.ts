/** The config file: the seed's keys in flat YAML, and everything else refused by line. */
import { describe, expect, test } from 'vitest';
import { parseOperatorConfig, readOperatorConfig } from '../../../herd/operator/config.js';

test('reads the file of the original', () => {
  const config = parseOperatorConfig(
    [
      'port: "1234"',
      'host: http://127.0.0.1',
      'model_name: llama',
      'model_path: ./llama-7b-fp32.bin # model filepath',
      'mongo_uri: mongodb://admin:admin@127.0.0.1:27017',
      'mips_program: ./mlgo/ml_mips/ml_mips.bin # mips program path',
      'dispatcher: http://127.0.0.1:21001/ # dispatcher url',
    ].join('\n'),
  );
  expect(config).toMatchObject({
    port: 1234,
    host: 'http://127.0.0.1',
    modelName: 'llama',
    modelPath: './llama-7b-fp32.bin',
    dispatcher: 'http://127.0.0.1:21001',
  });
  expect(config.unused.map((line) => line.split(' ')[0])).toEqual(['mongo_uri', 'mips_program']);
  expect(config.unused.join()).not.toContain('admin'); // a password is no matter for a log
});

test('has a default for every key', () => {
  const none = { modelName: undefined, modelPath: undefined, dispatcher: undefined, unused: [] };
  const defaults = { port: 1234, host: 'http://127.0.0.1', ...none };
  expect(parseOperatorConfig('')).toEqual(defaults);
  expect(parseOperatorConfig('---\n# nothing\n\ndispatcher:\nmodel_path: ""\n')).toEqual(defaults);
});

test.each([
  ["model_name: 'it''s # one'", "it's # one"],
  ['model_name: "a \\"b\\" \\u00e9" # c', 'a "b" é'],
  ['model_name: two words # comment', 'two words'],
  ['model_name: a#b', 'a#b'],
  ['model_name: a\r\nport: 1', 'a'],
])('%j', (line, name) => {
  expect(parseOperatorConfig(line).modelName).toBe(name);
});

describe('refuses', () => {
  test.each([
    ['an unknown key, by name', 'modle_name: x', '"modle_name"'],
    ['a key twice', 'port: 1\nport: 2', 'x.yml:2 sets "port" again'],
    ['nesting', 'port: 1\n  host: x', 'x.yml:2 is no `key: value`'],
    ['a list', '- port', 'x.yml:1'],
    ['a line without a colon', 'port 1', 'x.yml:1'],
    ['a colon without a blank', 'port:1', 'x.yml:1'],
    ['a flow value', 'model_name: [a]', '[a]'],
    ['a block value', 'model_name: |', 'x.yml:1'],
    ['an open quote', 'model_name: "a', '"a'],
    ['an escape that JSON does not have', 'model_name: "\\x41"', 'x.yml:1'],
    ['a mapping as a value', 'model_name: a: b', 'a: b'],
    ['a port that is no number', 'port: http', '"http"'],
    ['a port that does not exist', 'port: 65536', '65536'],
    ['a host that is no URL', 'host: 127.0.0.1', '127.0.0.1'],
    ['a host with a port', 'host: http://a:80/x', 'http://a:80/x'],
    ['a dispatcher of another scheme', 'dispatcher: ftp://a', 'ftp://a'],
  ])('%s', (_, text, said) => {
    const read = () => parseOperatorConfig(text, 'x.yml');
    expect(read).toThrow(said);
    expect(read).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('a file that is not there', () => {
    const code = expect.objectContaining({ code: 'CONFIG_NOT_FOUND' });
    expect(() => readOperatorConfig('/no/such.yml')).toThrow(code);
  });
});
