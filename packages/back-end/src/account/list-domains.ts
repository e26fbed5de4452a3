import type { Connections } from '../connections.ts';

export interface Domain {
  id: number;
  name: string;
}

/** The domains that the pool serves, the first one made first. */
export async function listDomains(connections: Connections): Promise<Domain[]> {
  const rows = await connections.call({ name: 'list_domains', text: 'select * from api.list_domains()', values: [] });
  return rows.map(([id, name]) => ({ id, name }) as Domain);
}
