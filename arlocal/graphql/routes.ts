/**
 * `/graphql`: POST with JSON, or GET with the query in the address.
 *
 * A request that cannot be run (bad JSON, bad syntax, unknown field) is a 400; one that ran is a
 * 200, with what went wrong under `errors` as GraphQL over HTTP has it.
 */
import {
  buildSchema,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  parse,
  validate,
} from 'graphql';
import { type Context, Hono } from 'hono';
import { ArlocalError } from '../errors.js';
import type { Gateway } from '../gateway.js';
import { readJson } from '../http/respond.js';
import { checkDepth, createBudget } from './bounds.js';
import { createResolvers } from './resolvers.js';
import { SCHEMA } from './schema.js';

interface GraphqlRequest {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName: string | undefined;
}

/** Errors listed for one bad query; a query can be made to have thousands. */
const ERRORS_MAX = 20;
/** Tokens of one query: bounds its depth, and so the parser's stack. */
const QUERY_TOKENS_MAX = 2000;

export function createGraphqlRoutes(gateway: Gateway): Hono {
  const schema = buildSchema(SCHEMA);
  const rootValue = createResolvers(gateway);

  const answer = async (context: Context, request: GraphqlRequest) => {
    const { document, errors: refused } = prepare(request.query);
    if (!document) return context.json({ errors: describeErrors(refused) }, 400);
    const { variables: variableValues, operationName } = request;
    const contextValue = createBudget();
    const how = { schema, document, rootValue, variableValues, operationName, contextValue };
    const result = await execute(how);
    const errors = result.errors && { errors: describeErrors(result.errors) };
    return context.json({ ...result, ...errors }, result.data === undefined ? 400 : 200);
  };

  function prepare(query: string): { document?: DocumentNode; errors: readonly GraphQLError[] } {
    try {
      const document = parse(query, { maxTokens: QUERY_TOKENS_MAX });
      const errors = validate(schema, document, undefined, { maxErrors: ERRORS_MAX });
      if (errors.length > 0) return { errors };
      checkDepth(document);
      return { document, errors };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error; // too deep: answered as all refusals
    }
  }

  const app = new Hono();
  app.post('/graphql', async (context) => answer(context, readRequest(await readJson(context))));
  app.get('/graphql', (context) => {
    const { query, variables, operationName } = context.req.query();
    return answer(
      context,
      readRequest({ query, variables: readVariables(variables), operationName }),
    );
  });
  return app;
}

function readRequest(json: unknown): GraphqlRequest {
  const fields = new Map(Object.entries(typeof json === 'object' && json !== null ? json : {}));
  const query = fields.get('query');
  if (typeof query !== 'string') throw invalid('"query" is not a string');
  const variables = fields.get('variables') ?? {};
  if (typeof variables !== 'object' || Array.isArray(variables)) {
    throw invalid('"variables" is not an object');
  }
  const operationName = fields.get('operationName') ?? undefined;
  if (operationName !== undefined && typeof operationName !== 'string') {
    throw invalid('"operationName" is not a string');
  }
  return { query, variables: { ...variables }, operationName };
}

function readVariables(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new ArlocalError('JSON_INVALID', { reason: '"variables" is not JSON' }, { cause });
  }
}

/** Errors of ours keep their code and hint. */
function describeErrors(errors: readonly GraphQLError[]): GraphQLFormattedError[] {
  return errors.map((error) => {
    const { originalError } = error;
    if (!(originalError instanceof ArlocalError)) return error.toJSON();
    const { code, hint } = originalError;
    return { ...error.toJSON(), extensions: { code, hint } };
  });
}

function invalid(reason: string): ArlocalError {
  return new ArlocalError('JSON_INVALID', { reason });
}
