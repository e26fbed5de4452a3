import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSchema, NotDeployedError, openBackEnd } from '../../packages/back-end/src/index.ts';
import { createTestDatabase, type TestDatabase } from '../../packages/test-kit/src/index.ts';

/** All that anybody but the owner may do. A new procedure has no caller until its name is here. */
const GRANTS = {
  rollcall_admin: [
    'add_account',
    'add_alias',
    'add_app_password',
    'allow_directory_run',
    'create_domain',
    'directory_status',
    'find_contacts',
    'import_accounts',
    'list_access_levels',
    'list_access_rules',
    'list_accounts',
    'list_aliases',
    'list_app_passwords',
    'list_directory_problems',
    'list_domains',
    'list_endpoints',
    'list_front_ends',
    'notify',
    'remove_access_rule',
    'remove_account',
    'remove_alias',
    'remove_app_password',
    'set_access_level',
    'set_access_rule',
    'set_account_enabled',
    'set_password',
  ],
  rollcall_front_end: [
    'acknowledge_notice',
    'add_account_as_admin',
    'add_app_password',
    'adopt_subscriptions',
    'change_access_rules',
    'change_account_as_admin',
    'change_contacts',
    'check_presence',
    'close_session',
    'count_subscriptions',
    'end_subscriptions',
    'find_access_rules',
    'find_certified_account',
    'find_changed_accounts',
    'find_contacts',
    'find_credentials',
    'find_endpoint_events',
    'find_front_ends',
    'find_keys',
    'find_messages',
    'find_notices',
    'find_person',
    'find_presence',
    'find_sign_in',
    'get_presence',
    'join_front_end',
    'keep_message',
    'leave_front_end',
    'list_accounts',
    'list_app_passwords',
    'list_domains',
    'list_endpoints',
    'list_front_ends',
    'list_people',
    'lose_subscriptions',
    'mark_endpoint_stale',
    'message_delivered',
    'notify',
    'open_session',
    'publish',
    'refresh_session',
    'register',
    'register_in_session',
    'release_messages',
    'remove_account_as_admin',
    'remove_app_password',
    'remove_dead_front_ends',
    'remove_expired_endpoints',
    'remove_expired_messages',
    'remove_expired_sessions',
    'remove_expired_subscriptions',
    'renew_front_end_lease',
    'renotify',
    'renotify_subscriptions',
    'route',
    'search_people',
    'session_holds',
    'set_presence',
    'store_messages',
    'subscribe',
    'take_messages',
    'take_notifications',
    'use_nonce',
  ],
  rollcall_replicator: [
    'apply_directory_changes',
    'begin_directory_run',
    'directory_status',
    'fail_directory_run',
    'known_members',
    'list_directory_problems',
    'lock_directory',
    'notify',
    'plan_directory_run',
    'remove_gone_account',
    'stage_directory_changes',
  ],
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('grants exactly this', async () => {
  const granted = (await describeSchema(database.url)).split('\n').filter((line) => line.startsWith('grant '));
  const expected = Object.entries(GRANTS).flatMap(([role, procedures]) => [
    `grant usage on schema api to ${role}`,
    ...procedures.map((name) => `grant execute on function api.${name} to ${role}`),
  ]);
  expect(granted).toEqual(expected);
});

it('lets every procedure run as its owner, with a pinned search path', async () => {
  const lax = await database.query(`
    select proname from pg_proc
    where pronamespace = 'api'::regnamespace
      and (has_function_privilege('rollcall_front_end', oid, 'execute') or has_function_privilege('rollcall_admin', oid, 'execute')
        or has_function_privilege('rollcall_replicator', oid, 'execute'))
      and not (prosecdef and 'search_path=pg_catalog, pg_temp' = any (proconfig))`);
  expect(lax).toEqual([]);
});

it('lets that owner own everything, and be neither a superuser nor anybody who can log in', async () => {
  const owners = await database.query(`
    select distinct r.rolname, r.rolsuper or r.rolcanlogin or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls as mighty
    from (
      select proowner as owner from pg_proc where pronamespace = 'api'::regnamespace
      union all
      select relowner from pg_class where relnamespace = 'data'::regnamespace
      union all
      select nspowner from pg_namespace where nspname in ('api', 'data')
    ) as o
    join pg_roles r on r.oid = o.owner`);
  expect(owners).toEqual([{ rolname: 'rollcall_owner', mighty: false }]);
});

describe('the front-end role', () => {
  it('reads and writes no table and no sequence', async () => {
    const client = await database.connect(database.frontEndUrl);
    const tables = await database.query<{ name: string }>(
      "select oid::regclass::text as name from pg_class where relnamespace = 'data'::regnamespace and relkind in ('r', 'S')",
    );
    expect(tables.length).toBeGreaterThan(7);
    for (const { name } of tables) {
      await expect(client.query(`select * from ${name}`), name).rejects.toThrow('permission denied');
      await expect(client.query(`delete from ${name}`), name).rejects.toThrow('permission denied');
    }
  });

  it('makes nothing of its own in the schemas', async () => {
    const client = await database.connect(database.frontEndUrl);
    await expect(client.query('create table api.mine ()')).rejects.toThrow('permission denied');
    await expect(client.query('create table data.mine ()')).rejects.toThrow('permission denied');
  });

  it('serves requests, and administers nothing', async () => {
    const backEnd = await openBackEnd({ databaseUrl: database.frontEndUrl });
    expect(await backEnd.findCredentials({ user: 'alice', domain: 'example.org' })).toBeUndefined();
    await expect(backEnd.removeAccount({ user: 'alice', domain: 'example.org' })).rejects.toThrow(NotDeployedError);
    await backEnd.close();
  });
});
