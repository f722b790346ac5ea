/**
 * The production hosts that the clients of AO and Arweave name, and the part of a local network that
 * answers for each. Read in the sources of aoconnect 0.0.98, 0.0.85 and 0.0.69, ao-scheduler-utils
 * 0.0.29, ao-core-libs 0.0.9, the aos CLI 2.0.16, arweave 1.15, Turbo's and Irys' SDKs.
 */

/** The parts of a network, in the order of their ports. */
export const PARTS = ['gateway', 'bundler', 'mu', 'su', 'cu', 'node'] as const;
export type Part = (typeof PARTS)[number];

/** Host, part, and who names it. `*` stands for any text; the first line that fits decides. */
export const HOSTS: readonly (readonly [host: string, part: Part, namedBy: string])[] = [
  ['mu*.ao-testnet.xyz', 'mu', 'aoconnect legacy, aos'],
  ['cu*.ao-testnet.xyz', 'cu', 'aoconnect legacy, aos'],
  ['su*.ao-testnet.xyz', 'su', 'ao-scheduler-utils: su-router; Scheduler-Locations: su1, su2, ...'],
  ['ao-mu-*.ao-devnet.xyz', 'mu', 'aos --dev'],
  ['ao-cu-*.ao-devnet.xyz', 'cu', 'aos --dev'],
  ['mu.s451-comm3-main.xyz', 'mu', 'aoconnect up to 0.0.85, aos relay'],
  ['cu.s451-comm3-main.xyz', 'cu', 'aoconnect up to 0.0.85, aos relay'],
  ['su-router.forward.computer', 'su', "AO's messenger unit"],
  ['forward.computer', 'node', 'ao-core-libs'],
  ['*.forward.computer', 'node', 'aoconnect mainnet: tee-6; aos: push; ao-scheduler-utils: cache'],
  ['relay.ao-hb.xyz', 'node', 'aoconnect up to 0.0.85'],
  ['up.arweave.net', 'bundler', "AO's units, HyperBEAM, Irys' SDK"],
  ['upload.ardrive.io', 'bundler', 'turbo-sdk'],
  ['payment.ardrive.io', 'bundler', 'turbo-sdk'],
  ['turbo.ardrive.io', 'bundler', "Irys' SDK"],
  ['uploader.irys.xyz', 'bundler', "Irys' SDK"],
  ['node?.irys.xyz', 'bundler', "Irys' SDK"],
  ['node?.bundlr.network', 'bundler', "Bundlr's client"],
  ['arweave.net', 'gateway', 'all of them'],
  ['*.arweave.net', 'gateway', 'browsers, by sandboxes and ArNS names; aos: get_ao'],
  ['arweave-search.goldsky.com', 'gateway', "AO's units"],
  ['ao-search-gateway.goldsky.com', 'gateway', 'aos'],
  ['gateway.irys.xyz', 'gateway', "Irys' SDK"],
  ['g8way.io', 'gateway', "AO's scheduler unit"],
];

const RULES = HOSTS.map(([host, part]) => {
  const pattern = host.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
  return { part, host: new RegExp(`^${pattern}$`) };
});

/** What stands for a request to a production host. */
export interface Route {
  readonly part: Part;
  /** Path and query at that part. */
  readonly path: string;
}

/**
 * @param path with its query
 * @returns undefined for a host that no client is wired to: such a request is nobody's business
 */
export function findRoute(hostname: string, path: string): Route | undefined {
  const name = hostname.toLowerCase();
  const rule = RULES.find(({ host }) => host.test(name));
  return rule && { part: rule.part, path: `${subdomainPath(name)}${path}` };
}

/** Subdomains of arweave.net that hold one transaction each are named by its id in base32. */
const SANDBOX = /^[a-z2-7]{52}$/;

/**
 * On arweave.net an ArNS name is a subdomain; here it is a folder of the gateway, where the name is
 * not known and 404 is the answer. The path in a sandbox names its transaction anyway.
 */
function subdomainPath(name: string): string {
  const subdomain = /^(.+)\.arweave\.net$/.exec(name)?.[1];
  const isName = subdomain !== undefined && subdomain !== 'up' && subdomain !== 'www';
  return isName && !SANDBOX.test(subdomain) ? `/${subdomain}` : '';
}
