/** The package registry and its client, first and second generation. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bootKernel,
  bundleProgram,
  Neighbourhood,
  OWNER,
  type Post,
  readProgram,
  type Tags,
} from './harness.js';

const V1 = 'RLvG3tclmALLBCrwc17NqzNFqZCrUf3-RKZ5v8VRHiU';
const V2 = 'DKF8oXtPvh3q8s0fJFIeHFyHNM6oKrwMCUrPxEMroak';
const kernel = bootKernel();
const registry = bundleProgram('apm-registry.lua');
const blueprint = bundleProgram('blueprints/apm.lua');
const client = readProgram('apm-client.lua');
let network: Neighbourhood;

beforeEach(() => {
  network = new Neighbourhood(kernel);
  for (const id of [V1, V2]) {
    network.spawn(id, registry);
    publish(id, '@apm/apm-client', '2.1.0', client);
    publish(id, '@sam/Llama-Herder', '1.0.0', readProgram('client/llama-herder.lua'), {
      Description: 'Inference of a herd, paid in wAR',
      Repository: 'https://example.test',
    });
  }
});

afterEach(() => network.dispose());

function publish(id: string, name: string, version: string, data: string, tags: Tags = {}): Post {
  const all = { Name: name, Version: version, ...tags };
  const [reply] = network.send({ from: OWNER, to: id, action: 'APM.Publish', tags: all, data });
  if (!reply) throw new Error('no answer to APM.Publish');
  return reply;
}

const ask = (action: string, data: string): Post | undefined =>
  network.send({ from: 'ALICE', to: V2, action, data })[0];
const fromHex = (hex = ''): string => Buffer.from(hex, 'hex').toString('utf8');
const printed = (id: string): string => network.printed.get(id) ?? '';

describe('a user with the blueprint', () => {
  beforeEach(() => network.spawn('USER', blueprint));
  afterEach(() => expect(network.errors).toEqual([]));

  test('installs the llama client by its first-generation name and has Llama', () => {
    network.eval('USER', 'APM.install("@sam/Llama-Herder")');
    expect(printed('USER')).toContain('✅ Downloaded @sam/Llama-Herder@1.0.0');
    const code = 'return Llama == require("@sam/Llama-Herder") and Llama.feeBump';
    expect(network.eval('USER', code)).toBe('1.005');
  });

  test('asks the registry that the client came from', () => {
    expect(network.eval('USER', 'return {APM == apm, apm.ID}')).toContain(V1);
  });

  test('searches, reads about a package, uninstalls it', () => {
    network.eval(
      'USER',
      'apm.install("@sam/Llama-Herder") apm.search("LLAMA") apm.info("@sam/Llama-Herder")',
    );
    expect(printed('USER')).toContain('@sam/Llama-Herder | Inference of a herd, paid in wAR');
    expect(printed('USER')).toContain('Installs       : 1');
    network.eval('USER', 'apm.uninstall("@sam/Llama-Herder")');
    expect(network.eval('USER', 'return tostring(package.loaded["@sam/Llama-Herder"])')).toBe(
      'nil',
    );
  });

  test('is told what is not there', () => {
    network.eval('USER', 'apm.install("nope")');
    network.eval('USER', 'apm.install("@sam/Llama-Herder@9.9.9")');
    expect(printed('USER')).toContain('APM.DownloadResponse - Package not found: @apm/nope');
    expect(printed('USER')).toContain('Version not found: @sam/Llama-Herder@9.9.9');
  });

  test('gets the dependencies of a package, too', () => {
    publish(V1, '@apm/hay', '0.1.0', 'return { bales = 3 }');
    publish(
      V1,
      '@sam/barn',
      '0.1.0',
      'return { open = function() return require("hay").bales end }',
      {
        Dependencies: '{"hay":{"version":"0.1.0"}}',
      },
    );
    network.eval('USER', 'apm.install("@sam/barn")');
    expect(network.eval('USER', 'return require("@sam/barn").open()')).toBe('3');
  });

  test('updates the client when there is a newer one', () => {
    publish(
      V1,
      '@apm/apm-client',
      '2.2.0',
      client.replace("VERSION = '2.1.0'", "VERSION = '2.2.0'"),
    );
    network.eval('USER', 'apm.install("@sam/Llama-Herder")');
    expect(printed('USER')).toContain('APM 2.2.0 is available: apm.update()');
    network.eval('USER', 'apm.update()');
    expect(network.eval('USER', 'return apm._version')).toBe('2.2.0');
  });

  test('does not believe another registry', () => {
    const tags = { Name: '@sam/evil', Version: '1.0.0' };
    const data = Buffer.from('Stolen = true').toString('hex');
    network.send({ from: 'EVE', to: 'USER', action: 'APM.DownloadResponse', tags, data });
    expect(network.eval('USER', 'return tostring(Stolen)')).toBe('nil');
  });

  test.each([
    ['apm.install("bad name!")', 'Invalid package name'],
    ['apm.install("@bad vendor/x")', 'Invalid vendor name'],
    ['apm.install("x@1")', 'Invalid version'],
    ['apm.search()', 'No search query provided'],
    ['apm.info()', 'No info query provided'],
    ['apm.uninstall("x")', 'Package not installed'],
  ])('%s fails: %s', (code, error) => {
    expect(() => network.eval('USER', code)).toThrow(error);
    network.errors.length = 0;
  });
});

describe('the registry', () => {
  test('answers as clients of the second generation expect', () => {
    const reply = ask('APM.Download', '@sam/Llama-Herder');
    expect(reply?.tags).toMatchObject({
      Action: 'APM.DownloadResponse',
      Result: 'success',
      Name: '@sam/Llama-Herder',
      Version: '1.0.0',
      Dependencies: '{}',
      LatestClientVersion: '2.1.0',
    });
    expect(fromHex(reply?.data)).toBe(readProgram('client/llama-herder.lua'));
    expect(JSON.parse(ask('APM.Info', '@sam/Llama-Herder')?.data ?? '')).toMatchObject({
      Vendor: '@sam',
      Name: 'Llama-Herder',
      Version: '1.0.0',
      TotalInstalls: 1,
      Repository: 'https://example.test',
    });
    expect(JSON.parse(ask('APM.Search', 'no such thing')?.data ?? '')).toEqual([]);
  });

  test('takes the highest version, or the one that is wanted by number or id', () => {
    for (const version of ['0.9.0', '0.10.0', '0.9.1'])
      publish(V2, '@apm/x', version, `return '${version}'`);
    expect(ask('APM.Download', 'x')?.tags.Version).toBe('0.10.0');
    expect(ask('APM.Download', 'x@0.9.1')?.tags.Version).toBe('0.9.1');
    const { PkgID } = JSON.parse(ask('APM.Info', 'x@0.9.0')?.data ?? '') as { PkgID: string };
    expect(ask('APM.Download', `x@${PkgID}`)?.tags.Version).toBe('0.9.0');
  });

  test('accepts source as hex', () => {
    const hex = Buffer.from('return 7').toString('hex');
    publish(V2, '@apm/seven', '1.0.0', hex, { Encoding: 'hex' });
    expect(fromHex(ask('APM.Download', 'seven')?.data)).toBe('return 7');
  });

  test.each<[string, string, string, string]>([
    ['a version again', '@sam/Llama-Herder', '1.0.0', 'is published already'],
    ['a name without vendor', 'b a d', '1.0.0', 'Name must be @vendor/name'],
    ['an odd version', '@sam/x', '1', 'Version must be x.y.z'],
  ])('does not publish %s', (_, name, version, reason) => {
    const reply = publish(V2, name, version, 'return 1');
    expect(reply.tags.Result).toBe('error');
    expect(reply.data).toContain(reason);
  });

  test('does not publish what is not Lua', () => {
    expect(publish(V2, '@sam/x', '1.0.0', 'x ==').data).toContain('@sam/x:1: syntax error');
  });

  test('publishes for its owner only', () => {
    const tags = { Name: '@sam/Llama-Herder', Version: '2.0.0' };
    const [reply] = network.send({
      from: 'EVE',
      to: V2,
      action: 'APM.Publish',
      tags,
      data: 'x = 1',
    });
    expect(reply).toMatchObject({
      tags: { Result: 'error' },
      data: expect.stringContaining('owner'),
    });
    expect(ask('APM.Download', '@sam/Llama-Herder')?.tags.Version).toBe('1.0.0');
  });
});
