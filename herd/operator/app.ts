/**
 * The operator over HTTP: status, question, and, our addition, what became of a request.
 *
 * Web pages are refused (the original lets all in, by CORS `*`): any page that someone on this machine
 * looks at could have it call a URL of the page's choice, loopback interface or not.
 */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Desk } from './desk.js';
import { isRefusal, OperatorError } from './errors.js';
import { type QuestionRules, readQuestion } from './question.js';
import { describeRequest } from './requests.js';
import type { Shapes } from './shapes.js';

export interface OperatorAppOptions {
  readonly nodeId: string;
  readonly desk: Desk;
  readonly rules: QuestionRules;
  readonly shapes: Shapes;
}

/** Room for a prompt in which every byte is escaped, and the fields around it. */
const BODY_BYTES_MAX = 64 * 1024;

export function createOperatorApp({ nodeId, desk, rules, shapes }: OperatorAppOptions): Hono {
  const app = new Hono();
  app.use(refuseWebPages);
  app.use(bodyLimit({ maxSize: BODY_BYTES_MAX, onError: refuseBody }));
  app.onError((error, context) => {
    const refusal = isRefusal(error) ? error : internal(error);
    const { status, body } = shapes.writeRefusal(refusal);
    return context.json(body, status);
  });
  app.notFound((context) => {
    throw notFound(context, shapes);
  });

  app.get('/healthcheck', (context) => context.text('ok'));

  app.on(shapes.statusMethod, '/api/v1/status', (context) => {
    const status = desk.isBusy() ? 1 : 0;
    const data = shapes.writeData({ status, node_id: nodeId });
    return context.json({ code: 0, msg: `${status}`, data });
  });

  app.post('/api/v1/question', async (context) => {
    const { reqId } = desk.submit(readQuestion(await context.req.text(), rules));
    const data = shapes.writeData({ node_id: nodeId, req_id: reqId });
    return context.json({ code: shapes.successCode, msg: '', data });
  });

  app.get('/api/v1/requests/:reqId', (context) => {
    const request = desk.find(context.req.param('reqId'));
    const data = shapes.writeData({ node_id: nodeId, ...describeRequest(request) });
    return context.json({ code: shapes.successCode, msg: '', data });
  });
  return app;
}

/** Browsers name the page that a request to elsewhere comes from; nothing else does. */
const refuseWebPages: MiddlewareHandler = (context, next) => {
  const origin = context.req.header('Origin');
  if (origin === undefined) return next();
  const hint = 'Ask from a program; if it is one, leave the Origin header out.';
  throw new OperatorError('WEB_PAGE_REFUSED', `the web page ${origin} may not ask`, { hint });
};

function refuseBody(): never {
  throw new OperatorError('BODY_TOO_LARGE', `the body is longer than ${BODY_BYTES_MAX} bytes`, {
    hint: 'A question is one small JSON object.',
  });
}

function notFound({ req }: Context, { statusMethod }: Shapes): OperatorError {
  const hint =
    `There are ${statusMethod} /api/v1/status, POST /api/v1/question, ` +
    'GET /api/v1/requests/{req_id} and GET /healthcheck.';
  return new OperatorError('NOT_FOUND', `there is nothing at ${req.method} ${req.path}`, { hint });
}

function internal(cause: Error) {
  const hint = 'This is a defect of the operator.';
  const error = new OperatorError('INTERNAL', `internal error: ${cause.message}`, { hint, cause });
  return error as OperatorError & { code: 'INTERNAL' };
}
