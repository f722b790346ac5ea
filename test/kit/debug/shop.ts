/** A shop on a network of its own, to be debugged. */
import { fileURLToPath } from 'node:url';
import { bundleLua } from '../../../herd/bundle.js';
import { openScene } from '../../../kit/debug/scene.js';
import { openSession } from '../../../kit/debug/session.js';
import { createPast } from '../../../kit/inspect/past.js';
import { startNetwork } from '../../actors/kernel-module.js';

export const SHOP = fileURLToPath(new URL('shop/shop.lua', import.meta.url));

export async function openShop() {
  const { network, alice, spawn } = await startNetwork();
  const shop = await spawn(bundleLua(SHOP));
  const past = createPast(network);
  const send = (action: string, tags: Record<string, string> = {}) =>
    network.send({ from: alice, to: shop.id, action, tags });
  const debug = async (message: string) =>
    openSession(await openScene(network, past, shop.id, message));
  const close = async () => {
    past.close();
    await network.close();
  };
  return { network, alice, shop, past, send, debug, close };
}
