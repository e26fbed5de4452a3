import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';

export interface CreateDomainOutcome {
  outcome: 'created' | 'exists';
  domainId: number;
}

/** `name` in lower case. */
export async function createDomain(connections: Connections, name: string): Promise<CreateDomainOutcome> {
  checkText('domain', name);
  const rows = await connections.call({
    name: 'create_domain',
    text: 'select * from api.create_domain($1)',
    values: [name],
  });
  const [outcome, domainId] = rows[0]!;
  return { outcome, domainId } as CreateDomainOutcome;
}
