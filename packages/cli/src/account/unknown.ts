import { CommandError } from '../command-error.ts';

export function accountUnknown(uri: string): CommandError {
  return new CommandError(`No account ${uri}. \`rollcall account list\` shows those that exist.`);
}

export function domainUnknown(domain: string, known: readonly string[]): CommandError {
  const served = known.length === 0 ? 'no domain yet' : known.join(', ');
  return new CommandError(`This pool does not serve ${domain}; it serves ${served}. --create-domain adds it.`);
}
