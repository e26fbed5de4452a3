import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { problem } from '../schemas.ts';
import { XCAP_ROOT } from './target.ts';

type Paths = NonNullable<NonNullable<FastifyDynamicSwaggerOptions['openapi']>['paths']>;

const AUID = parameter('auid', { type: 'string', enum: ['resource-lists', 'pres-rules'] }, 'The application usage');
const XUI = parameter('xui', { type: 'string', examples: ['sip:alice@example.org'] }, 'Whose document: the user alone');
const NODE = parameter('node', { type: 'string' }, 'A node selector (RFC 4825 §6.3), escaped');

const SECURITY = [{ digest: [] }, { accessToken: [] }];
const DOCUMENT = 'An XCAP document (RFC 4825): the contact list (RFC 4826), or the access rules (RFC 5025)';
const PART = 'An element or an attribute of an XCAP document';

/** The routes of XCAP for /v1/openapi.json. Behind `~~` follows what no route can say, so they are one route to the server. */
export const XCAP_PATHS: Paths = {
  [`${XCAP_ROOT}/{auid}/users/{xui}/index`]: operations(DOCUMENT, [AUID, XUI]),
  [`${XCAP_ROOT}/{auid}/users/{xui}/index/~~/{node}`]: operations(PART, [AUID, XUI, NODE]),
  [`${XCAP_ROOT}/xcap-caps/global/index`]: {
    get: {
      ...{ summary: 'What this XCAP server has (RFC 4825 §12)', tags: ['xcap'], security: [] },
      responses: { 200: { description: 'The document', content: { 'application/xcap-caps+xml': {} } } },
    },
  },
};

function operations(summary: string, parameters: ReturnType<typeof parameter>[]): Paths[string] {
  const common = { tags: ['xcap'], security: SECURITY, parameters };
  const xml = { '*/*': { schema: { type: 'string' as const } } };
  const read = { 200: { description: 'It, with its ETag', content: xml }, 304: { description: 'As it was' } };
  const changed = { description: 'Done; ETag is that of the document now' };
  const conflict = { description: 'Why it cannot be (RFC 4825 §11)', content: { 'application/xcap-error+xml': {} } };
  return {
    get: { ...common, summary, responses: { ...read, ...problems(401, 403, 404, 412) } },
    put: {
      ...common,
      summary: `${summary}: made or replaced`,
      requestBody: { required: true, content: xml },
      responses: { 200: changed, 201: changed, 409: conflict, ...problems(401, 403, 412, 413, 415) },
    },
    delete: {
      ...common,
      summary: `${summary}: it is not there afterwards`,
      responses: { 200: changed, 409: conflict, ...problems(401, 403, 404, 412) },
    },
  };
}

function problems(...statuses: number[]) {
  return Object.fromEntries([400, ...statuses, 503].map((status) => [status, problem]));
}

function parameter(
  name: string,
  schema: { type: 'string'; enum?: string[]; examples?: string[] },
  description: string,
) {
  return { name, in: 'path' as const, required: true, description, schema };
}
