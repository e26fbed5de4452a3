import type { Name } from './model.ts';
import type { Stage } from './stage.ts';

export type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/** Each answers with the rows that there must not be, once the pool is quiet. */
const WITHOUT_OWNER: Readonly<Record<string, string>> = {
  'watch without a subscription': `select w.* from data.watch w
    where not exists (select from data.subscription s where (s.account_id, s.id) = (w.subscriber_id, w.subscription_id))`,
  'watch of no account': `select w.* from data.watch w
    where not exists (select from data.account a where a.id = w.account_id)`,
  'subscription of no account': `select s.* from data.subscription s
    where s.account_id <> 0 and not exists (select from data.account a where a.id = s.account_id)`,
  'subscription past its time': `select s.* from data.subscription s where s.expires_at < now() - interval '5 s'`,
  'subscription without what it watches': `select s.* from data.subscription s
    where not s.is_list
      and 1 <> (select count(*) from data.watch w where (w.subscriber_id, w.subscription_id) = (s.account_id, s.id))`,
  'list that is not the contacts': `select s.id from data.subscription s
    where s.is_list
      and array(select w.account_id from data.watch w where (w.subscriber_id, w.subscription_id) = (s.account_id, s.id) order by 1)
        <> array(
          select c.contact_account_id from data.contact c
          where c.account_id = s.account_id and c.contact_account_id is not null and not c.removed order by 1
        )`,
  'publication past its time': `select p.* from data.publication p where p.expires_at < now() - interval '2 s'`,
  'state of nobody': `select s.* from data.event_state s
    where not exists (select from data.account a where a.id = s.account_id)`,
  'check of nobody': `select c.* from data.presence_check c
    where not exists (select from data.account a where a.id = c.account_id)`,
  'expiry that nobody will see': `select a.id from data.account a
    where exists (select from data.event_state s where s.account_id = a.id and s.event = 'presence')
      and (select min(t.expires_at) from (
          select e.expires_at from data.endpoint e where e.account_id = a.id and e.expires_at > now()
          union all select p.expires_at from data.publication p where p.account_id = a.id and p.expires_at > now()
        ) t) < coalesce((select c.check_at from data.presence_check c where c.account_id = a.id), 'infinity')`,
};

/** What is in the tables and belongs to nobody, or is not what phones and model know of. */
export async function findOrphans(query: Query, { ledger, lost, model, streams }: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const [what, sql] of Object.entries(WITHOUT_OWNER)) {
    for (const row of await query(sql)) found.push(`${what}: ${JSON.stringify(row)}`);
  }
  const publications = await query("select count(*)::int as count from data.publication where event = 'presence'");
  const wanted = model.publications(performance.now());
  if (publications[0]!.count !== wanted) found.push(`${publications[0]!.count} publications, not ${wanted}`);
  const http = await query("select count(distinct flow)::int as count from data.subscription where transport = 'HTTP'");
  if (http[0]!.count !== streams.length)
    found.push(`${http[0]!.count} subscriptions of ${streams.length} HTTP streams`);
  const rows = await query("select call_id, front_end_id from data.subscription where transport <> 'HTTP'");
  const live = new Set(ledger.live);
  for (const { call_id: callId, front_end_id: frontEndId } of rows as {
    call_id: string;
    front_end_id: number | null;
  }[]) {
    // One of which nobody has heard waits for its time, unless its watcher can be told.
    if (live.delete(callId) ? frontEndId === null : frontEndId !== null || !lost.has(callId)) {
      found.push(
        `subscription ${callId} of front end ${frontEndId}, and its watcher does not know it or cannot be told`,
      );
    }
  }
  return [...found, ...[...live].map((callId) => `no subscription ${callId}, and its watcher has it`)];
}

/** What only the tables know: watchers of whom nobody has heard, and messages that wait. */
export async function findUnknown(query: Query, { ledger, lost }: Stage) {
  const watchers = (await query(
    "select call_id, watcher, target from data.subscription where event = 'presence' and not is_list",
  )) as { call_id: string; watcher: Name; target: Name }[];
  const messages = (await query(
    `select u.user_part || '@' || d.name as name, count(m.id)::int as count
     from data.account u join data.domain d on d.id = u.domain_id left join data.message m on m.account_id = u.id group by 1`,
  )) as { name: Name; count: number }[];
  const wrong = messages.flatMap(({ name, count }) => {
    const { least, most } = ledger.messages.bounds(name);
    return count < least || count > most ? [`${count} messages wait for ${name}, not ${least} to ${most}`] : [];
  });
  return {
    unknownWatchers: watchers.filter(({ call_id }) => lost.has(call_id)),
    waiting: new Map(messages.map(({ name, count }) => [name, count])),
    wrong,
  };
}
