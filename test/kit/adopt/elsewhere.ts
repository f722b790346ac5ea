/** Another network, served on loopback ports, that processes are adopted from; and ways to damage it. */
import type { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { serveApp } from '../../../arlocal/http/serve.js';
import { createApps } from '../../../herd/serve.js';
import { createNetwork, type Network, type NetworkOptions } from '../../../kit/network.js';

export const SHOP = `Stock = Stock or {}
Sold = Sold or 0
Handlers.add('Restock', 'Restock', function(msg)
  Stock[msg.Tags.Item] = (Stock[msg.Tags.Item] or 0) + tonumber(msg.Tags.Count)
end)
Handlers.add('Buy', 'Buy', function(msg)
  local item = msg.Tags.Item
  assert((Stock[item] or 0) > 0, 'no ' .. tostring(item))
  Stock[item] = Stock[item] - 1
  Sold = Sold + 1
  msg.reply({ Action = 'Sold', Data = item })
end)
Handlers.add('Notify', 'Notify', function(msg)
  ao.send({ Target = msg.Tags.To, Action = 'Hello', Data = tostring(Sold) })
end)
Handlers.add('Who', 'Who', function(msg) LastFrom = msg.From end)`;

/** What a damaged server answers instead. */
export type Damage = (path: string, body: string) => string | Response | undefined;

export interface Elsewhere {
  readonly network: Network;
  readonly su: string;
  readonly cu: string;
  readonly node: string;
  readonly gateway: string;
  /** Requests that were made, by part and path. */
  readonly asked: string[];
  /** From now on answers go through this. */
  damage: Damage | undefined;
}

export async function startElsewhere(options: NetworkOptions = { seed: 2 }): Promise<Elsewhere> {
  const network = await createNetwork(options);
  const apps = createApps(network, () => ({}));
  const asked: string[] = [];
  const it = { damage: undefined as Damage | undefined };
  const servers = await Promise.all(
    (['su', 'cu', 'node', 'gateway'] as const).map((part) =>
      serveApp(watch(apps[part], part, asked, it), { port: 0 }),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await network.close();
  });
  const [su = '', cu = '', node = '', gateway = ''] = servers.map(({ url }) => url);
  return Object.assign(it, { network, su, cu, node, gateway, asked });
}

function watch(app: Hono, part: string, asked: string[], it: { damage: Damage | undefined }) {
  const answer = app.fetch.bind(app);
  app.fetch = async (request, ...rest) => {
    const { pathname, search } = new URL(request.url);
    asked.push(`${part} ${decodeURIComponent(pathname)}`);
    const response = await answer(request, ...rest);
    if (!it.damage) return response;
    const body = await response.clone().text();
    const damaged = it.damage(pathname + search, body);
    if (damaged === undefined) return response;
    const { status } = response;
    const headers = { 'Content-Type': 'application/json' };
    return typeof damaged === 'string' ? new Response(damaged, { status, headers }) : damaged;
  };
  return app;
}
