import { describe, expect, test } from 'vitest';
import { findRoute } from '../../clients/hosts.js';
import { createRedirect } from '../../clients/network-address.js';

describe('the table of production hosts', () => {
  test.each([
    ['su-router.ao-testnet.xyz', 'su'],
    ['su203.ao-testnet.xyz', 'su'],
    ['MU.ao-testnet.xyz', 'mu'],
    ['mu203.ao-testnet.xyz', 'mu'],
    ['cu.ao-testnet.xyz', 'cu'],
    ['ao-mu-0.ao-devnet.xyz', 'mu'],
    ['tee-6.forward.computer', 'node'],
    ['forward.computer', 'node'],
    ['su-router.forward.computer', 'su'],
    ['up.arweave.net', 'bundler'],
    ['upload.ardrive.io', 'bundler'],
    ['arweave.net', 'gateway'],
    ['www.arweave.net', 'gateway'],
    ['ao-search-gateway.goldsky.com', 'gateway'],
  ])('sends %s to the %s', (host, part) => {
    expect(findRoute(host, '/path?query=1')).toEqual({ part, path: '/path?query=1' });
  });

  test.each([
    'example.com',
    'arweave.net.example.com',
    'myarweave.net',
    'localhost',
    'goldsky.com',
  ])('knows nothing of %s', (host) => expect(findRoute(host, '/')).toBeUndefined());

  test('makes an ArNS name a folder, and leaves the path of a sandbox', () => {
    expect(findRoute('get_ao.arweave.net', '/')?.path).toBe('/get_ao/');
    expect(findRoute(`${'a2'.repeat(26)}.arweave.net`, '/id')?.path).toBe('/id');
  });
});

describe('the address of the local network', () => {
  const suRouter = new URL('https://su-router.ao-testnet.xyz/?process-id=P');
  test.each([
    [{}, 'http://127.0.0.1:4003/?process-id=P'],
    [{ CORRAL_PORT_BASE: '5000' }, 'http://127.0.0.1:5003/?process-id=P'],
    [{ CORRAL_URL: 'http://box:7000/', CORRAL_PORT_BASE: '1' }, 'http://box:7003/?process-id=P'],
  ])('with %o', (env, url) => {
    expect(createRedirect(env)(suRouter)?.href).toBe(url);
  });

  test.each([
    { CORRAL_URL: 'box:7000' },
    { CORRAL_URL: 'https://box' },
    { CORRAL_URL: 'http://box:65535' },
    { CORRAL_PORT_BASE: 'abc' },
    { CORRAL_PORT_BASE: '99999' },
  ])('refuses %o', (env) => {
    expect(() => createRedirect(env)).toThrow(
      expect.objectContaining({ code: 'BAD_ADDRESS', hint: expect.stringContaining('corral up') }),
    );
  });
});
