/** How processes and wallets are referred to in a test: by id, by name, or by what stands for them. */
import type { Wallet } from '../../arlocal/wallet.js';

/** An id or address, a name, or anything that has one of the first two. */
export type Ref = string | { readonly id: string } | { readonly address: string };

/** Sends as somebody who does not sign. Not in AO. */
export interface Impersonated {
  /** Process or wallet that the messages are from. */
  readonly address: string;
  readonly impersonated: true;
}

/** Who sends: a wallet, the name of one, or somebody impersonated. */
export type Sender = string | Wallet | Impersonated;

export function isImpersonated(sender: Exclude<Sender, string>): sender is Impersonated {
  return 'impersonated' in sender;
}
