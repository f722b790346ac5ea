/**
 * Which key a command signs with: alice's, unless a file is named. The dev wallets' key files come
 * with Corral and are publicly known; their paths are in the network's own description.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type CorralInfo, type Wallet, walletFromJwk } from '../index.js';
import { CliError, messageOf } from './errors.js';

/**
 * @param file a JWK file; alice's without
 * @throws {CliError} FILE_NOT_FOUND, WALLET_INVALID
 */
export function openWallet(info: CorralInfo, file: string | undefined): Wallet {
  if (file !== undefined) return readWallet(file, basename(file).replace(/\.json$/, ''));
  const alice = info.wallets.find((wallet) => wallet.name === 'alice');
  if (alice !== undefined) return readWallet(alice.jwk, alice.name);
  throw new CliError('WALLET_INVALID', 'this network has no wallet named alice', 'Use --wallet.');
}

function readWallet(file: string, name: string): Wallet {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const hint = 'Give the path of an Arweave key file (RSA, as JSON).';
    const message = `cannot read the key file ${file} (${messageOf(cause)})`;
    throw new CliError('FILE_NOT_FOUND', message, hint, { file }, cause);
  }
  try {
    return walletFromJwk(JSON.parse(text), name);
  } catch (cause) {
    const hint = 'A key file is an RSA private key as a JSON Web Key, 4096 bits.';
    throw new CliError('WALLET_INVALID', `${file} is no Arweave key file`, hint, { file }, cause);
  }
}
