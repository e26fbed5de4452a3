import { DOMAIN, type FrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';

let users = 0;

/** Somebody with an account of their own, who is signed in. */
export async function newcomer(pool: FrontEndPool) {
  const account = await pool.addAccount(`user-${++users}`);
  const { accessToken: token, refreshToken } = await signIn(pool.frontEnd, account);
  const ask = (methodAndPath: string, body?: object, frontEnd = pool.frontEnd) =>
    call(frontEnd, methodAndPath, { token, body });
  return { account, address: `${account.user}@${DOMAIN}`, token, refreshToken, ask };
}
