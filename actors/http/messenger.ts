/**
 * The messenger unit over HTTP, as aoconnect's legacy mode calls it: signed items in, cranked in the
 * background. What it answers 202 to is kept.
 */
import type { Context, Hono } from 'hono';
import type { Gateway } from '../../arlocal/gateway.js';
import { ActorError } from '../errors.js';
import type { ActorNetwork } from '../network.js';
import { readAssignment } from './assignment.js';
import { prepareApp, requireNumber, requireQuery } from './errors.js';
import { answerTrace } from './trace.js';

export function createMessengerApp(network: ActorNetwork): Hono {
  const { gateway, units } = network;
  const { messageBytes } = network.limits;
  const { messenger, log } = units;
  const app = prepareApp(gateway, messageBytes);

  app.get('/', (c) =>
    c.req.query('debug') ? answerTrace(network, c) : c.text('ao messenger unit'),
  );

  app.post('/', async (c) => {
    const assignment = readAssignment(c);
    if (assignment) {
      const { process, message, options } = assignment;
      await gateway.fetchMissing([message], { data: true });
      const { nonce } = messenger.assign(process, message, options);
      const id = nonce === undefined ? undefined : log.at(process, nonce)?.assignmentId;
      return c.json({ message: 'Processing Assignment', id }, 202);
    }
    const { id, process, cascade } = await network.receive(await readBody(c.req.raw));
    const processId = cascade.root.kind === 'spawn' ? process : undefined;
    return c.json({ message: 'Processing DataItem', id, processId }, 202);
  });

  app.post('/monitor/:process', async (c) => {
    checkSigned(gateway, await readBody(c.req.raw), messageBytes);
    await network.monitor(c.req.param('process'));
    return c.text('Monitoring process');
  });

  app.delete('/monitor/:process', async (c) => {
    checkSigned(gateway, await readBody(c.req.raw), messageBytes);
    await network.unmonitor(c.req.param('process'));
    return c.text('Process deleted');
  });

  app.post('/push/:message/:number', async (c) => {
    const id = c.req.param('message');
    await pushAgain(network, c);
    return c.json({ message: 'Processing Message Result', id }, 202);
  });

  app.post('/push-result/:message/:number', async (c) => {
    const { message: id, number } = c.req.param();
    await pushAgain(network, c); // the node reads what the units store: that is the upload
    return c.json({ message: 'Result uploaded to HB', id, number: Number(number) });
  });

  return app;
}

/** Sends one message of a result again that was refused before; one that was sent stays sent. */
async function pushAgain(network: ActorNetwork, c: Context): Promise<void> {
  const process = requireQuery(c, 'process-id');
  const number = requireNumber(c.req.param('number') ?? '', 'the number of the message');
  await network.units.messenger.pushAgain(process, c.req.param('message') ?? '', number);
}

export async function readBody(request: Request): Promise<Uint8Array> {
  return new Uint8Array(await request.arrayBuffer());
}

/** The item is the client's signature under the request and nothing else. */
function checkSigned(gateway: Gateway, bytes: Uint8Array, maxBytes: number): void {
  const { length } = bytes;
  if (length === 0) {
    throw new ActorError('BAD_REQUEST', 'the request is not signed', {
      hint: 'Its body is a signed data item, such as aoconnect sends.',
    });
  }
  gateway.readItem(bytes, { maxBytes });
}
