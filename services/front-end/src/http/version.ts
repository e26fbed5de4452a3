import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** The entity tag of version 7 is `"7"`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a change is to be made to (RFC 9110 §13.1.1), if the request names one.
 *
 * @throws Problem 412 for a tag that no version has
 */
export function ifMatch(request: FastifyRequest): { expectedVersion?: number } {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return {};
  const version = /^\s*"(\d{1,15})"\s*$/.exec(header)?.[1];
  if (version === undefined) throw versionDiffers();
  return { expectedVersion: Number(version) };
}

export function versionDiffers(version?: number): Problem {
  const headers = version === undefined ? {} : { ETag: entityTag(version) };
  return new Problem(412, 'version-differs', { detail: 'It has another version than the one in If-Match', headers });
}

/** The body with its version as ETag; 304 when the client has it already (RFC 9110 §13.1.2). */
export function sendVersion<Body>(
  request: FastifyRequest,
  reply: FastifyReply,
  version: number,
  body: Body,
): FastifyReply {
  const tag = entityTag(version);
  reply.header('ETag', tag);
  const known = request.headers['if-none-match'];
  const has = known?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
  return request.method === 'GET' && has ? reply.code(304).send() : reply.send(body);
}
