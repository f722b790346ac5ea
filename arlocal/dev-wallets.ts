/**
 * RSA-4096 dev wallets: alice, bob and carol.
 *
 * For clients that want an Arweave key file. Everybody knows these keys: they were generated once
 * and are published here. Never send them anything of value on the real network. Only the two
 * primes are written down; the rest of a JWK follows from them (RFC 8017, section 3.2).
 */
import { ArlocalError } from './errors.js';
import { type Wallet, walletFromJwk } from './wallet.js';

/** An RSA key as Arweave key files have it: every number in base64url. */
export interface RsaJwk {
  readonly kty: 'RSA';
  readonly e: string;
  readonly n: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly dp: string;
  readonly dq: string;
  readonly qi: string;
}

interface Primes {
  readonly p: string; // base64url
  readonly q: string;
}

const PRIMES: Readonly<Record<string, Primes>> = {
  alice: {
    p: [
      '7S4ajrai5WGN-JhrbX_nTDcr6iMcmYOCU6bCSP0KPccKkDv4JxM_VMAxHtPnNsjwY5HwQcVPiA-WjW0Q4yAl3-4tCS',
      '63K0WuCVX03T1nDOj1vzh9ZnGuSQPlmuYR-8C4fJjyD8m-M4VOQ2PNgc_4oEN49qd0t3dsei05SrPSlHUsSjaVxC0D',
      'kxw7KJ6GDKRqz4I8OPWt5kLs1ik51gkQUDWhaj10EMOujKSJ20yTbNYSsB9TozYXeRj_tI5FEmKeR78PEvUJiokkCN',
      'svd73j3cMQIUOmgOtetLBrVGbfxpe5jtL0zn7PmUoYXEjBq9sRdbCxBM8Lb78L6ATa7sEi6Q',
    ].join(''),
    q: [
      '7RlnBgpGbqcNYp2NRiDE12be3zVA2jWKJT-uMysWq1bdN4yRCIEN2Vhiauk4XO3BbaYIm966iNjBOLA5ofCa6_JN8E',
      'vbkJpn-wJrJaRZ2z3V6gwca4GYHJQq5THJECseJxMVJveQe8bzd03DBoJIevtKlKE3_0r2ROmpoeXt0EJzzWwApWmb',
      '9fgozF1a6nlJeGmkNibxNW3InM2aAsj46UWtvmQa2O1pJXZC5hWl7tQHLglxY7JQ7lCldiuz8lcpITtcKHxjeO0h3A',
      'p0Wm7Ny0bEW_66O7tnKR7kg3yVLb3QhFE2U7H7qfo6ES_IEhaEociUe61nXnhygkESoF-k0w',
    ].join(''),
  },
  bob: {
    p: [
      '-dQF9_oQzWcYwLXfPvOStiDk9MQkJNEQuXtO5HqH5udPl4_eT2ZOqMoczeSxGJ9Z2vXpFlNMXvUZkfCLFkRu4LEqPa',
      '8ZAf7f7Xnre6LGo1kbJH3wFbqIPukAkEm3q1TT2a3IOuXlpHTfmCMBo5lbyROiY2hmhMEk0QTPDQJhuiUx-qZxDcMy',
      'woXAwE3GaBr95Zs_6xTSt0hUeyTZiN6wZxMjAG9KqS7v1N9hEF4MPETWcLvxyp6sr850yU6qktmnLw3xaS-_e8fr2P',
      'fNCQTnDrWJNZ7WH3yXlMAHUGI-hncsrxx2N0jlyvAuD0HQi5sGwYpP5rYzHeBB2sALQOnapQ',
    ].join(''),
    q: [
      'yvmPa1foFKnEr29J-lt-hm9Yue54Rfhud6xNSn5qkfa6H1wh7addVzYivP0yDBv9-_blIxKU1tXSVQgEpn8p2RIxwu',
      'Gt2PNsaCijAMkmS20yC1ji_tYNVYCq4tUsRXz4XY-BLS5Wx0FOZ5-Tp3uVPmd_8KCPi8WkgCNCI1eI4pI0VSJt35jn',
      '6Tj_Lge4wbmeP-iE9phe3-dRIYKmauyUEQiKdD9Il_1qhbzY_u-qXwVm_RycnQDvb6G4Trtg1AxvO9WJi0iigRi2R1',
      'FiG074E-za0JyZmxyLroYxB6_zH9TRJVL37awyQPRoDo3wbKIhghVAbmO-yd_M_o0Ueged6Q',
    ].join(''),
  },
  carol: {
    p: [
      '-PBNKrQrlufnbDmuOhc8hnOEZueYboWtMRJbwoKNrF9AxJ35gZkWQCn5UNIExClHCGpG0W1dlF1TUc-z08xE_ZUGDK',
      '3tAalugDs89PHNTRAT-jbIjO5Ck5Hrf_vOza9zXUDkRuOCT80JWNlihfL3cu82kHFzfQ2KHeZoiBhQs70t2oXqsjrW',
      'Jhl4UZR9PJnd5TXp8wvES28NHMYgGi8Rk6XnSJs8p-eqfWzODN-bJ5Xr6dUktZQMO6ohuXitDFfSPmC_vv6Z4d9NK7',
      '_ReGc3xho5PAzIm3es3tg7-RQNmQIR1zTUIy_HD6qWClqykjZuIm7AwsE7etuhQy0DzLj8Dw',
    ].join(''),
    q: [
      'u7Buc1rkPwL0cMcaYBf7M3uMQPniQuLfgRcBrpFS3O6aRfV5WuAKPXMxxDPrIwYiwhoXjnQx4kL2Ms5G2QQYzsHWCb',
      'mlKd0JqX5VwyWMmVVQNwiDYbSuDgOrjBSaiPt-QVLFt9mZ-aLOJf8A7Cj8vqUOHBNnfyk1TeqyF6KJG-zRLtZiZhxs',
      'xLdNU4CWpTS37rt2FQRXkBcU_62Ntaz9zgbyWD4ftnNqs6ItAKenDjJ3AO1KYdLZoJRZudA7wCoIJ0olGdNtrhJi7a',
      'PeTOsFApFv1lJtdocsocUfWJdEYXjRCn3Wjit5ORfac4bhGeLfG2T4Aj7gvUxGs6U3ADBLQw',
    ].join(''),
  },
};

