/** What one query may cost: nobody can keep the gateway busy with a short text. */
import { describe, expect, test } from 'vitest';
import { createGateway } from '../../../arlocal/gateway.js';
import { createGatewayApp } from '../../../arlocal/http/gateway-app.js';
import { createMemoryStore } from '../../../arlocal/memory-store.js';

const app = createGatewayApp(createGateway({ store: createMemoryStore(), now: () => 0 }));

async function ask(query: string): Promise<{ codes: unknown[]; status: number }> {
  const body = JSON.stringify({ query });
  const response = await app.request('/graphql', { method: 'POST', body });
  const { errors = [] } = (await response.json()) as {
    errors?: { extensions?: { code?: string } }[];
  };
  return { codes: errors.map(({ extensions }) => extensions?.code), status: response.status };
}

const many = (count: number, field: string) =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')} }`;

describe('a query', () => {
  test.each([
    ['pages that are not asked for', many(40, 'transactions { edges { cursor } }')],
    ['large pages', many(10, 'transactions(first: 1000) { edges { cursor } }')],
    ['three counts', many(3, 'transactions { count }')],
    ['many single entries', many(100, `transaction(id: "${'A'.repeat(43)}") { id }`)],
  ])('may ask for %s', async (_, query) => {
    expect(await ask(query)).toEqual({ codes: [], status: 200 });
  });

  test.each([
    ['pages', many(41, 'transactions { edges { cursor } }')],
    ['large pages', many(11, 'transactions(first: 1000) { edges { cursor } }')],
    ['counts', many(4, 'transactions { count }')],
    ['blocks', many(41, 'blocks { edges { cursor } }')],
  ])('is stopped where it asks for too many %s', async (_, query) => {
    expect((await ask(query)).codes).toContain('QUERY_TOO_COSTLY');
  });

  test('is refused if it is too long', async () => {
    expect((await ask(many(1000, 'block { id }'))).status).toBe(400);
  });
});
