import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An OpenID Connect provider, as far as whoever checks its tokens sees it. */
export interface OidcProvider {
  readonly issuer: string;
  /** A token, valid unless the claims say otherwise. */
  sign(claims: JWTPayload): Promise<string>;
  /** From now on it signs with another key; the former one is gone. */
  rotate(): Promise<void>;
  /** From now on it answers nothing. */
  hang(): void;
  stop(): Promise<void>;
}

export const AUDIENCE = 'rollcall-test';

export async function startOidcProvider(): Promise<OidcProvider> {
  let key = await newKey(1);
  let hangs = false;
  const server = createServer(async (request, response) => {
    if (hangs) return;
    response.setHeader('content-type', 'application/json');
    if (request.url === '/jwks') response.end(JSON.stringify({ keys: [key.public] }));
    else if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    sign: (claims) =>
      new SignJWT({ iss: issuer, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: key.id })
        .sign(key.private),
    async rotate() {
      key = await newKey(Number(key.id) + 1);
    },
    hang() {
      hangs = true;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

async function newKey(id: number) {
  const pair = await generateKeyPair('ES256');
  const named = { kid: String(id), alg: 'ES256' };
  return { id: String(id), private: pair.privateKey, public: { ...(await exportJWK(pair.publicKey)), ...named } };
}