export const DEV_WALLET_NAMES: readonly string[] = Object.keys(PRIMES);

/** The publicly known RSA wallet of that name, and its key file. @throws {WALLET_UNKNOWN} */
export function devWallet(name: string): { wallet: Wallet; jwk: RsaJwk } {
  const primes = Object.hasOwn(PRIMES, name) ? PRIMES[name] : undefined;
  if (!primes)
    throw new ArlocalError('WALLET_UNKNOWN', { name, known: DEV_WALLET_NAMES.join(', ') });
  const jwk = completeJwk(primes);
  return { wallet: walletFromJwk({ ...jwk }, name), jwk };
}

function completeJwk(primes: Primes): RsaJwk {
  const e = 65537n;
  const p = toNumber(primes.p);
  const q = toNumber(primes.q);
  const d = invert(e, (p - 1n) * (q - 1n));
  return {
    kty: 'RSA',
    e: 'AQAB',
    n: toText(p * q),
    d: toText(d),
    ...primes,
    dp: toText(d % (p - 1n)),
    dq: toText(d % (q - 1n)),
    qi: toText(invert(q, p)),
  };
}

/** The x below the modulus with value * x = 1, by Euclid's algorithm. */
function invert(value: bigint, modulus: bigint): bigint {
  let [last, rest] = [modulus, value % modulus];
  let [lastFactor, factor] = [0n, 1n];
  while (rest !== 0n) {
    const times = last / rest;
    [last, rest] = [rest, last - times * rest];
    [lastFactor, factor] = [factor, lastFactor - times * factor];
  }
  return lastFactor < 0n ? lastFactor + modulus : lastFactor;
}

function toNumber(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
}

function toText(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
