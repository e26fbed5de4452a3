import { ha1 } from '@rollcall/sip';
import { PresencePhone } from './phone.ts';
import { Chance } from './random.ts';
import type { Player, Pool, Stage } from './stage.ts';

/** Every fourth is on UDP. Every third has an alias, every fourth two phones, and every fifth is of the other domain. */
export async function addPlayer(
  stage: Stage & { names: string[]; aliases: string[] },
  n: number,
  seed: number,
  pool: Pool,
): Promise<Player> {
  const { backEnd } = stage;
  const domain = stage.domains[n % 5 === 4 ? 1 : 0]!;
  const [user, password] = [`u${n}`, `secret of u${n}`];
  const name = `${user}@${domain}`;
  const added = await backEnd.addAccount({ user, domain, ha1: { MD5: ha1('MD5', user, domain, password) } });
  if (added.outcome !== 'added') throw new Error(`${name}: ${added.outcome}`);
  const aliases = n % 3 === 0 ? [{ user: `also-${user}`, domain }] : [];
  for (const alias of aliases) await backEnd.addAlias({ account: { user, domain }, alias });
  const aliasNames = aliases.map((alias) => `${alias.user}@${alias.domain}`);
  stage.names.push(name);
  stage.aliases.push(...aliasNames);
  stage.model.addAccount(name, aliasNames);

  const phones = Array.from(
    { length: n % 4 === 0 ? 2 : 1 },
    (_, index) =>
      new PresencePhone({ user, domain, password }, stage.ledger, pool, {
        transport: n % 4 === 1 ? 'UDP' : 'TCP',
        first: n + index,
      }),
  );
  for (const phone of phones) {
    await phone.open();
    stage.model.register(name, phone.instance);
  }
  const credentials = await backEnd.findCredentials({ user, domain });
  const { credentialVersion } = credentials!;
  return {
    name,
    user,
    domain,
    accountId: added.accountId,
    credentialVersion,
    chance: new Chance(seed * 1000 + n),
    phones,
  };
}
