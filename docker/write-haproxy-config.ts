// Writes docker/haproxy/haproxy.cfg: node docker/write-haproxy-config.ts
import { writeFile } from 'node:fs/promises';
import { composeConfig } from '../packages/cli/src/pool/compose-config.ts';

await writeFile(new URL('haproxy/haproxy.cfg', import.meta.url), composeConfig());
