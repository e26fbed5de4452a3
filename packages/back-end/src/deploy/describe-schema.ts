import pg from 'pg';
import { toBackEndError } from '../errors.ts';

/**
 * The schemas data and api as text: one line a fact, in a fixed order, the same for equal schemas however they came about.
 * (PostgreSQL's pg_dump is not in the embedded server's package, and an older one refuses a newer server.)
 */
export async function describeSchema(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  try {
    await client.connect();
    // Names in full, whatever the login's search path.
    await client.query("set search_path = ''");
    const parts: string[] = [];
    for (const query of [RELATIONS, FUNCTIONS, GRANTS]) {
      const { rows } = await client.query<{ text: string }>(query);
      parts.push(...rows.map((row) => row.text));
    }
    return `${parts.join('\n\n')}\n`;
  } catch (error) {
    throw toBackEndError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Tables with columns, constraints, indexes and storage parameters; sequences that no identity column owns. */
const RELATIONS = `
  with relation as (
    select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) as name, c.reloptions
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('data', 'api')
  ), line as (
    select a.attrelid as oid, 1 as part, to_char(a.attnum, '0000') as place, format('  %I %s%s%s%s', a.attname,
      pg_catalog.format_type(a.atttypid, a.atttypmod),
      case when a.attcollation <> 0 and a.attcollation <> 100 then ' collate ' || a.attcollation::regcollation end,
      case when a.attnotnull then ' not null' end,
      case when a.attidentity <> '' then ' generated always as identity'
        else ' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) end) as text
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped
    union all
    select o.conrelid, 2, o.conname, format('  constraint %I %s', o.conname, pg_catalog.pg_get_constraintdef(o.oid))
    from pg_catalog.pg_constraint o where o.contype <> 'n'
    union all
    select i.indrelid, 3, i.indexrelid::regclass::text, '  ' || pg_catalog.pg_get_indexdef(i.indexrelid)
    from pg_catalog.pg_index i
    where not exists (select from pg_catalog.pg_constraint o where o.conindid = i.indexrelid and o.contype in ('p', 'u'))
    union all
    select r.oid, 4, '', '  with (' || array_to_string(r.reloptions, ', ') || ')' from relation r where r.reloptions is not null
  )
  select 'table ' || r.name || E'\\n' || string_agg(l.text, E'\\n' order by l.part, l.place) as text
  from relation r join line l using (oid)
  where r.relkind = 'r'
  group by r.name
  union all
  select 'sequence ' || r.name
  from relation r
  where r.relkind = 'S' and not exists (select from pg_catalog.pg_depend d where d.objid = r.oid and d.deptype = 'i')
  order by 1`;

const FUNCTIONS = `
  select pg_catalog.pg_get_functiondef(p.oid) as text
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname in ('data', 'api')
  order by p.oid::regprocedure::text`;

/** Every right of anybody but the owner, on schemas, tables, sequences and functions. */
const GRANTS = `
  with object (kind, name, owner, acl) as (
    select 'schema', nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    from pg_catalog.pg_namespace where nspname in ('data', 'api')
    union all
    select case c.relkind when 'S' then 'sequence' else 'table' end, c.oid::regclass::text, c.relowner,
      coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))
    from pg_catalog.pg_class c
    where c.relnamespace in ('data'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'v', 'm', 'f', 'p', 'S')
    union all
    select 'function', p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_catalog.pg_proc p where p.pronamespace in ('data'::regnamespace, 'api'::regnamespace)
  )
  select string_agg(format('grant %s on %s %s to %s', lower(g.privilege_type), o.kind, regexp_replace(o.name, '\\(.*', ''),
    case g.grantee when 0 then 'public' else g.grantee::regrole::text end), E'\\n'
    order by g.grantee::regrole::text, o.kind desc, o.name, g.privilege_type) as text
  from object o cross join lateral aclexplode(o.acl) as g
  where g.grantee <> o.owner`;
