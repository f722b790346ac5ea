/**
 * Wallets: what a node says about them, and ArLocal's ways to give them winston from nowhere.
 */
import { Hono } from 'hono';
import { isId } from '../encoding.js';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import { fieldsOf, showValue } from '../json-fields.js';
import { parseWinston } from '../transaction.js';
import { readJson } from './respond.js';

export function createWalletRoutes(gateway: Gateway): Hono {
  const app = new Hono();
  app.get('/wallet/:address/balance', (context) =>
    context.text(String(gateway.balance(readAddress(context.req.param('address'))))),
  );
  app.get('/wallet/:address/last_tx', (context) =>
    context.text(gateway.lastTransaction(readAddress(context.req.param('address')))),
  );
  app.get('/mint/:address/:winston', async (context) => {
    const address = readAddress(context.req.param('address'));
    const winston = parseWinston(context.req.param('winston'));
    if (gateway.upstream?.isTest) await gateway.upstream.mint(address, winston);
    const balance = gateway.mint(address, winston);
    return context.text(String(balance));
  });
  app.post('/wallet', async (context) => {
    const wallet = readWallet(await readJson(context));
    setBalance(gateway, readAddress(wallet.address), wallet.balance);
    return context.json(wallet);
  });
  app.patch('/wallet/:address/balance', async (context) => {
    const { balance } = readWallet(await readJson(context));
    setBalance(gateway, readAddress(context.req.param('address')), balance);
    return context.json({ balance });
  });
  return app;
}

function readAddress(address: string): string {
  if (!isId(address)) throw new ArlocalError('ADDRESS_INVALID', { address });
  return address;
}

/** `{ address, balance }` of a request; the balance is winston, as a number or as text. */
function readWallet(json: unknown): { address: string; balance: number | string } {
  const fields = fieldsOf(json);
  const balance = fields.get('balance');
  return {
    address: showValue(fields.get('address') ?? ''),
    balance: typeof balance === 'number' ? balance : showValue(balance),
  };
}

function setBalance(gateway: Gateway, address: string, balance: number | string): void {
  gateway.setBalance(address, parseWinston(String(balance)));
}
