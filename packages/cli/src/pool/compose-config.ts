import { haproxyConfig } from './haproxy-config.ts';

/** How many front ends `docker compose up --scale` may reach. */
const SCALE = 16;

/** Ports that a front end listens on in its container. */
const PORTS = { sip: 5060, sips: 5061, http: 8080 } as const;

/** docker/haproxy/haproxy.cfg: front ends are found by the name of their service. */
export function composeConfig(): string {
  return haproxyConfig({
    sip: ':5060',
    sips: ':5061',
    http: ':8080',
    operators: ':8404',
    global: ['log stdout format raw daemon notice'],
    servers: 'resolvers docker init-addr none',
    sections: `resolvers docker
  nameserver engine 127.0.0.11:53
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve 500ms
  timeout retry 500ms
  # One that is gone from the DNS is found dead by its check; a lost answer must not make it so.
  hold valid 1s
  hold obsolete 5s
  hold other 30s
  hold refused 30s
  hold nx 30s
  hold timeout 30s

`,
    serverLines: (port, more) => [
      `server-template front-end- ${SCALE} front-end:${PORTS[port]} port ${PORTS.http} ${more}`,
    ],
  });
}
