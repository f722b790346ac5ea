/**
 * The messenger unit over HTTP, as aoconnect's legacy mode calls it: signed items in, cranked in the
 * background.
 */
import { Hono } from 'hono';
import { decodeDataItem } from '../../arlocal/data-item.js';
import { ActorError } from '../errors.js';
import type { ActorNetwork } from '../network.js';
import { prepareApp } from './errors.js';

export function createMessengerApp(network: ActorNetwork): Hono {
  const { messageBytes } = network.limits;
  const { messenger } = network.units;
  const app = prepareApp(new Hono(), messageBytes);

  app.get('/', (c) => c.text('ao messenger unit'));

  app.post('/', async (c) => {
    const process = c.req.query('process-id');
    const message = c.req.query('assign');
    if (process && message) {
      const exclude = c.req.query('exclude')?.split(',').filter(Boolean) ?? [];
      const { id } = messenger.assign(process, message, { exclude });
      return c.json({ message: 'Processing Assignment', id }, 202);
    }
    if (process || message) throw halfAssignment();
    const accepted = network.accept(await readBody(c.req.raw));
    const { id } = accepted;
    const processId = accepted.cascade.root.kind === 'spawn' ? accepted.process : undefined;
    return c.json({ message: 'Processing DataItem', id, processId }, 202);
  });

  app.post('/monitor/:process', async (c) => {
    checkSigned(await readBody(c.req.raw), messageBytes);
    await network.monitor(c.req.param('process'));
    return c.text('Monitoring process');
  });

  app.delete('/monitor/:process', async (c) => {
    checkSigned(await readBody(c.req.raw), messageBytes);
    network.unmonitor(c.req.param('process'));
    return c.text('Process deleted');
  });

  return app;
}

export async function readBody(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}

/** The item is the client's signature under the request and nothing else. */
function checkSigned(bytes: Uint8Array, maxBytes: number): void {
  decodeDataItem(bytes, { verify: true, maxBytes });
}

function halfAssignment(): ActorError {
  return new ActorError('BAD_REQUEST', 'an assignment needs both process-id and assign', {
    hint: 'POST /?process-id=PROCESS&assign=MESSAGE.',
  });
}
