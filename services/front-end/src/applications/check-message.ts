import type { ApplicationMessage } from './application.ts';

/** A copy of what an application wants to send, or what is wrong with it. */
export function checkMessage(message: ApplicationMessage): ApplicationMessage | string {
  const { from, to, body, contentType } = (message ?? {}) as Partial<ApplicationMessage>;
  if (typeof from !== 'string') return '`from` must be an address such as bot@example.org';
  if (typeof to !== 'string') return '`to` must be an address such as alice@example.org';
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return '`body` must be text or a Uint8Array';
  if (contentType !== undefined && typeof contentType !== 'string') return '`contentType` must be text';
  return {
    from,
    to,
    body: typeof body === 'string' ? body : Uint8Array.from(body),
    ...(contentType && { contentType }),
  };
}
