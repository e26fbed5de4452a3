import type { Query } from '../presence/rows.ts';
import type { Details, Held } from './model.ts';

/** What the back end has of the directory, in one statement: between two of them a run may end. */
export async function readHeld(query: Query): Promise<Held> {
  const [row] = await query(`select
    (select coalesce(json_agg(json_build_object(
        'id', e.entry_id, 'accountId', e.account_id::text, 'problem', e.problem, 'gone', e.gone_at is not null)), '[]')
      from data.directory_entry e) as entries,
    (select coalesce(json_agg(json_build_object(
        'id', a.id::text, 'address', a.user_part || '@' || d.name, 'enabled', a.enabled, 'admin', a.role = 'admin',
        'aliases', array(
          select l.user_part || '@' || n.name from data.account_alias l join data.domain n on n.id = l.domain_id
          where l.account_id = a.id),
        'person', case when p.account_id is not null then json_build_object(
          'displayName', p.display_name, 'givenName', p.given_name, 'surname', p.surname, 'mail', p.mail, 'title', p.title,
          'department', p.department, 'phones', p.phones, 'address', p.address) end)), '[]')
      from data.account a join data.domain d on d.id = a.domain_id left join data.person p on p.account_id = a.id) as accounts`);
  const { entries, accounts } = row as unknown as { entries: Held['entries']; accounts: Row[] };
  return { entries, accounts: accounts.map((account) => ({ ...account, details: detailsOf(account) })) };
}

interface Row {
  id: string;
  address: string;
  aliases: string[];
  enabled: boolean;
  admin: boolean;
  person: (Record<string, string | null> & { phones: never; address: string }) | null;
}

function detailsOf({ address, person }: Row): Details | undefined {
  if (!person) return undefined;
  const { phones, address: shown, ...texts } = person;
  const numbers = (phones as { type: string; number: string }[]).map(({ type, number }) => [type, number]);
  const details = [...Object.entries(texts).filter(([, text]) => text !== null), ...numbers];
  // The address book follows the account; only what does not is worth a line.
  return Object.fromEntries(shown === address ? details : [...details, ['address', shown]]) as Details;
}
