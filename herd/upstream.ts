/**
 * The gateway that a network is put on top of: `--gateway URL`, and who pays for what is posted there.
 */
import { readFileSync } from 'node:fs';
import { devWallet } from '../arlocal/dev-wallets.js';
import type { AttachedUpstream, UpstreamSetup } from '../arlocal/upstream/attach.js';
import type { PosterEvent } from '../arlocal/upstream/poster.js';
import { connectUpstream } from '../arlocal/upstream/upstream.js';
import { type Wallet, walletFromJwk } from '../arlocal/wallet.js';
import { CorralError } from './errors.js';

/** What becomes of the gateway behind a network. */
export type GatewayEvent =
  | PosterEvent
  /** The network was closed with so many entries not posted; kept if they are in a folder. */
  | {
      readonly kind: 'left';
      readonly url: string;
      readonly waiting: number;
      readonly kept: boolean;
    };

export interface UpstreamOptions {
  /** URL of an Arweave gateway: what is missing here is read from it, what is stored posted to it. */
  readonly gateway?: string | undefined;
  /**
   * Key file of the RSA wallet that signs and pays for what is posted.
   * @default carol, whom test gateways (ArLocal, Corral) give AR; nothing is posted to others
   */
  readonly gatewayKey?: string | undefined;
  /** Told of what is posted, and of a gateway that is away or refuses something. */
  readonly onGatewayEvent?: ((event: GatewayEvent) => void) | undefined;
}

/** What a network tells of the gateway behind it. */
export interface UpstreamInfo {
  readonly url: string;
  /** Name of its network. */
  readonly network: string;
  /** Items and transactions posted to it since the start. */
  readonly posted: number;
  /** Entries stored here and not posted yet. */
  readonly waiting: number;
  /** Why nothing is posted at the moment. */
  readonly problem?: string;
}

/** How long one request may take. */
const READ_MS = 30_000;
const WRITE_MS = 120_000;

/** @throws {BAD_OPTION, UPSTREAM_AWAY, UPSTREAM_REFUSED, PUBLIC_KEY_INVALID} */
export async function openUpstream(options: UpstreamOptions): Promise<UpstreamSetup | undefined> {
  const { gateway, gatewayKey, onGatewayEvent } = options;
  if (gateway === undefined) return undefined;
  const upstream = await connectUpstream({
    url: checkUrl(gateway),
    fetch: globalThis.fetch,
    deadline: (isWrite) => AbortSignal.timeout(isWrite ? WRITE_MS : READ_MS),
  });
  const testWallet = upstream.isTest ? devWallet('carol').wallet : undefined;
  const wallet = gatewayKey === undefined ? testWallet : readWallet(gatewayKey);
  return { upstream, wallet, tell: onGatewayEvent };
}

/** Posts what waits before a network ends, and tells how much of it the gateway did not take. */
export async function leaveUpstream(
  upstream: AttachedUpstream | undefined,
  { db, onGatewayEvent }: UpstreamOptions & { readonly db?: string | undefined },
): Promise<void> {
  if (!upstream) return;
  await upstream.post();
  const { waiting } = upstream.state;
  if (waiting === 0) return;
  onGatewayEvent?.({ kind: 'left', url: upstream.url, waiting, kept: db !== undefined });
}

export function describeUpstream({ url, network, state }: AttachedUpstream): UpstreamInfo {
  const { posted, waiting, problem } = state;
  return { url, network, posted, waiting, ...(problem ? { problem: problem.message } : {}) };
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol))
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  throw new CorralError('BAD_OPTION', `the gateway "${text}" is no URL`, {
    hint: 'Give --gateway (in a program: gateway) a URL such as http://localhost:1984.',
    details: { gateway: text },
  });
}

function readWallet(file: string): Wallet {
  try {
    return walletFromJwk(JSON.parse(readFileSync(file, 'utf8')), 'gateway-key');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CorralError('BAD_OPTION', `the gateway's key ${file} is no key file: ${reason}`, {
      hint: 'Give --gateway-key (in a program: gatewayKey) the JWK file of an RSA wallet.',
      cause,
    });
  }
}
