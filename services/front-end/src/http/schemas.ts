/** Parts of the routes' schemas: JSON Schema as OpenAPI 3.1 has it. */

export const NEEDS_TOKEN = [{ accessToken: [] }];

export const problem = {
  description: 'What went wrong (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
        },
        required: ['type', 'title', 'status'],
        additionalProperties: true,
      },
    },
  },
} as const;

/** The answers of a route: the good one, and problems by status. */
export function answers(good: Record<number, object>, ...statuses: number[]): Record<number, object> {
  return { ...good, ...Object.fromEntries([...new Set([400, ...statuses, 503])].map((status) => [status, problem])) };
}

export function object(properties: Record<string, object>, required: string[] = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false };
}

export const nothing = (description: string) => ({ description, type: 'null' });

export const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });

export const address = { ...text(512), description: 'The address of record', examples: ['alice@example.org'] };

export const dateTime = { type: 'string', format: 'date-time' };

export const role = { type: 'string', enum: ['user', 'admin'] };
