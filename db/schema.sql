-- Made by db/dump-schema.ts from migrations, procedures and grants. Do not edit.

sequence data.app_password_id

sequence data.endpoint_id

table data.access_level
  level text collate "C" not null
  rank smallint not null
  activity boolean not null
  note boolean not null
  calendar boolean not null
  phone boolean not null
  location boolean not null
  device boolean not null
  services boolean not null
  person boolean not null
  constraint access_level_level_check CHECK ((level = ANY (ARRAY['blocked'::text, 'public'::text, 'company'::text, 'team'::text, 'personal'::text])))
  constraint access_level_pkey PRIMARY KEY (level)
  constraint access_level_rank_key UNIQUE (rank)

table data.access_rule
  account_id bigint not null
  scope text collate "C" not null
  subject text collate "C" not null
  communication text collate "C"
  level text collate "C"
  constraint access_rule_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint access_rule_check CHECK (((octet_length(subject) <= 511) AND ((subject = ''::text) = (scope = 'everyone'::text))))
  constraint access_rule_communication_check CHECK ((communication = ANY (ARRAY['allow'::text, 'deny'::text])))
  constraint access_rule_level_fkey FOREIGN KEY (level) REFERENCES data.access_level(level)
  constraint access_rule_pkey PRIMARY KEY (account_id, scope, subject)
  constraint access_rule_says CHECK (((communication IS NOT NULL) OR (level IS NOT NULL)))
  constraint access_rule_scope_check CHECK ((scope = ANY (ARRAY['everyone'::text, 'domain'::text, 'user'::text])))
  CREATE INDEX access_rule_level ON data.access_rule USING btree (account_id) WHERE (level IS NOT NULL)

table data.access_rule_set
  account_id bigint not null
  version bigint not null
  removed boolean not null default false
  constraint access_rule_set_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint access_rule_set_pkey PRIMARY KEY (account_id)

table data.account
  id bigint not null generated always as identity
  domain_id integer not null
  user_part text collate "C" not null
  role text collate "C" not null default 'user'::text
  enabled boolean not null default true
  credential_version integer not null default 1
  created_at timestamp with time zone not null default now()
  nonce_ids bigint[] not null default '{0}'::bigint[]
  nonce_counts bigint[] not null default '{0}'::bigint[]
  constraint account_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES data.domain(id)
  constraint account_domain_id_user_part_key UNIQUE (domain_id, user_part)
  constraint account_pkey PRIMARY KEY (id)
  constraint account_role_check CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))
  constraint account_user_part_check CHECK (((octet_length(user_part) >= 1) AND (octet_length(user_part) <= 255)))
  CREATE INDEX account_user_part_lower ON data.account USING btree (lower(user_part))
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.account_alias
  domain_id integer not null
  user_part text collate "C" not null
  account_id bigint not null
  constraint account_alias_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint account_alias_domain_id_fkey FOREIGN KEY (domain_id) REFERENCES data.domain(id)
  constraint account_alias_pkey PRIMARY KEY (domain_id, user_part)
  constraint account_alias_user_part_check CHECK (((octet_length(user_part) >= 1) AND (octet_length(user_part) <= 255)))
  CREATE INDEX account_alias_account_id ON data.account_alias USING btree (account_id)

table data.address_book
  id integer not null default 1
  version bigint not null default 0
  floor_version bigint not null default 0
  constraint address_book_id_check CHECK ((id = 1))
  constraint address_book_pkey PRIMARY KEY (id)

table data.contact
  account_id bigint not null
  address text collate "C" not null
  contact_account_id bigint
  display_name text collate "C"
  note text collate "C"
  "position" integer not null
  groups integer[] not null
  version bigint not null
  removed boolean not null default false
  constraint contact_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint contact_address_check CHECK (((octet_length(address) >= 3) AND (octet_length(address) <= 511)))
  constraint contact_display_name_check CHECK ((octet_length(display_name) <= 255))
  constraint contact_note_check CHECK ((octet_length(note) <= 1023))
  constraint contact_pkey PRIMARY KEY (account_id, address)
  CREATE INDEX contact_address ON data.contact USING btree (address) WHERE (NOT removed)
  CREATE INDEX contact_of ON data.contact USING btree (contact_account_id) WHERE ((contact_account_id IS NOT NULL) AND (NOT removed))

table data.contact_group
  account_id bigint not null
  id integer not null
  name text collate "C" not null
  "position" integer not null
  version bigint not null
  removed boolean not null default false
  constraint contact_group_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint contact_group_name_check CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 255)))
  constraint contact_group_pkey PRIMARY KEY (account_id, id)

table data.contact_list
  account_id bigint not null
  version bigint not null
  floor_version bigint not null default 0
  last_group_id integer not null default 0
  removed boolean not null default false
  constraint contact_list_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint contact_list_pkey PRIMARY KEY (account_id)

table data.contact_notice
  account_id bigint not null
  id bigint not null
  adder text collate "C" not null
  occurred_at timestamp with time zone not null
  constraint contact_notice_account_id_adder_key UNIQUE (account_id, adder)
  constraint contact_notice_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint contact_notice_pkey PRIMARY KEY (account_id, id)

table data.credential
  account_id bigint not null
  md5 bytea
  sha_256 bytea
  sha_512_256 bytea
  id integer not null default 0
  name text
  created_at timestamp with time zone
  constraint credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint credential_check CHECK ((num_nonnulls(md5, sha_256, sha_512_256) > 0))
  constraint credential_check1 CHECK ((num_nonnulls(name, created_at) =
CASE id
    WHEN 0 THEN 0
    ELSE 2
END))
  constraint credential_id_check CHECK ((id >= 0))
  constraint credential_md5_check CHECK ((octet_length(md5) = 16))
  constraint credential_name_check CHECK (((octet_length(name) >= 1) AND (octet_length(name) <= 255)))
  constraint credential_pkey PRIMARY KEY (account_id, id)
  constraint credential_sha_256_check CHECK ((octet_length(sha_256) = 32))
  constraint credential_sha_512_256_check CHECK ((octet_length(sha_512_256) = 32))

table data.directory
  id integer not null default 1
  cookie bytea
  cookie_at timestamp with time zone
  holder text collate "C"
  held_since timestamp with time zone
  run_started_at timestamp with time zone
  run_ended_at timestamp with time zone
  run_full boolean
  run_outcome text collate "C"
  run_error_code text collate "C"
  run_error text collate "C"
  would_disable integer
  would_disable_of integer
  counts jsonb not null default '{}'::jsonb
  last_applied_at timestamp with time zone
  last_full_at timestamp with time zone
  allowed_disable integer
  grace_days integer not null default 30
  constraint directory_allowed_disable_check CHECK (((allowed_disable >= 0) AND (allowed_disable <= 100)))
  constraint directory_id_check CHECK ((id = 1))
  constraint directory_pkey PRIMARY KEY (id)
  constraint directory_run_outcome_check CHECK ((run_outcome = ANY (ARRAY['applied'::text, 'too_many'::text, 'failed'::text])))

table data.directory_change
  entry_id uuid not null
  kind text collate "C" not null
  dn text collate "C"
  user_part text collate "C"
  domain text collate "C"
  enabled boolean
  role text collate "C"
  password_changed_at timestamp with time zone
  sign_in_name text collate "C"
  groups text[] collate "C"
  person jsonb
  problem text collate "C"
  detail text collate "C"
  account_id bigint
  holder_id bigint
  contested boolean
  moves boolean
  batch integer
  constraint directory_change_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'skipped'::text, 'gone'::text])))
  constraint directory_change_pkey PRIMARY KEY (entry_id)
  CREATE INDEX directory_change_batch ON data.directory_change USING btree (batch) WHERE (batch IS NOT NULL)
  CREATE INDEX directory_change_holder_id ON data.directory_change USING btree (holder_id) WHERE (holder_id IS NOT NULL)

table data.directory_entry
  entry_id uuid not null
  dn text collate "C" not null
  account_id bigint
  user_part text collate "C"
  domain text collate "C"
  enabled boolean not null default false
  role text collate "C" not null default 'user'::text
  password_changed_at timestamp with time zone
  sign_in_name text collate "C"
  groups text[] collate "C" not null default '{}'::text[]
  person jsonb not null default '{}'::jsonb
  problem text collate "C"
  detail text collate "C"
  gone_at timestamp with time zone
  constraint directory_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint directory_entry_account_id_key UNIQUE (account_id)
  constraint directory_entry_pkey PRIMARY KEY (entry_id)
  constraint directory_entry_problem_check CHECK ((problem = ANY (ARRAY['conflict'::text, 'domain_unknown'::text, 'no_address'::text, 'malformed'::text])))
  constraint directory_entry_role_check CHECK ((role = ANY (ARRAY['user'::text, 'admin'::text])))
  CREATE INDEX directory_entry_address ON data.directory_entry USING btree (domain, user_part)
  CREATE INDEX directory_entry_dn ON data.directory_entry USING hash (lower(dn))
  CREATE INDEX directory_entry_gone_at ON data.directory_entry USING btree (gone_at) WHERE (gone_at IS NOT NULL)
  CREATE INDEX directory_entry_problem ON data.directory_entry USING btree (entry_id) WHERE (problem IS NOT NULL)

table data.domain
  id integer not null generated always as identity
  name text collate "C" not null
  constraint domain_name_check CHECK (((name = lower(name)) AND ((octet_length(name) >= 1) AND (octet_length(name) <= 255))))
  constraint domain_name_key UNIQUE (name)
  constraint domain_pkey PRIMARY KEY (id)

table data.endpoint
  account_id bigint not null
  id bigint not null
  incarnation bigint not null
  registered_at timestamp with time zone not null
  refreshed_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  expiry_check_at timestamp with time zone not null
  cseq bigint not null
  front_end_id integer not null
  reg_id integer
  q smallint
  binding_key text collate "C" not null
  call_id text collate "C" not null
  uri text collate "C" not null
  transport text collate "C" not null
  flow text collate "C" not null
  received_from text collate "C" not null
  instance text collate "C"
  parameters text collate "C" not null
  user_agent text collate "C"
  path text[] collate "C" not null
  stale_at timestamp with time zone
  constraint endpoint_pkey PRIMARY KEY (account_id, binding_key)
  constraint endpoint_q_check CHECK (((q >= 0) AND (q <= 1000)))
  CREATE INDEX endpoint_connection ON data.endpoint USING btree (front_end_id) WHERE (transport = ANY (ARRAY['TCP'::text, 'TLS'::text, 'WS'::text, 'WSS'::text]))
  CREATE INDEX endpoint_expiry_check_at ON data.endpoint USING btree (expiry_check_at)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.endpoint_event
  account_id bigint not null
  id bigint not null
  occurred_at timestamp with time zone not null
  event text collate "C" not null
  reason text collate "C"
  instance text collate "C" not null
  constraint endpoint_event_check CHECK (((event = 'removed'::text) = (reason IS NOT NULL)))
  constraint endpoint_event_event_check CHECK ((event = ANY (ARRAY['registered'::text, 'removed'::text])))
  constraint endpoint_event_pkey PRIMARY KEY (account_id, id)
  constraint endpoint_event_reason_check CHECK ((reason = ANY (ARRAY['quota'::text, 'disabled'::text, 'deleted'::text, 'expired'::text])))
  CREATE INDEX endpoint_event_occurred_at ON data.endpoint_event USING btree (occurred_at)

table data.event_state
  account_id bigint not null
  event text collate "C" not null
  level text collate "C" not null
  version bigint not null
  changed_at timestamp with time zone not null
  state jsonb
  constraint event_state_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint event_state_event_check CHECK ((event = ANY (ARRAY['presence'::text, 'presence.winfo'::text, 'reg'::text, 'dialog'::text, 'message-summary'::text, 'xcap-diff'::text])))
  constraint event_state_pkey PRIMARY KEY (account_id, event, level)
  CREATE INDEX event_state_changed_at ON data.event_state USING btree (changed_at)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.front_end
  id integer not null generated always as identity
  process_id integer not null
  addresses jsonb not null
  connections integer not null default 0
  joined_at timestamp with time zone not null
  renewed_at timestamp with time zone not null
  lease_expires_at timestamp with time zone not null
  state text collate "C" not null default 'serving'::text
  constraint front_end_pkey PRIMARY KEY (id)
  constraint front_end_state_check CHECK ((state = ANY (ARRAY['serving'::text, 'draining'::text, 'left'::text, 'dead'::text])))
  with (fillfactor=20)

table data.key
  purpose text collate "C" not null
  id smallint not null
  secret bytea not null
  created_at timestamp with time zone not null
  constraint key_id_check CHECK (((id >= 0) AND (id <= 255)))
  constraint key_pkey PRIMARY KEY (purpose, id)
  constraint key_purpose_check CHECK ((purpose = ANY (ARRAY['nonce'::text, 'gruu'::text, 'token'::text])))
  constraint key_secret_check CHECK ((octet_length(secret) >= 32))

table data.message
  account_id bigint not null
  id bigint not null
  stored_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  request_hash bytea
  instances text[] collate "C"
  acknowledged boolean not null default false
  sender text collate "C" not null
  recipient text collate "C" not null
  call_id text collate "C" not null
  content_type text collate "C" not null
  headers json not null
  body bytea not null
  constraint message_instances_check CHECK ((cardinality(instances) > 0))
  constraint message_pkey PRIMARY KEY (account_id, id)
  constraint message_request_hash_check CHECK ((octet_length(request_hash) = 16))
  CREATE INDEX message_expires_at ON data.message USING btree (expires_at)
  CREATE UNIQUE INDEX message_request_hash ON data.message USING btree (account_id, request_hash) WHERE (request_hash IS NOT NULL)
  with (autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.message_queue
  account_id bigint not null
  messages integer not null
  bytes bigint not null
  claim bigint
  claim_front_end_id integer
  claim_endpoint_id bigint
  claim_expires_at timestamp with time zone
  constraint message_queue_pkey PRIMARY KEY (account_id)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.migration
  number integer not null
  name text not null
  checksum text not null
  applied_at timestamp with time zone not null default now()
  constraint migration_pkey PRIMARY KEY (number)

table data.person
  account_id bigint not null
  address text collate "C" not null
  display_name text
  given_name text
  surname text
  mail text
  phones jsonb not null
  title text
  department text
  company text
  office text
  manager_dn text collate "C"
  photo_hash text collate "C"
  hidden boolean not null
  version bigint not null
  names text collate "C" default data.person_names(display_name, given_name, surname)
  words tsvector default array_to_tsvector(string_to_array(btrim(data.search_words(((((((((((((((((COALESCE(display_name, ''::text) || ' '::text) || COALESCE(given_name, ''::text)) || ' '::text) || COALESCE(surname, ''::text)) || ' '::text) || COALESCE(department, ''::text)) || ' '::text) || COALESCE(title, ''::text)) || ' '::text) || COALESCE(office, ''::text)) || ' '::text) || COALESCE(company, ''::text)) || ' '::text) || address) || ' '::text) || COALESCE(mail, ''::text)))), ' '::text))
  constraint person_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint person_pkey PRIMARY KEY (account_id)
  CREATE INDEX person_address ON data.person USING btree (address)
  CREATE INDEX person_manager_dn ON data.person USING hash (lower(manager_dn)) WHERE (manager_dn IS NOT NULL)
  CREATE INDEX person_names ON data.person USING btree (names)
  CREATE INDEX person_names_trigrams ON data.person USING gin (names extension.gin_trgm_ops) WITH (gin_pending_list_limit='256')
  CREATE INDEX person_version ON data.person USING btree (version)
  CREATE INDEX person_words ON data.person USING gin (words) WITH (gin_pending_list_limit='256')

table data.person_removed
  address text collate "C" not null
  version bigint not null
  removed_at timestamp with time zone not null
  constraint person_removed_pkey PRIMARY KEY (address)
  CREATE INDEX person_removed_removed_at ON data.person_removed USING btree (removed_at)
  CREATE INDEX person_removed_version ON data.person_removed USING btree (version)

table data.presence_check
  account_id bigint not null
  check_at timestamp with time zone not null
  constraint presence_check_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint presence_check_pkey PRIMARY KEY (account_id)
  CREATE INDEX presence_check_check_at ON data.presence_check USING btree (check_at)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.publication
  account_id bigint not null
  id bigint not null
  version integer not null
  event text collate "C" not null
  binding_key text collate "C"
  state jsonb not null
  changed_at timestamp with time zone not null
  expires_at timestamp with time zone
  constraint publication_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint publication_event_check CHECK ((event = ANY (ARRAY['presence'::text, 'dialog'::text])))
  constraint publication_pkey PRIMARY KEY (account_id, id)
  constraint publication_state_check CHECK ((octet_length((state)::text) <= 65536))
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.session
  account_id bigint not null
  id uuid not null
  credential_version integer not null
  family_hash bytea not null
  secret_hash bytea not null
  opened_at timestamp with time zone not null
  refreshed_at timestamp with time zone not null
  expires_at timestamp with time zone not null
  constraint session_account_id_fkey FOREIGN KEY (account_id) REFERENCES data.account(id) ON DELETE CASCADE
  constraint session_family_hash_check CHECK ((octet_length(family_hash) = 32))
  constraint session_pkey PRIMARY KEY (account_id, id)
  constraint session_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
  CREATE INDEX session_expires_at ON data.session USING btree (expires_at)

table data.subscription
  account_id bigint not null
  id bigint not null
  watcher text collate "C" not null
  event text collate "C" not null
  event_id text collate "C"
  is_list boolean not null
  target text collate "C" not null
  call_id text collate "C" not null
  local_tag text collate "C" not null
  remote_tag text collate "C" not null
  local_uri text collate "C" not null
  remote_uri text collate "C" not null
  local_target text collate "C" not null
  remote_target text collate "C" not null
  route_set text[] collate "C" not null
  remote_cseq bigint not null
  cseq bigint not null default 0
  binding_key text collate "C"
  front_end_id integer
  transport text collate "C" not null
  flow text collate "C" not null
  received_from text collate "C" not null
  full_due boolean not null default true
  version bigint not null default 0
  notified_at timestamp with time zone
  min_interval integer not null default 0
  expires_at timestamp with time zone not null
  expiry_check_at timestamp with time zone not null
  constraint subscription_pkey PRIMARY KEY (account_id, id)
  CREATE INDEX subscription_expiry_check_at ON data.subscription USING btree (expiry_check_at)
  CREATE INDEX subscription_front_end ON data.subscription USING btree (front_end_id, full_due)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

table data.watch
  account_id bigint not null
  event text collate "C" not null
  subscriber_id bigint not null
  subscription_id bigint not null
  address text collate "C" not null
  name text collate "C"
  default_level text collate "C" not null
  notified_level text collate "C"
  notified_version bigint
  constraint watch_pkey PRIMARY KEY (account_id, event, subscriber_id, subscription_id)
  constraint watch_subscriber_id_subscription_id_fkey FOREIGN KEY (subscriber_id, subscription_id) REFERENCES data.subscription(account_id, id) ON DELETE CASCADE
  CREATE INDEX watch_subscription ON data.watch USING btree (subscriber_id, subscription_id)
  with (fillfactor=50, autovacuum_vacuum_scale_factor=0.1, autovacuum_vacuum_cost_delay=0, autovacuum_analyze_scale_factor=5)

CREATE OR REPLACE FUNCTION api.access_denied(p_account_id bigint, p_caller_id bigint, p_user text, p_domain text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_names text[] := array[p_user || '@' || p_domain];
begin
  if p_caller_id = p_account_id then
    return false;
  end if;

  if p_caller_id is not null then
    v_names := v_names || api.account_names(p_caller_id);
  end if;
  return 'deny' = coalesce(
    (
      select max(coalesce(r.communication, 'deny'))
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'user' and r.subject = any (v_names)
        and (r.communication is not null or r.level = 'blocked')
    ),
    (
      select max(coalesce(r.communication, 'deny'))
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'domain'
        and r.subject = any (array(select right(n.name, strpos(reverse(n.name), '@') - 1) from unnest(v_names) as n (name)))
        and (r.communication is not null or r.level = 'blocked')
    ),
    (
      select coalesce(r.communication, case r.level when 'blocked' then 'deny' end)
      from data.access_rule r
      where r.account_id = p_account_id and r.scope = 'everyone' and r.subject = ''
    ),
    'allow'
  );
end
$function$


CREATE OR REPLACE FUNCTION api.access_level(p_account_id bigint, p_watcher_id bigint, p_watcher text, p_default text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_names text[] := array[p_watcher];
begin
  if p_watcher_id = p_account_id then
    return 'personal';
  end if;

  if p_watcher_id <> 0 then
    v_names := v_names || api.account_names(p_watcher_id);
  end if;
  return coalesce(
    (
      select l.level
      from data.access_rule r
      join data.access_level l on l.level = r.level
      where r.account_id = p_account_id and r.scope = 'user' and r.subject = any (v_names)
      order by l.rank
      limit 1
    ),
    (
      select l.level
      from data.access_rule r
      join data.access_level l on l.level = r.level
      where r.account_id = p_account_id and r.scope = 'domain'
        and r.subject = any (array(select right(n.name, strpos(reverse(n.name), '@') - 1) from unnest(v_names) as n (name)))
      order by l.rank
      limit 1
    ),
    (select r.level from data.access_rule r where r.account_id = p_account_id and r.scope = 'everyone' and r.subject = ''),
    p_default
  );
end
$function$


CREATE OR REPLACE FUNCTION api.account_id(p_user text, p_domain text)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select a.id
  from data.account a
  join data.domain d on d.id = a.domain_id
  where d.name = p_domain and a.user_part = p_user;
$function$


CREATE OR REPLACE FUNCTION api.account_names(p_account_id bigint)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return array(
    select n.user_part || '@' || (select d.name from data.domain d where d.id = n.domain_id)
    from (
      select a.domain_id, a.user_part from data.account a where a.id = p_account_id
      union all
      select l.domain_id, l.user_part from data.account_alias l where l.account_id = p_account_id
    ) as n
  );
end
$function$


CREATE OR REPLACE FUNCTION api.acknowledge_notice(p_account_id bigint, p_credential_version integer, p_id bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform from data.account a
  where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version
  for no key update;
  if not found then
    return null;
  end if;
  delete from data.contact_notice n where n.account_id = p_account_id and n.id = p_id;
  return found;
end
$function$


CREATE OR REPLACE FUNCTION api.add_account(p_user text, p_domain text, p_role text, p_md5 bytea, p_sha_256 bytea, p_sha_512_256 bytea)
 RETURNS TABLE(outcome text, account_id bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_domain_id int;
  v_account_id bigint;
begin
  select d.id into v_domain_id from data.domain d where d.name = p_domain for share;
  if v_domain_id is null then
    return query select 'domain_unknown', null::bigint;
    return;
  end if;

  select l.account_id into v_account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user;
  if v_account_id is not null then
    return query select 'exists', v_account_id;
    return;
  end if;

  perform from data.account a where a.id = any (api.contact_owners(array[p_user || '@' || p_domain])) order by a.id for no key update;
  insert into data.account (domain_id, user_part, role) values (v_domain_id, p_user, p_role)
  on conflict (domain_id, user_part) do nothing
  returning id into v_account_id;
  if v_account_id is null then
    return query select 'exists', a.id from data.account a where a.domain_id = v_domain_id and a.user_part = p_user;
    return;
  end if;

  insert into data.credential (account_id, md5, sha_256, sha_512_256) values (v_account_id, p_md5, p_sha_256, p_sha_512_256);
  perform api.link_contacts(array[p_user || '@' || p_domain], array[v_account_id]);
  return query select 'added', v_account_id;
end
$function$


CREATE OR REPLACE FUNCTION api.add_account_as_admin(p_admin_id bigint, p_session_id uuid, p_credential_version integer, p_user text, p_domain text, p_role text, p_md5 bytea, p_sha_256 bytea, p_sha_512_256 bytea)
 RETURNS TABLE(outcome text, account_id bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if not api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin') then
    return query select 'not_permitted', null::bigint;
    return;
  end if;
  return query select a.outcome, a.account_id from api.add_account(p_user, p_domain, p_role, p_md5, p_sha_256, p_sha_512_256) as a;
end
$function$


CREATE OR REPLACE FUNCTION api.add_alias(p_user text, p_domain text, p_alias_user text, p_alias_domain text)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_domain_id int;
  v_account_id bigint;
begin
  select d.id into v_domain_id from data.domain d where d.name = p_alias_domain for no key update;
  perform from data.account a
  where a.id = any (api.contact_owners(array[p_alias_user || '@' || p_alias_domain]) || api.account_id(p_user, p_domain))
  order by a.id
  for no key update;
  v_account_id := api.account_id(p_user, p_domain);
  if v_account_id is null then
    return query select 'account_unknown';
  elsif v_domain_id is null then
    return query select 'domain_unknown';
  elsif exists (select from data.account a where a.domain_id = v_domain_id and a.user_part = p_alias_user) then
    return query select 'exists';
  else
    insert into data.account_alias (domain_id, user_part, account_id) values (v_domain_id, p_alias_user, v_account_id)
    on conflict (domain_id, user_part) do nothing;
    if not found then
      return query select 'exists';
      return;
    end if;
    perform api.link_contacts(array[p_alias_user || '@' || p_alias_domain], array[v_account_id]);
    return query select 'added';
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.add_app_password(p_account_id bigint, p_session_id uuid, p_credential_version integer, p_name text, p_md5 bytea, p_sha_256 bytea, p_sha_512_256 bytea, p_maximum integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, id integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_id int;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if not found then
    return query select 'account_unknown', null::int;
  elsif p_session_id is not null and not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed', null::int;
  elsif (select count(*) from data.credential c where c.account_id = p_account_id and c.id > 0) >= p_maximum then
    return query select 'too_many', null::int;
  else
    insert into data.credential (account_id, id, name, created_at, md5, sha_256, sha_512_256)
    values (p_account_id, nextval('data.app_password_id'), p_name, p_now, p_md5, p_sha_256, p_sha_512_256)
    returning id into v_id;
    return query select 'added', v_id;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.add_directory_accounts(p_entry_ids uuid[], p_now timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_count int;
  v_addresses text[];
  v_account_ids bigint[];
begin
  with added as (
    insert into data.account (domain_id, user_part, role, enabled)
    select d.id, c.user_part, c.role, c.enabled
    from data.directory_change c
    join data.domain d on d.name = c.domain
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.account_id is null and c.problem is null
    -- As in api.import_accounts.
    order by d.id, c.user_part
    on conflict (domain_id, user_part) do nothing
    returning id, domain_id, user_part
  )
  select count(*), array_agg(a.user_part || '@' || d.name), array_agg(a.id)
  into v_count, v_addresses, v_account_ids
  from added a join data.domain d on d.id = a.domain_id;

  update data.directory_change c
  set account_id = s.account_id
  from (
    select c.entry_id, a.id as account_id
    from unnest(p_entry_ids) as i (id)
    -- "offset 0" as in api.judge_directory_changes.
    join lateral (
      select * from data.directory_change c
      where c.entry_id = i.id and c.kind = 'person' and c.account_id is null and c.problem is null
      offset 0
    ) as c on true
    join lateral (select d.id from data.domain d where d.name = c.domain offset 0) as d on true
    join lateral (select a.id from data.account a where a.domain_id = d.id and a.user_part = c.user_part offset 0) as a on true
    where a.id = any (v_account_ids)
    offset 0
  ) as s
  where c.entry_id = s.entry_id;
  update data.directory_change c
  set problem = 'conflict'
  where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.account_id is null and c.problem is null;
  if v_count > 0 then
    perform api.link_contacts(v_addresses, v_account_ids, p_now);
  end if;
  return v_count;
end
$function$


CREATE OR REPLACE FUNCTION api.add_endpoint_event(p_account_id bigint, p_instance text, p_event text, p_reason text, p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
  values (p_account_id, nextval('data.endpoint_id'), p_now, p_event, p_reason, p_instance);

  delete from data.endpoint_event e
  where e.account_id = p_account_id
    and e.id in (
      select o.id
      from (
        select k.id,
          row_number() over (order by k.id desc) as of_account,
          row_number() over (partition by k.instance order by k.id desc) as of_instance
        from data.endpoint_event k
        where k.account_id = p_account_id
      ) as o
      where o.of_account > 500 or o.of_instance > 100
    );
end
$function$


CREATE OR REPLACE FUNCTION api.add_watches(p_subscriber_id bigint, p_subscription_id bigint, p_event text, p_watcher text, p_target_id bigint, p_target text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_changed boolean;
begin
  with wanted as materialized (
    select p_target_id as account_id, p_target as address, null::text as name where p_target_id is not null
    union all
    (
      -- One row for each account: two addresses of one are one resource.
      select distinct on (c.contact_account_id) c.contact_account_id, c.address, c.display_name
      from data.contact c
      -- An account that is being removed is held by who removes it.
      join lateral (select a.id from data.account a where a.id = c.contact_account_id for key share skip locked) as a on true
      where c.account_id = p_subscriber_id and not c.removed and c.contact_account_id is not null and p_target_id is null
      order by c.contact_account_id, c.address
      limit 1000
    )
  ),
  gone as (
    delete from data.watch w
    where w.subscriber_id = p_subscriber_id
      and w.subscription_id = p_subscription_id
      and w.account_id not in (select account_id from wanted)
    returning 1
  ),
  added as (
    insert into data.watch as w (account_id, event, subscriber_id, subscription_id, address, name, default_level)
    select n.account_id, p_event, p_subscriber_id, p_subscription_id, n.address, n.name, api.default_level(n.account_id, p_subscriber_id, p_watcher)
    from wanted n
    on conflict (account_id, event, subscriber_id, subscription_id) do update
    set address = excluded.address, name = excluded.name
    where (w.address, w.name) is distinct from (excluded.address, excluded.name)
    returning 1
  )
  select exists (select from gone union all select from added) into v_changed;
  return v_changed;
end
$function$


CREATE OR REPLACE FUNCTION api.adopt_subscriptions(p_front_end_id integer, p_limit integer)
 RETURNS TABLE(adopted integer, more boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_gone int[];
  v_accounts bigint[];
  v_subscriptions bigint[];
begin
  -- The front ends that hold any, one probe of the index each.
  with recursive holder as (
    (select s.front_end_id as id from data.subscription s where s.front_end_id is not null order by s.front_end_id limit 1)
    union all
    select (select s.front_end_id from data.subscription s where s.front_end_id > h.id order by s.front_end_id limit 1)
    from holder h
    where h.id is not null
  )
  select array_agg(h.id)
  into v_gone
  from holder h
  where h.id is not null
    and not exists (select from data.front_end f where f.id = h.id and f.state in ('serving', 'draining'));

  select array_agg(l.account_id), array_agg(l.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id from data.subscription s where s.front_end_id = any (v_gone) limit p_limit for update skip locked
  ) as l;

  delete from data.subscription s
  using unnest(v_accounts, v_subscriptions) as l (account_id, id)
  where s.account_id = l.account_id and s.id = l.id and s.transport = 'HTTP';

  update data.subscription s
  set front_end_id = e.front_end_id, transport = coalesce(e.transport, s.transport), flow = coalesce(e.flow, s.flow),
    received_from = coalesce(e.received_from, s.received_from), full_due = true
  from unnest(v_accounts, v_subscriptions) as l (account_id, id)
  join data.subscription o on o.account_id = l.account_id and o.id = l.id
  left join data.endpoint e
    on e.account_id = o.account_id and e.binding_key = o.binding_key and e.front_end_id <> all (v_gone)
  where s.account_id = l.account_id and s.id = l.id and s.transport <> 'UDP';

  update data.subscription s
  set front_end_id = p_front_end_id, full_due = true
  from unnest(v_accounts, v_subscriptions) as l (account_id, id)
  where s.account_id = l.account_id and s.id = l.id and s.transport = 'UDP';
  get diagnostics adopted = row_count;
  more := coalesce(cardinality(v_accounts), 0) >= p_limit;
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.aggregate_presence(p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_changed bigint[];
begin
  -- The versions of rows that are made anew are higher than any before.
  with changed as (
    insert into data.event_state as s (account_id, event, level, version, changed_at, state)
    select p.account_id, 'presence', p.level, (date_part('epoch', p_now) * 1000)::bigint, p_now, p.state
    from api.presence_states(p_account_ids, p_now) as p
    on conflict (account_id, event, level) do update
    set version = s.version + 1, changed_at = excluded.changed_at, state = excluded.state
    where s.state is distinct from excluded.state
    returning s.account_id
  )
  select array_agg(distinct c.account_id) into v_changed from changed c;

  -- In ascending order, as api.refresh_lists does it without these locks.
  insert into data.presence_check as c (account_id, check_at)
  select a.account_id, n.check_at
  from unnest(p_account_ids) as a (account_id)
  join lateral (
    select min(t.expires_at) as check_at
    from (
      select e.expires_at from data.endpoint e where e.account_id = a.account_id and e.expires_at > p_now
      union all
      select p.expires_at from data.publication p where p.account_id = a.account_id and p.expires_at > p_now
    ) as t
  ) as n on n.check_at is not null
  order by a.account_id
  on conflict (account_id) do update set check_at = excluded.check_at where c.check_at > excluded.check_at;
  return coalesce(v_changed, '{}');
end
$function$


CREATE OR REPLACE FUNCTION api.allow_directory_run(p_percent integer)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  update data.directory set allowed_disable = p_percent;
$function$


CREATE OR REPLACE FUNCTION api.apply_directory_changes(p_full boolean, p_cookie bytea, p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text, user_part text, domain text, done integer, more boolean, counts jsonb)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_entry_ids uuid[];
  v_row record;
  v_added int := 0;
  v_changed int := 0;
  v_disabled int := 0;
  v_removed int := 0;
begin
  perform api.hold_directory();
  v_entry_ids := api.next_directory_batch(p_limit);
  if v_entry_ids <> '{}' then
    perform api.lock_directory_batch(v_entry_ids);
    perform api.judge_directory_changes(v_entry_ids);
    select count(*) filter (where c.kind = 'person' and c.account_id is not null), count(*) filter (where c.kind = 'gone')
    into v_changed, v_removed
    from data.directory_change c where c.entry_id = any (v_entry_ids);
    for v_row in
      select * from api.change_directory_accounts(v_entry_ids, p_now)
      union all
      select * from api.move_accounts(v_entry_ids, p_now)
    loop
      v_disabled := v_disabled + (v_row.outcome = 'disabled')::int;
      return query
      select v_row.outcome, v_row.account_id, v_row.endpoint_id, v_row.front_end_id, v_row.flow, v_row.instance, v_row.user_part, v_row.domain,
        null::int, null::boolean, null::jsonb;
    end loop;
    v_added := api.add_directory_accounts(v_entry_ids, p_now);
    perform api.write_directory_entries(v_entry_ids, p_now);
    perform api.write_people(
      array(select c.account_id from data.directory_change c where c.entry_id = any (v_entry_ids) and c.account_id is not null), p_now
    );
    delete from data.directory_change c where c.entry_id = any (v_entry_ids);
  end if;

  done := cardinality(v_entry_ids);
  more := exists (select from data.directory_change);
  update data.directory d
  set counts = d.counts || jsonb_build_object(
    'added', (d.counts ->> 'added')::int + v_added, 'changed', (d.counts ->> 'changed')::int + v_changed,
    'disabled', (d.counts ->> 'disabled')::int + v_disabled, 'removed', (d.counts ->> 'removed')::int + v_removed,
    'conflicts', (select count(*) from data.directory_entry e where e.problem = 'conflict')
  );
  if not more then
    update data.directory d
    set cookie = p_cookie, cookie_at = p_now, run_ended_at = p_now, run_outcome = 'applied', last_applied_at = p_now,
      last_full_at = case when p_full then p_now else d.last_full_at end, allowed_disable = null;
    perform api.forget_removed_people(p_now);
    -- Else the next run would have to step over what this one has applied.
    if (select (d.counts ->> 'entries')::int + v_changed + v_added > 0 from data.directory d) then
      truncate data.directory_change;
    end if;
  end if;
  outcome := 'batch';
  counts := (select d.counts from data.directory d);
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.begin_directory_run(p_full boolean, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(cookie bytea, cookie_at timestamp with time zone, last_full_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  perform api.hold_directory();
  -- Truncating costs more than looking, and most runs find nothing.
  if exists (select from data.directory_change) then
    truncate data.directory_change;
  end if;
  return query
  update data.directory
  set run_started_at = p_now, run_ended_at = null, run_full = p_full, run_outcome = null, run_error_code = null, run_error = null,
    would_disable = null, would_disable_of = null, counts = '{}'
  returning cookie, cookie_at, last_full_at;
end
$function$


CREATE OR REPLACE FUNCTION api.binding_key(p_key text, p_instance text, p_reg_id integer)
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN CASE WHEN ((octet_length(p_key) + COALESCE(octet_length(p_instance), 0)) > 300) THEN encode(sha256(convert_to(CASE WHEN ((p_instance IS NOT NULL) AND (p_reg_id IS NOT NULL)) THEN ((p_instance || ' '::text) || p_reg_id) ELSE p_key END, 'UTF8'::name)), 'hex'::text) WHEN ((p_instance IS NOT NULL) AND (p_reg_id IS NOT NULL)) THEN ((p_instance || ' '::text) || p_reg_id) ELSE p_key END


CREATE OR REPLACE FUNCTION api.change_access_rules(p_account_id bigint, p_credential_version integer, p_expected_version bigint, p_replace boolean, p_rules jsonb, p_maximum integer, p_removed boolean, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, version bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_version bigint;
  v_outcome text;
begin
  perform from data.account a
  where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version
  for no key update;
  if not found then
    return query select 'credentials_changed', null::bigint;
    return;
  end if;

  v_version := coalesce((select s.version from data.access_rule_set s where s.account_id = p_account_id), 0);
  if v_version <> p_expected_version then
    return query select 'conflict', v_version;
    return;
  end if;
  v_outcome := api.write_access_rules(p_account_id, p_replace, p_rules, p_maximum, p_now, p_removed);
  return query select v_outcome, case when v_outcome = 'changed' then v_version + 1 else v_version end;
end
$function$


CREATE OR REPLACE FUNCTION api.change_account_as_admin(p_admin_id bigint, p_session_id uuid, p_credential_version integer, p_user text, p_domain text, p_enabled boolean, p_md5 bytea, p_sha_256 bytea, p_sha_512_256 bytea)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_account_id bigint := api.account_id(p_user, p_domain);
  v_permitted boolean := api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin');
  v_enabled record;
begin
  if not v_permitted or v_account_id is null then
    return query
    select case when v_permitted then 'account_unknown' else 'not_permitted' end, v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  for v_enabled in select * from api.set_account_enabled(p_user, p_domain, p_enabled) where p_enabled is not null loop
    if v_enabled.outcome = 'disabled_by_directory' then
      return query select v_enabled.outcome, v_account_id, null::bigint, null::int, null, null;
      return;
    elsif v_enabled.outcome in ('endpoint_removed', 'watched') then
      return query
      select v_enabled.outcome, v_enabled.account_id, v_enabled.endpoint_id, v_enabled.front_end_id, v_enabled.flow, v_enabled.instance;
    end if;
  end loop;
  if num_nonnulls(p_md5, p_sha_256, p_sha_512_256) > 0 then
    perform api.set_password(p_user, p_domain, p_md5, p_sha_256, p_sha_512_256);
  end if;
  return query select 'changed', v_account_id, null::bigint, null::int, null, null;
end
$function$


CREATE OR REPLACE FUNCTION api.change_contacts(p_account_id bigint, p_credential_version integer, p_expected_version bigint, p_replace boolean, p_groups jsonb, p_contacts jsonb, p_removed_groups integer[], p_removed_contacts text[], p_maximum_groups integer, p_maximum_contacts integer, p_removed boolean, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, version bigint, noticed bigint[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_new text[];
  v_new_accounts bigint[];
  v_version bigint;
  v_was_removed boolean;
  v_changes int;
begin
  select coalesce(array_agg(l.address), '{}'), array_agg(l.account_id)
  into v_new, v_new_accounts
  from api.lock_contacts(p_account_id, array(select distinct c ->> 'address' from jsonb_array_elements(p_contacts) as c order by 1)) as l;

  select l.version, l.removed into v_version, v_was_removed from data.contact_list l where l.account_id = p_account_id;
  v_version := coalesce(v_version, 0);
  if not exists (select from data.account a where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version) then
    return query select 'credentials_changed', null::bigint, null::bigint[];
    return;
  elsif v_version <> p_expected_version then
    return query select 'conflict', v_version, null::bigint[];
    return;
  end if;

  noticed := api.notify_contacts(p_account_id, v_new, v_new_accounts, p_now);
  v_changes := api.write_contact_groups(p_account_id, v_version + 1, p_replace, p_groups, p_removed_groups, p_maximum_groups)
    + api.write_contacts(p_account_id, v_version + 1, p_replace, p_contacts, p_removed_contacts, v_new, v_new_accounts, p_maximum_contacts);
  if v_changes = 0 and (not p_replace or p_removed = coalesce(v_was_removed, true)) then
    return query select 'unchanged', v_version, '{}'::bigint[];
    return;
  end if;

  update data.contact_list l set version = v_version + 1, removed = p_removed where l.account_id = p_account_id;
  perform api.forget_removed_contacts(p_account_id);
  perform api.refresh_lists(array[p_account_id], p_now);
  perform api.touch_event(array[p_account_id], 'xcap-diff', p_now);
  return query select 'changed', v_version + 1, noticed;
exception
  -- What was written is taken back.
  when sqlstate 'RC001' then
    return query select sqlerrm, null::bigint, null::bigint[];
end
$function$


CREATE OR REPLACE FUNCTION api.change_directory_accounts(p_entry_ids uuid[], p_now timestamp with time zone)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text, user_part text, domain text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_changed bigint[];
  v_disabled bigint[];
begin
  with changed as (
    update data.account a
    set role = coalesce(c.role, a.role), credential_version = a.credential_version + 1,
      enabled = case when c.enabled = e.enabled then a.enabled else c.enabled end
    from data.directory_change c
    join data.directory_entry e on e.entry_id = c.entry_id
    where c.entry_id = any (p_entry_ids) and a.id = e.account_id and c.kind in ('person', 'gone')
      and (
        c.role <> a.role
        or c.password_changed_at is distinct from e.password_changed_at and c.password_changed_at is not null
        or c.enabled <> e.enabled and c.enabled <> a.enabled
      )
    returning a.id, old.enabled and not new.enabled as is_disabled
  )
  select array_agg(c.id), array_agg(c.id) filter (where c.is_disabled) into v_changed, v_disabled from changed c;
  if v_changed is null then
    return;
  end if;
  return query
  select case when a.id = any (v_disabled) then 'disabled' else 'changed' end, a.id, null::bigint, null::int, null, null, a.user_part, d.name
  from data.account a join data.domain d on d.id = a.domain_id
  where a.id = any (v_changed);
  if v_disabled is not null then
    return query select s.*, null, null from api.sign_out(v_disabled, 'disabled', p_now) as s;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.check_presence(p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(changed bigint[], next_at timestamp with time zone, more boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_due bigint[];
  v_accounts bigint[];
  v_dialogs bigint[];
begin
  v_due := array(select c.account_id from data.presence_check c where c.check_at <= p_now order by c.check_at limit p_limit);
  if cardinality(v_due) > 0 then
    v_accounts := array(select a.id from data.account a where a.id = any (v_due) order by a.id for no key update skip locked);
    with due as (
      select c.account_id
      from data.presence_check c
      where c.account_id = any (v_accounts) and c.check_at <= p_now
      order by c.account_id
      for update skip locked
    ),
    gone as (
      delete from data.presence_check c using due d where c.account_id = d.account_id returning c.account_id
    )
    select array_agg(g.account_id order by g.account_id) into v_accounts from gone g;

    with gone as (
      delete from data.publication p
      where p.account_id = any (v_accounts) and p.expires_at <= p_now
      returning p.account_id, p.event
    )
    select array_agg(distinct g.account_id) into v_dialogs from gone g where g.event = 'dialog';
    changed := array(
      select distinct c.account_id
      from unnest(api.aggregate_presence(v_accounts, p_now) || api.touch_event(v_dialogs, 'dialog', p_now)) as c (account_id)
    );
  end if;
  changed := coalesce(changed, '{}');
  more := coalesce(cardinality(v_accounts), 0) > 0 and cardinality(v_due) >= p_limit;
  -- What others hold is looked at again a moment later.
  next_at := (select greatest(min(c.check_at), p_now + interval '50 ms') from data.presence_check c having min(c.check_at) is not null);
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.claim_holds(p_queue data.message_queue, p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  return coalesce(p_queue.claim is not null and p_queue.claim_expires_at > p_now, false)
    and exists (select from data.front_end f where f.id = p_queue.claim_front_end_id and f.state in ('serving', 'draining'));
end
$function$


CREATE OR REPLACE FUNCTION api.close_session(p_account_id bigint, p_session_id uuid)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform from data.account a where a.id = p_account_id for no key update;
  delete from data.session s where s.account_id = p_account_id and s.id = p_session_id;
  return query select case when found then 'closed' else 'session_unknown' end;
end
$function$


CREATE OR REPLACE FUNCTION api.contact_account_id(p_address text)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_domain text := substring(p_address from '[^@]*$');
  v_user text := left(p_address, -length(v_domain) - 1);
begin
  return coalesce(api.account_id(v_user, v_domain), (select l.account_id from api.find_alias(v_user, v_domain) as l));
end
$function$


CREATE OR REPLACE FUNCTION api.contact_groups(p_account_id bigint, p_groups jsonb)
 RETURNS integer[]
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_ids int[];
begin
  select array_agg(distinct g.id order by g.id) filter (where g.id is not null) into v_ids
  from jsonb_array_elements(p_groups) as n
  left join data.contact_group g on g.account_id = p_account_id and not g.removed
    and case jsonb_typeof(n) when 'number' then g.id = n::int else g.name = n #>> '{}' end;
  if exists (
    select from jsonb_array_elements(p_groups) as n
    where not exists (
      select from data.contact_group g
      where g.account_id = p_account_id and not g.removed
        and case jsonb_typeof(n) when 'number' then g.id = n::int else g.name = n #>> '{}' end
    )
  ) then
    raise exception 'group_unknown' using errcode = 'RC001';
  end if;
  return coalesce(v_ids, '{}');
end
$function$


CREATE OR REPLACE FUNCTION api.contact_owners(p_addresses text[], p_account_id bigint DEFAULT NULL::bigint)
 RETURNS bigint[]
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return array(
    select c.account_id from data.contact c where c.address = any (p_addresses) and not c.removed
    union
    select c.account_id from data.contact c where c.contact_account_id = p_account_id and not c.removed
    order by 1
  );
end
$function$


CREATE OR REPLACE FUNCTION api.count_subscriptions(p_front_end_id integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(event text, subscriptions integer)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  return query
  select s.event, count(*)::int
  from data.subscription s
  where s.front_end_id = p_front_end_id and s.expires_at > p_now
  group by s.event;
end
$function$


CREATE OR REPLACE FUNCTION api.create_domain(p_name text)
 RETURNS TABLE(outcome text, domain_id integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  return query
  insert into data.domain (name) values (p_name)
  on conflict (name) do nothing
  returning 'created', id;
  if not found then
    return query select 'exists', d.id from data.domain d where d.name = p_name;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.default_level(p_account_id bigint, p_watcher_id bigint, p_watcher text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return case
    when p_watcher_id = p_account_id then 'personal'
    when p_watcher_id <> 0
      and right(p_watcher, strpos(reverse(p_watcher), '@') - 1) = (
        select d.name from data.domain d where d.id = (select a.domain_id from data.account a where a.id = p_account_id)
      )
      then 'company'
    else 'public'
  end;
end
$function$


CREATE OR REPLACE FUNCTION api.dialog_endpoint(p_account_id bigint, p_endpoint_id bigint, p_instance_hash text, p_uri text, p_now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return coalesce((
    select e.id
    from (
      select e.*,
        case
          when e.id = p_endpoint_id then 1
          when e.instance is not null and p_instance_hash = encode(substr(sha256(convert_to(e.instance, 'UTF8')), 1, 8), 'hex') then 2
          when e.uri = p_uri then 3
          when e.instance is null and p_instance_hash = '' and 1 = (
              select count(*)
              from data.endpoint o
              where o.account_id = p_account_id and o.instance is null and o.expires_at > p_now and o.stale_at is null
            )
            then 4
        end as rank
      from data.endpoint e
      where e.account_id = p_account_id and e.expires_at > p_now
    ) as e
    where e.rank is not null
    order by e.stale_at is not null, e.rank, e.refreshed_at desc, e.id desc
    limit 1
  ), 0);
end
$function$


CREATE OR REPLACE FUNCTION api.directory_status()
 RETURNS TABLE(holder text, held_since timestamp with time zone, cookie_at timestamp with time zone, run_started_at timestamp with time zone, run_ended_at timestamp with time zone, run_full boolean, run_outcome text, run_error_code text, run_error text, would_disable integer, would_disable_of integer, counts jsonb, last_applied_at timestamp with time zone, last_full_at timestamp with time zone, allowed_disable integer, enabled integer, disabled integer, gone integer, problems integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select case when l.is_held then d.holder end, case when l.is_held then d.held_since end, d.cookie_at, d.run_started_at, d.run_ended_at,
    d.run_full, d.run_outcome, d.run_error_code, d.run_error, d.would_disable, d.would_disable_of, d.counts, d.last_applied_at,
    d.last_full_at, d.allowed_disable, a.enabled, a.disabled, a.gone,
    (select count(*)::int from data.directory_entry e where e.problem is not null)
  from data.directory d
  cross join lateral (
    select exists (
      select from pg_locks k
      where k.locktype = 'advisory' and k.granted and k.classid = 0x726f6c6c::oid and k.objid = 1 and k.objsubid = 2
        and k.database = (select b.oid from pg_database b where b.datname = current_database())
    ) as is_held
  ) as l
  cross join (
    select count(*) filter (where a.enabled)::int as enabled, count(*) filter (where not a.enabled and e.gone_at is null)::int as disabled,
      count(*) filter (where e.gone_at is not null)::int as gone
    from data.directory_entry e
    join data.account a on a.id = e.account_id
  ) as a;
$function$


CREATE OR REPLACE FUNCTION api.drop_unchanged_entries()
 RETURNS void
 LANGUAGE sql
AS $function$
  delete from data.directory_change c
  using data.directory_entry e
  where e.entry_id = c.entry_id
    and case c.kind
      when 'gone' then e.gone_at is not null
      when 'skipped' then e.gone_at is null and (e.dn, e.problem, e.detail) is not distinct from (c.dn, c.problem, c.detail)
      else e.gone_at is null and e.account_id is not null and e.problem is null
        and (e.dn, e.user_part, e.domain, e.enabled, e.role, e.password_changed_at, e.sign_in_name, e.groups, e.person)
          is not distinct from (c.dn, c.user_part, c.domain, c.enabled, c.role, c.password_changed_at, c.sign_in_name, c.groups, c.person)
    end;
  delete from data.directory_change c
  where c.kind = 'gone' and not exists (select from data.directory_entry e where e.entry_id = c.entry_id);
$function$


CREATE OR REPLACE FUNCTION api.due_resources(p_places tid[], p_account_ids bigint[], p_maximum integer, OUT places tid[], OUT full_lists tid[], OUT subscriptions tid[], OUT watches tid[], OUT levels text[], OUT versions bigint[], OUT of_lists boolean[])
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  select array_agg(c.place), array_agg(c.place) filter (where c.is_list and c.full_due)
  into places, full_lists
  from (
    select s.ctid as place, s.is_list, s.full_due,
      sum(w.watches) over (order by p.place rows between unbounded preceding and current row) - w.watches as before
    from unnest(p_places) with ordinality as p (ctid, place)
    join data.subscription s on s.ctid = p.ctid
    join lateral (
      select case
          when not s.is_list then 1
          when not s.full_due and p_account_ids is not null then cardinality(p_account_ids)
          else (select count(*) from data.watch w where w.subscriber_id = s.account_id and w.subscription_id = s.id)
        end as watches
    ) as w on true
  ) as c
  where c.before < p_maximum;

  select array_agg(s.ctid), array_agg(w.watch), array_agg(w.level), array_agg(coalesce(e.version, 0)), array_agg(s.is_list)
  into subscriptions, watches, levels, versions, of_lists
  from unnest(places) as p (place)
  join data.subscription s on s.ctid = p.place
  join lateral (
    select w.*, case
        when w.event not in ('presence', 'dialog') then ''
        when w.event = 'presence' and not exists (select from data.access_rule r where r.account_id = w.account_id and r.level is not null)
          then w.default_level
        else api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level)
      end as level
    from (
      select w.ctid as watch, w.*
      from data.watch w
      where w.subscriber_id = s.account_id and w.subscription_id = s.id and (s.full_due or p_account_ids is null)
      union all
      select w.*
      from unnest(p_account_ids) as a (id)
      join lateral (
        select w.ctid as watch, w.*
        from data.watch w
        where w.account_id = a.id and w.event = 'presence' and w.subscriber_id = s.account_id and w.subscription_id = s.id
        offset 0
      ) as w on true
      where not s.full_due
    ) as w
    offset 0
  ) as w on true
  left join lateral (
    select e.version from data.event_state e where e.account_id = w.account_id and e.event = w.event and e.level = w.level offset 0
  ) as e on true
  where (e.version is not null or w.level = 'blocked')
    and (s.full_due or w.notified_level is distinct from w.level or w.notified_version is distinct from coalesce(e.version, 0));
end
$function$


CREATE OR REPLACE FUNCTION api.end_subscriptions(p_account_ids bigint[], p_subscription_ids bigint[], p_cseqs bigint[], p_now timestamp with time zone DEFAULT now())
 RETURNS bigint[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_watched bigint[] := api.lock_watched(p_account_ids, p_subscription_ids);
begin
  with held as materialized (
    select s.account_id, s.id
    from unnest(p_account_ids, p_subscription_ids, p_cseqs) as r (account_id, id, cseq)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where r.cseq is null or s.cseq = r.cseq and not s.full_due
    order by s.account_id, s.id
    for update of s
  )
  delete from data.subscription s using held h where s.account_id = h.account_id and s.id = h.id;
  return api.touch_event(v_watched, 'presence.winfo', p_now);
end
$function$


CREATE OR REPLACE FUNCTION api.endpoints_changed(p_account_ids bigint[], p_now timestamp with time zone, p_left text[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_watched bigint[];
  v_presence bigint[];
  v_dialogs bigint[];
begin
  select array_agg(distinct s.account_id), array_agg(s.account_id) filter (where s.event = 'presence' and s.level = 'public')
  into v_watched, v_presence
  from data.event_state s
  where s.account_id = any (p_account_ids) and (s.event = 'presence' or s.event = 'reg');
  if v_watched is null then
    return '{}';
  end if;

  select array_agg(distinct p.account_id)
  into v_dialogs
  from data.publication p
  where p.account_id = any (v_presence) and p.event = 'dialog' and p.binding_key is not null;
  if p_left is not null then
    delete from data.publication p
    using unnest(p_account_ids, p_left) as l (account_id, binding_key)
    where p.account_id = any (v_presence)
      and p.account_id = l.account_id
      and p.binding_key = coalesce(l.binding_key, p.binding_key)
      and not exists (
        select from data.endpoint e where e.account_id = p.account_id and e.binding_key = p.binding_key and e.expires_at > p_now
      );
  end if;

  return array(
    select distinct c.account_id
    from unnest(
      api.aggregate_presence(v_presence, p_now) || api.touch_event(v_watched, 'reg', p_now) || api.touch_event(v_dialogs, 'dialog', p_now)
    ) as c (account_id)
  );
end
$function$


CREATE OR REPLACE FUNCTION api.event_detail(p_account_id bigint, p_event text, p_now timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  return case p_event
    when 'reg' then jsonb_build_object('endpoints', coalesce((
      select jsonb_agg(
        jsonb_strip_nulls(jsonb_build_object(
          'id', e.id, 'uri', e.uri, 'expiresIn', ceil(date_part('epoch', e.expires_at - p_now)), 'callId', e.call_id, 'cseq', e.cseq,
          'registeredAt', e.registered_at, 'instance', e.instance, 'q', e.q
        ))
        order by e.id
      )
      from data.endpoint e
      where e.account_id = p_account_id and e.expires_at > p_now
    ), '[]'))
    -- Who watches a list of contacts is not named: whoever they add is told so already (data.contact_notice).
    when 'presence.winfo' then jsonb_build_object('watchers', coalesce((
      select jsonb_agg(
        jsonb_build_object('id', s.id, 'watcher', s.watcher, 'expiresIn', ceil(date_part('epoch', s.expires_at - p_now))) order by s.id
      )
      from data.watch w
      join data.subscription s on s.account_id = w.subscriber_id and s.id = w.subscription_id
      where w.account_id = p_account_id and w.event = 'presence' and not s.is_list and s.expires_at > p_now
    ), '[]'))
    when 'dialog' then jsonb_build_object('documents', coalesce((
      select jsonb_agg(p.state -> 'document' order by p.id)
      from api.live_publications(p_account_id, p_now) as p
      where p.event = 'dialog'
    ), '[]'))
    when 'message-summary' then jsonb_build_object(
      'messages', (select count(*) from data.message m where m.account_id = p_account_id and m.expires_at > p_now)
    )
    when 'xcap-diff' then jsonb_build_object(
      'contacts', coalesce((select l.version from data.contact_list l where l.account_id = p_account_id and not l.removed), 0),
      'rules', coalesce((select r.version from data.access_rule_set r where r.account_id = p_account_id and not r.removed), 0)
    )
  end;
end
$function$


CREATE OR REPLACE FUNCTION api.fail_directory_run(p_code text, p_error text, p_now timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform api.hold_directory();
  update data.directory set run_ended_at = p_now, run_outcome = 'failed', run_error_code = p_code, run_error = p_error;
end
$function$


CREATE OR REPLACE FUNCTION api.find_access_rules(p_account_id bigint)
 RETURNS TABLE(version bigint, removed boolean, scope text, subject text, communication text, level text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select coalesce(s.version, 0), coalesce(s.removed, true), r.scope, r.subject, r.communication, r.level
  from (select p_account_id as id) as a
  left join data.access_rule_set s on s.account_id = a.id
  left join data.access_rule r on r.account_id = a.id
  order by case r.scope when 'user' then 1 when 'domain' then 2 else 3 end, r.subject;
$function$


CREATE OR REPLACE FUNCTION api.find_account(p_user text, p_domain text)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return coalesce(
    (select a.id from data.account a where a.domain_id = v_domain_id and a.user_part = p_user),
    (select l.account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user)
  );
end
$function$


CREATE OR REPLACE FUNCTION api.find_alias(p_user text, p_domain text)
 RETURNS TABLE(account_id bigint, enabled boolean)
 LANGUAGE plpgsql
 STABLE
AS $function$
#variable_conflict use_column
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return query
  select a.id, a.enabled
  from data.account a
  where a.id = (select l.account_id from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user);
end
$function$


CREATE OR REPLACE FUNCTION api.find_certified_account(p_user text, p_domain text, p_users text[], p_domains text[])
 RETURNS TABLE(account_id bigint, user_part text, credential_version integer)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select a.id, a.user_part, a.credential_version
  from data.account a
  where a.id = api.find_account(p_user, p_domain)
    and a.enabled
    and a.domain_id = (select d.id from data.domain d where d.name = p_domain)
    and exists (
      select from unnest(p_users, p_domains) as c (user_part, domain)
      where api.find_account(c.user_part, c.domain) = a.id
    );
end
$function$


CREATE OR REPLACE FUNCTION api.find_changed_accounts(p_account_ids bigint[], p_credential_versions integer[])
 RETURNS TABLE(request integer)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select v.request::int
  from unnest(p_account_ids, p_credential_versions) with ordinality as v (account_id, credential_version, request)
  left join data.account a on a.id = v.account_id and a.id = any (p_account_ids)
  where a.id is null or not a.enabled or a.credential_version <> v.credential_version
  order by v.request;
end
$function$


CREATE OR REPLACE FUNCTION api.find_contacts(p_account_id bigint, p_since bigint)
 RETURNS TABLE(kind text, id bigint, is_full boolean, removed boolean, name text, "position" integer, address text, note text, groups integer[], in_pool boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_list data.contact_list;
  v_full boolean;
begin
  select * into v_list from data.contact_list l where l.account_id = p_account_id;
  v_full := not coalesce(p_since between v_list.floor_version and v_list.version, p_since = 0 and v_list is null, false);

  return query
  select 'list', coalesce(v_list.version, 0), v_full, coalesce(v_list.removed, true), null, null::int, null, null, null::int[], null::boolean;
  return query
  select 'group', g.id::bigint, null::boolean, g.removed, g.name, g.position, null, null, null::int[], null::boolean
  from data.contact_group g
  where g.account_id = p_account_id and case when v_full then not g.removed else g.version > p_since end
  order by g.position, g.id;
  return query
  select 'contact', null::bigint, null::boolean, c.removed, c.display_name, c.position, c.address, c.note, c.groups, c.contact_account_id is not null
  from data.contact c
  where c.account_id = p_account_id and case when v_full then not c.removed else c.version > p_since end
  order by c.position, c.address;
end
$function$


CREATE OR REPLACE FUNCTION api.find_credentials(p_users text[], p_domains text[])
 RETURNS TABLE(request integer, account_id bigint, enabled boolean, credential_version integer, credential_id integer, md5 bytea, sha_256 bytea, sha_512_256 bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select r.request::int, a.id, a.enabled, a.credential_version, a.credential_id, a.md5, a.sha_256, a.sha_512_256
  from unnest(p_users, p_domains) with ordinality as r (user_part, domain, request)
  -- "offset 0" keeps the order of the joins: each request probes the indexes.
  cross join lateral (
    select a.id, a.enabled, a.credential_version, c.id as credential_id, c.md5, c.sha_256, c.sha_512_256
    from data.domain d
    join data.account a on a.domain_id = d.id
    left join data.credential c on c.account_id = a.id
    where d.name = r.domain and a.user_part = r.user_part
    offset 0
  ) as a;
end
$function$


CREATE OR REPLACE FUNCTION api.find_endpoint_events(p_account_ids bigint[], p_session_ids uuid[], p_credential_versions integer[], p_instances text[], p_afters bigint[], p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(stream integer, outcome text, event_id bigint, event text, reason text, occurred_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_after bigint;
begin
  for v_stream in 1 .. cardinality(p_account_ids) loop
    v_after := coalesce(p_afters[v_stream], (
      select max(e.id)
      from data.endpoint e
      where e.account_id = p_account_ids[v_stream]
        and e.instance = p_instances[v_stream]
        and e.transport = 'HTTP'
        and e.expires_at > p_now
    ));
    if v_after is null then
      return query select v_stream, 'endpoint_unknown', null::bigint, null::text, null::text, null::timestamptz;
      continue;
    end if;

    for event_id, event, reason, occurred_at in
      select e.id, e.event, e.reason, e.occurred_at
      from data.endpoint_event e
      where e.account_id = p_account_ids[v_stream] and e.id > v_after and e.instance = p_instances[v_stream]
      order by e.id
      limit 100
    loop
      stream := v_stream;
      outcome := 'event';
      v_after := event_id;
      return next;
    end loop;

    return query
    select v_stream,
      case
        when api.session_holds(p_account_ids[v_stream], p_session_ids[v_stream], p_credential_versions[v_stream], null, p_now)
          then 'caught_up'
        else 'session_closed'
      end,
      v_after, null::text, null::text, null::timestamptz;
  end loop;
end
$function$


CREATE OR REPLACE FUNCTION api.find_front_ends()
 RETURNS TABLE(front_end_id integer, addresses jsonb)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select f.id, f.addresses from data.front_end f where f.state in ('serving', 'draining') order by f.id;
$function$


CREATE OR REPLACE FUNCTION api.find_keys(p_purpose text, p_secret bytea, p_rotate_after interval DEFAULT NULL::interval, p_retire_after interval DEFAULT NULL::interval, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(key_id smallint, secret bytea, created_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_newest data.key;
begin
  perform pg_advisory_xact_lock(hashtext('api.find_keys'), hashtext(p_purpose));

  select * into v_newest from data.key k where k.purpose = p_purpose order by k.created_at desc limit 1;
  if v_newest.id is null or v_newest.created_at <= p_now - p_rotate_after then
    insert into data.key (purpose, id, secret, created_at)
    values (p_purpose, coalesce((v_newest.id + 1) % 256, 0), p_secret, p_now)
    on conflict (purpose, id) do update set secret = excluded.secret, created_at = excluded.created_at
    returning * into v_newest;
  end if;
  delete from data.key k where k.purpose = p_purpose and k.created_at <= p_now - p_retire_after and k.id <> v_newest.id;

  return query select k.id, k.secret, k.created_at from data.key k where k.purpose = p_purpose order by k.created_at desc;
end
$function$


CREATE OR REPLACE FUNCTION api.find_messages(p_account_id bigint, p_instance text, p_after bigint, p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(message_id bigint, sender text, recipient text, call_id text, content_type text, headers text, body bytea, stored_at timestamp with time zone, expires_at timestamp with time zone, instances text, in_delivery boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_is_claimed boolean := (select api.claim_holds(q, p_now) from data.message_queue q where q.account_id = p_account_id);
begin
  return query
  select m.id, m.sender, m.recipient, m.call_id, m.content_type, m.headers::text, m.body, m.stored_at, m.expires_at,
    array_to_string(m.instances, E'\n'),
    m.instances is null and coalesce(v_is_claimed, false)
  from data.message m
  where m.account_id = p_account_id
    and m.id > coalesce(p_after, 0)
    and m.expires_at > p_now
    and (m.instances is null or p_instance = any (m.instances))
  order by m.id
  limit p_limit;
end
$function$


CREATE OR REPLACE FUNCTION api.find_notices(p_account_id bigint)
 RETURNS TABLE(id bigint, adder text, occurred_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select n.id, n.adder, n.occurred_at from data.contact_notice n where n.account_id = p_account_id order by n.id;
$function$


CREATE OR REPLACE FUNCTION api.find_person(p_reader bigint, p_user text, p_domain text)
 RETURNS TABLE(address text, display_name text, given_name text, surname text, mail text, phones jsonb, title text, department text, company text, office text, manager text, photo_hash text, in_directory boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  return query
  select s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title, s.department, s.company, s.office, s.manager,
    s.photo_hash, s.in_directory
  from api.show_people(array[api.find_account(p_user, p_domain)], p_reader) as s;
end
$function$


CREATE OR REPLACE FUNCTION api.find_presence(p_watcher_id bigint, p_watcher text, p_is_outside boolean, p_users text[], p_domains text[], p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(request integer, outcome text, account_id bigint, level text, version bigint, state jsonb)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_watcher_id bigint := p_watcher_id;
  v_watcher text := p_watcher;
begin
  if v_watcher_id is null and not p_is_outside then
    v_watcher_id := api.find_account(left(p_watcher, -strpos(reverse(p_watcher), '@')), right(p_watcher, strpos(reverse(p_watcher), '@') - 1));
  end if;
  v_watcher := coalesce((api.account_names(v_watcher_id))[1], p_watcher);

  for v_request in 1 .. cardinality(p_users) loop
    request := v_request;
    account_id := api.find_account(p_users[v_request], p_domains[v_request]);
    outcome := case when account_id is null then 'unknown' else 'found' end;
    level := api.access_level(account_id, v_watcher_id, v_watcher, api.default_level(account_id, v_watcher_id, v_watcher));
    version := 0;
    state := '{"availability": 18000}';
    if account_id is not null and level <> 'blocked' then
      select s.version, s.state into version, state
      from data.event_state s
      where s.account_id = find_presence.account_id and s.event = 'presence' and s.level = find_presence.level;
      if not found then
        select 0, s.state into version, state
        from api.presence_states(array[account_id], p_now) as s
        where s.level = find_presence.level;
      end if;
    end if;
    return next;
  end loop;
end
$function$


CREATE OR REPLACE FUNCTION api.find_sign_in(p_user text, p_domain text)
 RETURNS TABLE(account_id bigint, enabled boolean, credential_version integer, follows_directory boolean, sign_in_name text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select a.id, a.enabled, a.credential_version, e.entry_id is not null, e.sign_in_name
  from data.domain d
  join data.account a on a.domain_id = d.id
  left join data.directory_entry e on e.account_id = a.id
  where d.name = p_domain and a.user_part = p_user;
$function$


CREATE OR REPLACE FUNCTION api.forget_messages(p_account_id bigint, p_message_ids bigint[], p_now timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  with gone as (
    delete from data.message m
    where m.account_id = p_account_id and m.id = any (p_message_ids)
    returning octet_length(m.body) + octet_length(m.headers::text) as bytes
  )
  update data.message_queue q
  set messages = q.messages - g.messages, bytes = q.bytes - g.bytes
  from (select count(*)::int as messages, coalesce(sum(gone.bytes), 0) as bytes from gone) as g
  where q.account_id = p_account_id;

  delete from data.message_queue q where q.account_id = p_account_id and q.messages = 0;
  return cardinality(p_message_ids) > 0 and cardinality(api.touch_event(array[p_account_id], 'message-summary', p_now)) > 0;
end
$function$


CREATE OR REPLACE FUNCTION api.forget_removed_contacts(p_account_id bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_floor bigint;
begin
  select r.version into v_floor
  from (
    select c.version from data.contact c where c.account_id = p_account_id and c.removed
    union all
    select g.version from data.contact_group g where g.account_id = p_account_id and g.removed
  ) as r
  order by r.version desc
  offset 1000 limit 1;
  if found then
    delete from data.contact c where c.account_id = p_account_id and c.removed and c.version <= v_floor;
    delete from data.contact_group g where g.account_id = p_account_id and g.removed and g.version <= v_floor;
    update data.contact_list l set floor_version = v_floor where l.account_id = p_account_id;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.forget_removed_people(p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_floor bigint;
begin
  if exists (select from data.person_removed r where r.removed_at < p_now - interval '30 days') then
    perform from data.address_book for no key update;
    with forgotten as (
      delete from data.person_removed r where r.removed_at < p_now - interval '30 days' returning r.version
    )
    select max(f.version) into v_floor from forgotten f;
    update data.address_book b set floor_version = greatest(b.floor_version, v_floor);
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.forget_watches(p_account_id bigint, p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_lists bigint[];
begin
  perform s.id
  from data.subscription s
  where (s.account_id, s.id) in (
    select w.subscriber_id, w.subscription_id from data.watch w where w.account_id = p_account_id
    union
    select o.account_id, o.id from data.subscription o where o.account_id = p_account_id
  )
  order by s.account_id, s.id
  for update;

  update data.subscription s set expires_at = p_now, expiry_check_at = p_now where s.account_id = p_account_id and s.expires_at > p_now;
  with gone as (
    delete from data.watch w where w.account_id = p_account_id returning w.subscriber_id, w.subscription_id
  ),
  told as (
    update data.subscription s
    set full_due = true,
      expires_at = case when s.is_list then s.expires_at else p_now end,
      expiry_check_at = case when s.is_list then s.expiry_check_at else p_now end
    from gone g
    where s.account_id = g.subscriber_id and s.id = g.subscription_id
    returning s.account_id, s.is_list
  )
  select array_agg(distinct t.account_id) into v_lists from told t where t.is_list;
  return coalesce(v_lists, '{}');
end
$function$


CREATE OR REPLACE FUNCTION api.get_presence(p_account_id bigint, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(state jsonb, version integer, expires_at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select p.state, p.version, p.expires_at
  from data.publication p
  where p.account_id = p_account_id and p.id = 0 and (p.expires_at is null or p.expires_at > p_now);
end
$function$


CREATE OR REPLACE FUNCTION api.held_until(p_min_interval integer, p_full_due boolean, p_notified_at timestamp with time zone, p_now timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select case
    when p_min_interval > 0 and not p_full_due and p_notified_at + p_min_interval * interval '1 ms' > p_now
      then p_notified_at + p_min_interval * interval '1 ms'
  end;
$function$


CREATE OR REPLACE FUNCTION api.hold_directory()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  if not pg_try_advisory_xact_lock(0x726f6c6c, 1) then
    raise exception 'another replicator has the lock of the directory' using errcode = 'object_not_in_prerequisite_state';
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.import_accounts(p_users text[], p_domains text[], p_roles text[], p_md5s bytea[], p_sha_256s bytea[], p_sha_512_256s bytea[])
 RETURNS TABLE(account integer, outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_domain_ids int[];
  v_last int[];
  v_existing bigint[];
  v_added bigint[];
  v_changed bigint[];
begin
  perform from data.domain d where d.name = any (p_domains) order by d.id for share;

  select array_agg(d.id order by r.account), array_agg(r.last order by r.account)
  into v_domain_ids, v_last
  from (
    select *, max(account) over (partition by user_part, domain) as last
    from unnest(p_users, p_domains) with ordinality as r (user_part, domain, account)
  ) as r
  left join data.domain d on d.name = r.domain;

  select array_agg(l.id) filter (where l.is_existing) into v_existing
  from (
    select a.id, r.is_existing
    from (
      select e.id, true as is_existing
      from unnest(p_users, v_domain_ids) as n (user_part, domain_id)
      join data.account e on e.domain_id = n.domain_id and e.user_part = n.user_part
      union all
      select unnest(api.contact_owners(array(select n.user_part || '@' || n.domain from unnest(p_users, p_domains) as n (user_part, domain)))), false
    ) as r
    join data.account a on a.id = r.id
    order by a.id
    for no key update of a
  ) as l;

  with added as (
    insert into data.account (domain_id, user_part, role)
    select v_domain_ids[r.account], r.user_part, r.role
    from unnest(p_users, p_roles, v_last) with ordinality as r (user_part, role, last, account)
    where v_domain_ids[r.account] is not null and r.last = r.account
      and not exists (select from data.account_alias l where l.domain_id = v_domain_ids[r.account] and l.user_part = r.user_part)
    -- In one order everywhere, so that two imports of the same new accounts cannot deadlock.
    order by v_domain_ids[r.account], r.user_part
    on conflict (domain_id, user_part) do nothing
    returning id
  )
  select array_agg(a.id) into v_added from added a;

  with changed as (
    insert into data.credential as c (account_id, md5, sha_256, sha_512_256)
    select a.id, r.md5, r.sha_256, r.sha_512_256
    from unnest(p_users, p_md5s, p_sha_256s, p_sha_512_256s, v_last) with ordinality as r (user_part, md5, sha_256, sha_512_256, last, account)
    join data.account a on a.domain_id = v_domain_ids[r.account] and a.user_part = r.user_part
    where r.last = r.account and (a.id = any (v_added) or a.id = any (v_existing))
    on conflict (account_id, id) do update set md5 = excluded.md5, sha_256 = excluded.sha_256, sha_512_256 = excluded.sha_512_256
    where (c.md5, c.sha_256, c.sha_512_256) is distinct from (excluded.md5, excluded.sha_256, excluded.sha_512_256)
    returning account_id
  )
  select array_agg(c.account_id) into v_changed from changed c where c.account_id = any (v_existing);

  update data.account a set credential_version = a.credential_version + 1 where a.id = any (v_changed);

  perform api.link_contacts(array_agg(a.user_part || '@' || d.name), array_agg(a.id))
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id = any (v_added)
  having count(*) > 0;

  return query
  select
    r.account::int,
    case
      when v_domain_ids[r.account] is null then 'domain_unknown'
      when r.last <> r.account then 'duplicate'
      when a.id is null then 'alias'
      when a.id = any (v_added) then 'added'
      when a.id = any (v_changed) then 'changed'
      else 'unchanged'
    end
  from unnest(p_users, v_last) with ordinality as r (user_part, last, account)
  left join data.account a on a.domain_id = v_domain_ids[r.account] and a.user_part = r.user_part
  order by r.account;
end
$function$


CREATE OR REPLACE FUNCTION api.instance_endpoint(p_account_id bigint, p_instance text, p_now timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return coalesce((
    select e.id
    from data.endpoint e
    where e.account_id = p_account_id and e.instance = p_instance and e.expires_at > p_now and e.stale_at is null
    order by e.refreshed_at desc, e.id desc
    limit 1
  ), 0);
end
$function$


CREATE OR REPLACE FUNCTION api.is_address_of(p_account_id bigint, p_user text, p_domain text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_domain_id int := (select d.id from data.domain d where d.name = p_domain);
begin
  return exists (select from data.account a where a.id = p_account_id and a.domain_id = v_domain_id and a.user_part = p_user)
    or exists (
      select from data.account_alias l where l.domain_id = v_domain_id and l.user_part = p_user and l.account_id = p_account_id
    );
end
$function$


CREATE OR REPLACE FUNCTION api.is_contact(p_account_id bigint, p_address text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return exists (select from data.contact c where c.account_id = p_account_id and c.address = p_address and not c.removed);
end
$function$


CREATE OR REPLACE FUNCTION api.join_front_end(p_process_id integer, p_addresses jsonb, p_lease interval, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(front_end_id integer)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  insert into data.front_end (process_id, addresses, joined_at, renewed_at, lease_expires_at)
  values (p_process_id, p_addresses, p_now, p_now, p_now + p_lease)
  returning id;
$function$


CREATE OR REPLACE FUNCTION api.judge_directory_changes(p_entry_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_leaving bigint[];
begin
  update data.directory_change c
  set problem = s.problem, holder_id = s.holder_id, moves = s.problem is null and s.has_another
  from (
    select c.entry_id, nullif(h.id, c.account_id) as holder_id,
      c.account_id is not null and h.id is distinct from c.account_id as has_another,
      case
        when d.id is null then 'domain_unknown'
        when h.id = c.account_id then null
        when c.contested or l.account_id is distinct from c.account_id and l.account_id is not null then 'conflict'
      end as problem
    from unnest(p_entry_ids) as i (id)
    -- "offset 0" keeps the order of the joins: each entry probes the indexes, also by a plan made while the tables were empty.
    join lateral (select * from data.directory_change c where c.entry_id = i.id and c.kind = 'person' offset 0) as c on true
    left join lateral (select d.id from data.domain d where d.name = c.domain offset 0) as d on true
    left join lateral (
      select h.id from data.account h where h.domain_id = d.id and h.user_part = c.user_part offset 0
    ) as h on true
    left join lateral (
      select l.account_id from data.account_alias l where l.domain_id = d.id and l.user_part = c.user_part offset 0
    ) as l on true
    offset 0
  ) as s
  where c.entry_id = s.entry_id;

  -- Who does not get another address keeps the one that it has, and so on.
  loop
    v_leaving := array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.moves);
    update data.directory_change c
    set problem = 'conflict', moves = false
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and c.problem is null
      and c.holder_id is not null and c.holder_id <> all (v_leaving);
    exit when not found;
  end loop;
end
$function$


CREATE OR REPLACE FUNCTION api.keep_message(p_account_id bigint, p_message_id bigint, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, endpoint_id bigint, front_end_id integer, flow text, instance text, transport text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_outcome text;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.message m
  set instances = null
  where m.account_id = p_account_id and m.id = p_message_id and m.expires_at > p_now and not m.acknowledged;
  v_outcome := case
    when found then 'kept'
    when exists (select from data.message m where m.account_id = p_account_id and m.id = p_message_id and m.expires_at > p_now) then 'delivered'
    else 'unknown'
  end;

  return query
  select v_outcome, e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
  from (values (1)) as one
  left join api.reachable_endpoints(p_account_id, p_now) as e on v_outcome = 'kept';
end
$function$


CREATE OR REPLACE FUNCTION api.known_members(p_group text)
 RETURNS TABLE(entry_id uuid)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select e.entry_id from data.directory_entry e where e.groups @> array[p_group] and e.gone_at is null;
$function$


CREATE OR REPLACE FUNCTION api.leave_front_end(p_front_end_id integer)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update data.front_end set state = 'left', connections = 0 where id = p_front_end_id and state in ('serving', 'draining');
  return query select case when found then 'left' else 'gone' end;
end
$function$


CREATE OR REPLACE FUNCTION api.link_contacts(p_addresses text[], p_account_ids bigint[], p_now timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_owners bigint[] := api.contact_owners(p_addresses);
begin
  if v_owners = '{}' then
    return;
  end if;
  update data.contact c
  set contact_account_id = n.account_id
  from unnest(p_addresses, p_account_ids) as n (address, account_id)
  where c.address = n.address and not c.removed and c.contact_account_id is distinct from n.account_id;
  perform api.refresh_lists(v_owners, p_now);
end
$function$


CREATE OR REPLACE FUNCTION api.list_access_levels()
 RETURNS TABLE(level text, activity boolean, note boolean, calendar boolean, phone boolean, location boolean, device boolean, services boolean, person boolean)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select l.level, l.activity, l.note, l.calendar, l.phone, l.location, l.device, l.services, l.person from data.access_level l order by l.rank;
$function$


CREATE OR REPLACE FUNCTION api.list_access_rules(p_user text, p_domain text)
 RETURNS TABLE(scope text, subject text, communication text, level text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
begin
  return query
  select r.scope, r.subject, r.communication, r.level
  from (select api.account_id(p_user, p_domain) as id) as a
  cross join api.find_access_rules(a.id) as r
  where a.id is not null;
end
$function$


CREATE OR REPLACE FUNCTION api.list_accounts(p_after bigint, p_limit integer, p_user text DEFAULT NULL::text, p_domain text DEFAULT NULL::text, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(account_id bigint, user_part text, domain text, role text, enabled boolean, created_at timestamp with time zone, endpoints integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select a.id, a.user_part, d.name, a.role, a.enabled, a.created_at,
    (select count(*)::int from data.endpoint e where e.account_id = a.id and e.expires_at > p_now)
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id > p_after
    and (p_user is null or a.user_part = p_user)
    and (p_domain is null or d.name = p_domain)
  order by a.id
  limit p_limit;
$function$


CREATE OR REPLACE FUNCTION api.list_aliases(p_user text, p_domain text)
 RETURNS TABLE(user_part text, domain text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select l.user_part, d.name
  from (select api.account_id(p_user, p_domain) as id) as a
  left join data.account_alias l on l.account_id = a.id
  left join data.domain d on d.id = l.domain_id
  where a.id is not null
  order by d.name, l.user_part;
$function$


CREATE OR REPLACE FUNCTION api.list_app_passwords(p_account_id bigint)
 RETURNS TABLE(id integer, name text, created_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select c.id, c.name, c.created_at
  from data.credential c
  where c.account_id = p_account_id and c.id > 0
  order by c.id;
$function$


CREATE OR REPLACE FUNCTION api.list_directory_problems(p_limit integer)
 RETURNS TABLE(entry_id uuid, dn text, problem text, address text, keeps text, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select e.entry_id, e.dn, e.problem, e.user_part || '@' || e.domain, a.user_part || '@' || ad.name,
    case e.problem
      when 'domain_unknown' then format('the pool does not serve %s: serve it, or map it to another domain', e.domain)
      when 'conflict' then case
        when l.account_id is not null then format('is an alias of %s', (api.account_names(l.account_id))[1])
        when h.id is null then 'also asked for by ' || (
          select string_agg(o.dn, '; ' order by o.dn)
          from (
            select o.dn from data.directory_entry o
            where o.domain = e.domain and o.user_part = e.user_part and o.entry_id <> e.entry_id and o.gone_at is null
            order by o.dn
            limit 10
          ) as o
        )
        when o.entry_id is null then 'belongs to an account that does not follow the directory'
        when o.gone_at is not null then format(
          'belongs to an account whose entry %s is gone; it is removed after %s, or now by: rollcall account remove sip:%s@%s',
          o.dn, to_char(o.gone_at at time zone 'UTC' + g.grace_days * interval '1 day', 'YYYY-MM-DD'), e.user_part, e.domain
        )
        else format('belongs to %s', o.dn)
      end
      else e.detail
    end
  from data.directory g
  cross join data.directory_entry e
  left join data.account a on a.id = e.account_id
  left join data.domain ad on ad.id = a.domain_id
  left join data.domain d on d.name = e.domain
  left join data.account h on h.domain_id = d.id and h.user_part = e.user_part
  left join data.directory_entry o on o.account_id = h.id
  left join data.account_alias l on l.domain_id = d.id and l.user_part = e.user_part
  where e.problem is not null
  order by e.dn
  limit p_limit;
$function$


CREATE OR REPLACE FUNCTION api.list_domains()
 RETURNS TABLE(domain_id integer, name text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select d.id, d.name from data.domain d order by d.id;
$function$


CREATE OR REPLACE FUNCTION api.list_endpoints(p_after_account bigint, p_after_endpoint bigint, p_limit integer, p_user text DEFAULT NULL::text, p_domain text DEFAULT NULL::text, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(account_id bigint, endpoint_id bigint, user_part text, domain text, uri text, transport text, front_end_id integer, flow text, received_from text, user_agent text, instance text, reg_id integer, q smallint, path text[], call_id text, cseq bigint, incarnation bigint, registered_at timestamp with time zone, refreshed_at timestamp with time zone, expires_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select e.account_id, e.id, a.user_part, d.name, e.uri, e.transport, e.front_end_id, e.flow, e.received_from, e.user_agent, e.instance,
    e.reg_id, e.q, e.path, e.call_id, e.cseq, e.incarnation, e.registered_at, e.refreshed_at, e.expires_at
  from data.endpoint e
  join data.account a on a.id = e.account_id
  join data.domain d on d.id = a.domain_id
  where (e.account_id, e.id) > (p_after_account, p_after_endpoint)
    and (p_user is null or e.account_id = (select a.id from data.account a join data.domain d on d.id = a.domain_id where a.user_part = p_user and d.name = p_domain))
    and (p_domain is null or d.name = p_domain)
    and e.expires_at > p_now
  order by e.account_id, e.id
  limit p_limit;
$function$


CREATE OR REPLACE FUNCTION api.list_front_ends(p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(front_end_id integer, process_id integer, state text, addresses jsonb, connections integer, endpoints integer, joined_at timestamp with time zone, renewed_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select f.id, f.process_id, case when f.lease_expires_at > p_now then f.state else 'dead' end, f.addresses, f.connections,
    coalesce(e.endpoints, 0), f.joined_at, f.renewed_at
  from data.front_end f
  left join (
    select e.front_end_id, count(*)::int as endpoints from data.endpoint e where e.expires_at > p_now group by e.front_end_id
  ) as e on e.front_end_id = f.id
  where f.state <> 'left'
  order by f.id;
$function$


CREATE OR REPLACE FUNCTION api.list_people(p_reader bigint, p_version bigint, p_after bigint, p_base bigint, p_limit integer)
 RETURNS TABLE(kind text, version bigint, account_id bigint, is_full boolean, address text, display_name text, given_name text, surname text, mail text, phones jsonb, title text, department text, company text, office text, manager text, photo_hash text, in_directory boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_book data.address_book;
  v_full boolean;
  v_base bigint;
  v_from bigint;
  v_after bigint;
  v_people bigint[];
begin
  select * into strict v_book from data.address_book;
  -- Removals since the base must still be known; a later version is of a database that is no more.
  v_full := not coalesce(p_base between v_book.floor_version and v_book.version and p_version <= v_book.version, false);
  v_base := case when v_full then v_book.version else p_base end;
  v_from := case when v_full then 0 else p_version end;
  v_after := case when v_full then 0 else p_after end;
  return query
  select 'version', v_book.version, null::bigint, v_full, null, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean;

  select coalesce(array_agg(l.account_id order by l.version, l.account_id), '{}') into v_people
  from (
    select p.version, p.account_id
    from data.person p
    where p.version >= v_from and (p.version, p.account_id) > (v_from, v_after) and (not p.hidden or p.account_id = p_reader)
    order by p.version, p.account_id
    limit p_limit
  ) as l;
  return query
  select 'person', p.version, s.account_id, null::boolean, s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title,
    s.department, s.company, s.office, s.manager, s.photo_hash, s.in_directory
  from api.show_people(v_people, p_reader) as s
  join data.person p on p.account_id = s.account_id
  order by s.place;

  if cardinality(v_people) = p_limit then
    return query
    select 'next', p.version, p.account_id, null::boolean, null, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean
    from data.person p
    where p.account_id = v_people[p_limit];
  else
    return query
    select 'removed', r.version, null::bigint, null::boolean, r.address, null, null, null, null, null::jsonb, null, null, null, null, null, null, null::boolean
    from data.person_removed r
    where r.version > v_base
      and not exists (select from data.person p where p.address = r.address and (not p.hidden or p.account_id = p_reader))
    order by r.version, r.address;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.live_publications(p_account_id bigint, p_now timestamp with time zone)
 RETURNS SETOF data.publication
 LANGUAGE sql
 STABLE
AS $function$
  select p.*
  from data.publication p
  where p.account_id = p_account_id
    and (p.expires_at is null or p.expires_at > p_now)
    and (
      p.binding_key is null
      or coalesce((
        select true from data.endpoint e where e.account_id = p_account_id and e.binding_key = p.binding_key and e.expires_at > p_now
      ), false)
    )
    and not exists (
      select
      from data.publication n
      where n.account_id = p_account_id and n.event = 'presence' and p.event = 'presence' and n.binding_key = p.binding_key
        and (n.changed_at, n.id) > (p.changed_at, p.id)
        and (n.expires_at is null or n.expires_at > p_now)
    );
$function$


CREATE OR REPLACE FUNCTION api.lock_contact_owners(p_account_id bigint, p_addresses text[] DEFAULT '{}'::text[])
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  v_owners bigint[] := api.contact_owners(p_addresses, p_account_id);
begin
  perform from data.account a where a.id = any (v_owners || p_account_id) order by a.id for update;
  if not api.contact_owners(p_addresses, p_account_id) <@ v_owners then
    raise exception 'the account has become a contact meanwhile' using errcode = 'serialization_failure';
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.lock_contacts(p_account_id bigint, p_addresses text[])
 RETURNS TABLE(address text, account_id bigint)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_addresses text[];
  v_account_ids bigint[];
begin
  v_addresses := array(select n.address from unnest(p_addresses) as n (address) where not api.is_contact(p_account_id, n.address));
  perform from data.domain d
  where d.name in (select substring(n.address from '[^@]*$') from unnest(v_addresses) as n (address) where api.contact_account_id(n.address) is null)
  order by d.id
  for no key update;

  v_account_ids := array(
    select api.contact_account_id(n.address) from unnest(v_addresses) with ordinality as n (address, place) order by n.place
  );
  perform from data.account a where a.id = any (v_account_ids || p_account_id) order by a.id for no key update;

  if exists (select from unnest(p_addresses) as n (address) where n.address <> all (v_addresses) and not api.is_contact(p_account_id, n.address))
    or exists (
      select from unnest(v_addresses, v_account_ids) as n (address, account_id)
      where api.contact_account_id(n.address) is distinct from n.account_id
    )
  then
    raise exception 'the contacts or their accounts have changed meanwhile' using errcode = 'serialization_failure';
  end if;
  return query
  select n.address, n.account_id
  from unnest(v_addresses, v_account_ids) as n (address, account_id)
  where not api.is_contact(p_account_id, n.address);
end
$function$


CREATE OR REPLACE FUNCTION api.lock_directory(p_holder text, p_now timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform set_config(s.name, s.value, false)
  from (values ('tcp_keepalives_idle', '1'), ('tcp_keepalives_interval', '1'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '4000'))
    as s (name, value);
  -- The same numbers in api.hold_directory and api.directory_status.
  if not pg_try_advisory_lock(0x726f6c6c, 1) then
    return false;
  end if;
  update data.directory set holder = p_holder, held_since = p_now;
  return true;
end
$function$


CREATE OR REPLACE FUNCTION api.lock_directory_batch(p_entry_ids uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_domains text[] := array(select distinct c.domain from data.directory_change c where c.entry_id = any (p_entry_ids) and c.domain is not null);
  v_moving bigint[] := array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.moves);
  v_addresses text[];
  v_owners bigint[];
begin
  if v_moving <> '{}' then
    perform from data.domain d where d.name = any (v_domains) order by d.id for no key update;
  else
    perform from data.domain d where d.name = any (v_domains) order by d.id for share;
  end if;

  v_addresses := array(
    select c.user_part || '@' || c.domain
    from data.directory_change c
    where c.entry_id = any (p_entry_ids) and c.kind = 'person' and (c.account_id is null or c.moves)
    union
    select unnest(api.account_names(m.id)) from unnest(v_moving) as m (id)
  );
  v_owners := api.contact_owners(v_addresses);
  perform from data.account a
  where a.id = any (
    v_owners || array(select c.account_id from data.directory_change c where c.entry_id = any (p_entry_ids) and c.account_id is not null)
  )
  order by a.id
  for update;
  if exists (select unnest(api.contact_owners(v_addresses)) except select unnest(v_owners)) then
    raise exception 'an account has become a contact meanwhile' using errcode = 'serialization_failure';
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.lock_due(p_front_end_id integer, p_account_ids bigint[], p_subscriber_ids bigint[], p_subscription_ids bigint[], p_since timestamp with time zone, p_busy bigint[], p_limit integer, p_now timestamp with time zone, OUT places tid[], OUT held_until timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  select array_agg(s.place) into places
  from (
    select l.place
    from (
      select s.account_id, s.id
      from unnest(p_account_ids) as a (id)
      join lateral (select * from data.subscription s where s.account_id = a.id offset 0) as s on s.full_due
      where s.front_end_id = p_front_end_id and s.expires_at > p_now
      union
      select s.account_id, s.id
      from unnest(p_subscriber_ids, p_subscription_ids) as r (account_id, id)
      join lateral (select * from data.subscription s where s.account_id = r.account_id and s.id = r.id offset 0) as s on true
      where s.front_end_id = p_front_end_id and s.expires_at > p_now and api.held_until(s.min_interval, s.full_due, s.notified_at, p_now) is null
      union
      (
        select s.account_id, s.id
        from data.subscription s
        where p_since is not null and s.front_end_id = p_front_end_id and s.full_due and s.expires_at > p_now
        limit p_limit + cardinality(p_busy) + 1
      )
    ) as d
    join lateral (
      select s.ctid as place, s.front_end_id
      from data.subscription s
      where s.account_id = d.account_id and s.id = d.id
      -- Else the index of front ends is read for each, by a plan made while the table was empty.
      offset 0
      for no key update skip locked
    ) as l on l.front_end_id = p_front_end_id
    where d.id not in (select unnest(p_busy))
    limit p_limit + 1
  ) as s;

  if p_subscriber_ids is not null then
    held_until := (
      select min(api.held_until(s.min_interval, s.full_due, s.notified_at, p_now))
      from unnest(p_subscriber_ids, p_subscription_ids) as r (account_id, id)
      join lateral (select * from data.subscription s where s.account_id = r.account_id and s.id = r.id offset 0) as s on true
      where s.front_end_id = p_front_end_id and s.expires_at > p_now and s.id not in (select unnest(p_busy))
    );
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.lock_watched(p_subscriber_ids bigint[], p_subscription_ids bigint[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  return array(
    select a.id
    from data.account a
    where a.id = any (array(
      select w.account_id
      from unnest(p_subscriber_ids, p_subscription_ids) as r (subscriber_id, subscription_id)
      join data.subscription o on o.account_id = r.subscriber_id and o.id = r.subscription_id and not o.is_list
      join data.watch w on w.subscriber_id = r.subscriber_id and w.subscription_id = r.subscription_id and w.event = 'presence'
      join data.event_state s on s.account_id = w.account_id and s.event = 'presence.winfo' and s.level = ''
    ))
    order by a.id
    for no key update
  );
end
$function$


CREATE OR REPLACE FUNCTION api.lock_watchers(p_front_end_id integer, p_account_ids bigint[], p_busy bigint[], p_limit integer, p_now timestamp with time zone, OUT watchers bigint, OUT lists tid[], OUT subscriptions tid[], OUT watches tid[], OUT levels text[], OUT versions bigint[], OUT held_until timestamp with time zone)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_memoize TO 'off'
AS $function$
#variable_conflict use_column
begin
  select coalesce(max(d.number), 0), array_agg(d.place) filter (where d.is_list and d.place is not null), array_agg(d.place) filter (where d.is_one),
    array_agg(d.watch) filter (where d.is_one), array_agg(d.level) filter (where d.is_one), array_agg(d.version) filter (where d.is_one),
    min(d.held_until)
  into watchers, lists, subscriptions, watches, levels, versions, held_until
  from (
    select l.place, c.watch, c.is_list, c.level, c.version, c.number, c.held_until, not c.is_list and l.place is not null as is_one
    from (
      -- Counted as they come, so that no more are looked at than are wanted: who is held back takes nobody's place.
      select c.*, count(case when c.held_until is null then 1 end) over (rows between unbounded preceding and current row) as number
      from api.watchers_due(p_front_end_id, p_account_ids, p_busy, p_now) as c
    ) as c
    -- One that has changed a moment ago is held by who changes it, as it were: that one sees to it.
    left join lateral (
      select s.ctid as place from data.subscription s where s.ctid = c.place and c.held_until is null for no key update skip locked
    ) as l on true
    where c.number <= p_limit + 1
  ) as d;
  lists := (array(select distinct unnest(lists)))[:p_limit];
  subscriptions := subscriptions[:p_limit - coalesce(cardinality(lists), 0)];
  watches := watches[:p_limit - coalesce(cardinality(lists), 0)];
end
$function$


CREATE OR REPLACE FUNCTION api.lose_subscriptions(p_account_ids bigint[], p_subscription_ids bigint[], p_front_end_ids integer[], p_flows text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  with held as materialized (
    select s.account_id, s.id, s.binding_key, s.front_end_id, s.flow
    from unnest(p_account_ids, p_subscription_ids, p_front_end_ids, p_flows) as r (account_id, id, front_end_id, flow)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where s.front_end_id = r.front_end_id and s.flow = r.flow
    order by s.account_id, s.id
    for no key update of s
  )
  update data.subscription s
  set front_end_id = e.front_end_id, transport = coalesce(e.transport, s.transport), flow = coalesce(e.flow, s.flow),
    received_from = coalesce(e.received_from, s.received_from), full_due = true
  from held h
  left join data.endpoint e
    on e.account_id = h.account_id and e.binding_key = h.binding_key
    and (e.front_end_id, e.flow) <> (h.front_end_id, h.flow)
  where s.account_id = h.account_id and s.id = h.id;
end
$function$


CREATE OR REPLACE FUNCTION api.mark_endpoint_stale(p_account_id bigint, p_endpoint_id bigint, p_front_end_id integer, p_flow text, p_refreshed_at bigint, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.endpoint e
  set stale_at = p_now
  where e.account_id = p_account_id
    and e.id = p_endpoint_id
    and e.front_end_id = p_front_end_id
    and e.flow = p_flow
    and (p_refreshed_at is null or (date_part('epoch', e.refreshed_at) * 1e6)::bigint = p_refreshed_at)
    and e.expires_at > p_now
    and e.stale_at is null;
  return query select case when found then 'marked' else 'unchanged' end;
end
$function$


CREATE OR REPLACE FUNCTION api.may_subscribe(p_account_id bigint, p_is_verified boolean, p_credential_version integer, p_target_id bigint, p_user text, p_domain text, p_is_list boolean, p_event text, p_is_new boolean)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return case
    when p_account_id <> 0 and coalesce((
        select not a.enabled or p_is_verified and a.credential_version <> p_credential_version from data.account a where a.id = p_account_id
      ), true) then 'credentials_changed'
    when not p_is_new then 'subscribed'
    when p_target_id is null then 'unknown'
    when not (select a.enabled from data.account a where a.id = p_target_id) then 'disabled'
    when p_is_list and (p_account_id <> p_target_id or p_event <> 'presence') then 'not_own_address'
    when p_event not in ('presence', 'dialog') and p_account_id <> p_target_id then 'forbidden'
    else 'subscribed'
  end;
end
$function$


CREATE OR REPLACE FUNCTION api.message_delivered(p_account_id bigint, p_message_id bigint, p_instance text DEFAULT NULL::text, p_claim bigint DEFAULT NULL::bigint, p_now timestamp with time zone DEFAULT now(), p_lifetime interval DEFAULT '00:01:00'::interval)
 RETURNS TABLE(outcome text, changed boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_message data.message;
  v_left text[];
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.message_queue q set claim_expires_at = p_now + p_lifetime where q.account_id = p_account_id and q.claim = p_claim;

  select * into v_message from data.message m where m.account_id = p_account_id and m.id = p_message_id;
  v_left := array_remove(v_message.instances, p_instance);
  if v_message.id is null then
    return query select 'unknown', false;
  elsif p_instance is null or coalesce(cardinality(v_left), 0) = 0 then
    return query select 'removed', api.forget_messages(p_account_id, array[p_message_id], p_now);
  else
    update data.message m
    set instances = v_left, acknowledged = true
    where m.account_id = p_account_id and m.id = p_message_id and m.instances <> v_left;
    return query select 'acknowledged', false;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.message_fits(p_account_id bigint, p_bytes bigint, p_maximum_messages integer, p_maximum_bytes bigint)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_messages int;
  v_bytes bigint;
begin
  select q.messages, q.bytes into v_messages, v_bytes from data.message_queue q where q.account_id = p_account_id;
  return coalesce(v_messages, 0) < p_maximum_messages and coalesce(v_bytes, 0) + p_bytes <= p_maximum_bytes;
end
$function$


CREATE OR REPLACE FUNCTION api.move_accounts(p_entry_ids uuid[], p_now timestamp with time zone)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text, user_part text, domain text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_moving bigint[];
  v_old text[];
  v_new text[];
  v_account_id bigint;
begin
  select array_agg(a.id order by a.id), array_agg(a.user_part || '@' || d.name order by a.id), array_agg(c.user_part || '@' || c.domain order by a.id)
  into v_moving, v_old, v_new
  from data.directory_change c
  join data.account a on a.id = c.account_id
  join data.domain d on d.id = a.domain_id
  where c.entry_id = any (p_entry_ids) and c.moves;
  if v_moving is null then
    return;
  end if;
  return query
  select 'moved', a.id, null::bigint, null::int, null, null, a.user_part, d.name
  from data.account a join data.domain d on d.id = a.domain_id
  where a.id = any (v_moving);

  return query select s.*, null, null from api.sign_out(v_moving, 'disabled', p_now) as s;
  foreach v_account_id in array v_moving loop
    return query
    select 'watched', w.account_id, null::bigint, null::int, null, null, null, null
    from unnest(api.forget_watches(v_account_id, p_now)) as w (account_id);
  end loop;
  delete from data.credential k where k.account_id = any (v_moving);

  delete from data.account_alias l
  using data.directory_change c, data.domain d
  where c.entry_id = any (p_entry_ids) and c.moves
    and d.name = c.domain and l.domain_id = d.id and l.user_part = c.user_part and l.account_id = c.account_id;
  -- By way of names that nobody else has: two may swap theirs.
  update data.account a set user_part = E'\x01' || a.id where a.id = any (v_moving);
  update data.account a
  set domain_id = d.id, user_part = c.user_part, credential_version = a.credential_version + 1
  from data.directory_change c
  join data.domain d on d.name = c.domain
  where c.entry_id = any (p_entry_ids) and c.moves and a.id = c.account_id;

  perform api.link_contacts(array_agg(n.address), array_agg(n.account_id), p_now)
  from (
    select o.address, null::bigint as account_id from unnest(v_old) as o (address) where o.address <> all (v_new)
    union all
    select n.address, n.account_id from unnest(v_new, v_moving) as n (address, account_id)
  ) as n;
  return query
  select 'moved', c.account_id, null::bigint, null::int, null, null, c.user_part, c.domain
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.moves;
end
$function$


CREATE OR REPLACE FUNCTION api.move_subscriptions(p_account_ids bigint[], p_binding_keys text[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_accounts bigint[];
  v_subscriptions bigint[];
begin
  select array_agg(l.account_id), array_agg(l.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id
    from unnest(p_account_ids, p_binding_keys) as m (account_id, binding_key)
    join data.subscription s on s.account_id = m.account_id and s.binding_key = m.binding_key
    order by s.account_id, s.id
    for no key update of s
  ) as l;
  if v_accounts is null then
    return '{}';
  end if;

  update data.subscription s
  set front_end_id = e.front_end_id, transport = e.transport, flow = e.flow, received_from = e.received_from, full_due = true
  from unnest(v_accounts, v_subscriptions) as m (account_id, id)
  join data.subscription o on o.account_id = m.account_id and o.id = m.id
  join data.endpoint e on e.account_id = o.account_id and e.binding_key = o.binding_key
  where s.account_id = m.account_id and s.id = m.id;
  return v_accounts;
end
$function$


CREATE OR REPLACE FUNCTION api.next_directory_batch(p_limit integer)
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_batch int := (select min(c.batch) from data.directory_change c where c.batch is not null);
begin
  if v_batch is not null then
    return array(select c.entry_id from data.directory_change c where c.batch = v_batch);
  end if;
  return array(select c.entry_id from data.directory_change c order by c.entry_id limit p_limit);
end
$function$


CREATE OR REPLACE FUNCTION api.nonce_counts_with(p_ids bigint[], p_counts bigint[], p_id bigint, p_count bigint)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((p_ids)[width_bucket(p_id, p_ids)] = p_id) THEN (((p_counts)[:(width_bucket(p_id, p_ids) - 1)] || p_count) || (p_counts)[(width_bucket(p_id, p_ids) + 1):]) ELSE (((p_counts)[CASE WHEN (cardinality(p_ids) > 8) THEN 2 ELSE 1 END:width_bucket(p_id, p_ids)] || p_count) || (p_counts)[(width_bucket(p_id, p_ids) + 1):]) END


CREATE OR REPLACE FUNCTION api.nonce_ids_with(p_ids bigint[], p_id bigint)
 RETURNS bigint[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ((p_ids)[width_bucket(p_id, p_ids)] = p_id) THEN p_ids ELSE (((p_ids)[CASE WHEN (cardinality(p_ids) > 8) THEN 2 ELSE 1 END:width_bucket(p_id, p_ids)] || p_id) || (p_ids)[(width_bucket(p_id, p_ids) + 1):]) END


CREATE OR REPLACE FUNCTION api.nonce_is_fresh(p_ids bigint[], p_counts bigint[], p_id bigint, p_count bigint)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((width_bucket(p_id, p_ids) > 0) AND (((p_ids)[width_bucket(p_id, p_ids)] <> p_id) OR ((width_bucket(p_id, p_ids) > 1) AND ((p_counts)[width_bucket(p_id, p_ids)] < p_count))))


CREATE OR REPLACE FUNCTION api.notify(p_messages text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_notify('rollcall', m.message) from unnest(p_messages) as m (message);
$function$


CREATE OR REPLACE FUNCTION api.notify_contacts(p_account_id bigint, p_addresses text[], p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
AS $function$
declare
  v_adder text;
  v_noticed bigint[];
begin
  select a.user_part || '@' || d.name into v_adder
  from data.account a
  join data.domain d on d.id = a.domain_id
  where a.id = p_account_id;

  with noticed as (
    insert into data.contact_notice (account_id, id, adder, occurred_at)
    select n.account_id, nextval('data.endpoint_id'), v_adder, p_now
    from unnest(p_addresses, p_account_ids) as n (address, account_id)
    where n.account_id <> p_account_id
      -- It was there, and was removed.
      and not exists (select from data.contact c where c.account_id = p_account_id and c.address = n.address)
      and api.access_level(n.account_id, p_account_id, v_adder, 'public') <> 'blocked'
      and (select count(*) from data.contact_notice o where o.account_id = n.account_id) < 1000
    on conflict (account_id, adder) do nothing
    returning account_id
  )
  select coalesce(array_agg(n.account_id), '{}') into v_noticed from noticed n;
  return v_noticed;
end
$function$


CREATE OR REPLACE FUNCTION api.open_session(p_account_id bigint, p_credential_version integer, p_session_id uuid, p_family_hash bytea, p_secret_hash bytea, p_lifetime interval, p_maximum integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, role text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_account data.account;
begin
  select * into v_account from data.account a where a.id = p_account_id for no key update;
  if v_account.id is null or v_account.credential_version <> p_credential_version then
    return query select 'credentials_changed', null::text;
    return;
  end if;
  if not v_account.enabled then
    return query select 'account_disabled', null::text;
    return;
  end if;

  delete from data.session s
  where s.account_id = p_account_id
    and (s.expires_at <= p_now or s.credential_version <> v_account.credential_version or s.id in (
      select o.id from data.session o where o.account_id = p_account_id order by o.refreshed_at desc, o.id offset p_maximum - 1
    ));
  insert into data.session (account_id, id, credential_version, family_hash, secret_hash, opened_at, refreshed_at, expires_at)
  values (p_account_id, p_session_id, p_credential_version, p_family_hash, p_secret_hash, p_now, p_now, p_now + p_lifetime);
  return query select 'opened', v_account.role;
end
$function$


CREATE OR REPLACE FUNCTION api.order_directory_moves()
 RETURNS void
 LANGUAGE sql
AS $function$
  update data.directory_change c
  set account_id = s.account_id, holder_id = s.holder_id, contested = s.contested,
    moves = s.kind = 'person' and s.account_id is not null and s.has_domain and not s.contested and not s.has_it
  from (
    select c.entry_id, c.kind, e.account_id, d.id is not null as has_domain, nullif(h.id, e.account_id) as holder_id,
      coalesce(h.id = e.account_id, false) as has_it,
      c.kind = 'person' and (
        count(*) over (partition by c.kind, c.domain, c.user_part) > 1
        or exists (
          select from data.directory_entry o
          where o.domain = c.domain and o.user_part = c.user_part and o.gone_at is null
            and not exists (select from data.directory_change x where x.entry_id = o.entry_id)
        )
      ) as contested
    from data.directory_change c
    left join data.directory_entry e on e.entry_id = c.entry_id
    left join data.domain d on d.name = c.domain
    left join data.account h on h.domain_id = d.id and h.user_part = c.user_part
  ) as s
  where s.entry_id = c.entry_id;

  with recursive chain (entry_id, account_id, depth) as (
    select c.entry_id, c.account_id, 0 from data.directory_change c where c.moves and c.holder_id is null
    union all
    select c.entry_id, c.account_id, r.depth + 1
    from chain r
    join data.directory_change c on c.holder_id = r.account_id and c.moves
  )
  update data.directory_change c
  set batch = s.batch
  from (
    select r.entry_id, 1 + (row_number() over (order by r.depth, r.entry_id) - 1) / 1000 as batch from chain r
    union all
    select c.entry_id, 0
    from data.directory_change c
    join data.directory_change h on h.account_id = c.holder_id and h.moves
    where c.moves and c.entry_id not in (select r.entry_id from chain r)
  ) as s
  where s.entry_id = c.entry_id;
$function$


CREATE OR REPLACE FUNCTION api.plan_directory_run(p_full boolean, p_percent integer, p_now timestamp with time zone DEFAULT now(), p_elsewhere text[] DEFAULT '{}'::text[])
 RETURNS TABLE(outcome text, total integer, would integer, of integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
#variable_conflict use_column
declare
  v_counts jsonb;
begin
  perform api.hold_directory();
  if p_full then
    insert into data.directory_change (entry_id, kind, enabled)
    select e.entry_id, 'gone', false
    from data.directory_entry e
    where e.gone_at is null and not exists (select from data.directory_change c where c.entry_id = e.entry_id)
      and not exists (
        select
        from unnest(p_elsewhere) as b (dn), regexp_replace(lower(b.dn), '\s*([,=])\s*', '\1', 'g') as branch,
          regexp_replace(lower(e.dn), '\s*([,=])\s*', '\1', 'g') as entry
        where entry = branch or right(entry, length(branch) + 1) = ',' || branch
      );
  end if;
  -- Between runs the table is empty, and plans of statements without parameters are kept: a plan for that takes a minute for 1,000
  -- changes. This makes new ones.
  if exists (select from data.directory_change) then
    analyze data.directory_change;
  end if;
  select jsonb_build_object(
      'entries', count(*), 'added', 0, 'changed', 0, 'disabled', 0, 'removed', 0, 'conflicts', 0,
      'skipped', count(*) filter (where c.kind = 'skipped')
    )
  into v_counts
  from data.directory_change c;

  update data.directory_change c set kind = 'gone' where c.kind = 'skipped' and c.problem = 'excluded';
  perform api.drop_unchanged_entries();
  perform api.retry_directory_problems();
  perform api.order_directory_moves();

  select count(*) into would
  from data.directory_change c
  join data.directory_entry e on e.entry_id = c.entry_id
  join data.account a on a.id = c.account_id
  where a.enabled and e.enabled and not c.enabled and c.kind <> 'skipped';
  if would > 1 then
    select count(*) into "of" from data.directory_entry e join data.account a on a.id = e.account_id where a.enabled;
    if would * 100 > "of" * (select greatest(p_percent, d.allowed_disable) from data.directory d) then
      update data.directory
      set run_ended_at = p_now, run_outcome = 'too_many', would_disable = would, would_disable_of = "of", counts = v_counts;
      return query select 'too_many', 0, would, "of";
      return;
    end if;
  end if;
  update data.directory set counts = v_counts;
  return query select 'planned', (select count(*)::int from data.directory_change), null::int, null::int;
end
$function$


CREATE OR REPLACE FUNCTION api.presence_states(p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS TABLE(account_id bigint, level text, state jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select s.account_id, l.level,
    jsonb_build_object('availability', s.availability) || (
      case
        when s.availability = 18000 then s.fields - '{open,stated,idle,idleSince,activity,calendar,phone,location,services}'::text[]
        when s.machine = 4500 then s.fields - '{open,stated,idle}'::text[]
        else s.fields - '{open,stated,idle,idleSince}'::text[]
      end
      - array_remove(array[
        case when not l.activity then 'activity' end, case when not l.note then 'note' end, case when not l.calendar then 'calendar' end,
        case when not l.phone then 'phone' end, case when not l.location then 'location' end,
        case when not l.device then 'idleSince' end, case when not l.services then 'services' end,
        case when not l.person then 'person' end
      ], null)
    )
  from (
    select a.account_id, f.fields, m.machine,
      case
        when m.machine is null or f.fields ->> 'stated' = 'offline' then 18000
        when f.fields ->> 'stated' = 'away' then 15000
        when f.fields ->> 'stated' = 'be-right-back' then 12000
        when f.fields ->> 'stated' = 'do-not-disturb' then 9000
        when f.fields ->> 'stated' = 'busy'
          or f.fields ->> 'stated' is null and f.fields ->> 'activity' in ('on-the-phone', 'meeting', 'appointment')
          then case m.machine when 4500 then 7500 else 6000 end
        else m.machine
      end as availability
    from unnest(p_account_ids) as a (account_id)
    -- Of a key that comes more than once the last counts.
    left join lateral (
      select coalesce(jsonb_object_agg(f.key, f.value order by p.changed_at, p.id), '{}') as fields
      from api.live_publications(a.account_id, p_now) as p, jsonb_each(p.state) as f
      where p.event = 'presence'
    ) as f on true
    left join lateral (
      select min(m.machine) as machine
      from (
        select case p.state -> 'idle' when 'true' then 4500 else 3000 end as machine
        from api.live_publications(a.account_id, p_now) as p
        where p.event = 'presence' and p.id <> 0 and p.state -> 'open' = 'true'
        union all
        select 3000
        from data.endpoint e
        where e.account_id = a.account_id
          and e.expires_at > p_now
          and not exists (
            select
            from data.publication p
            where p.account_id = a.account_id and p.event = 'presence' and p.binding_key = e.binding_key
              and (p.expires_at is null or p.expires_at > p_now)
          )
      ) as m
    ) as m on true
  ) as s
  cross join data.access_level l
  where l.level <> 'blocked';
end
$function$


CREATE OR REPLACE FUNCTION api.publish(p_account_ids bigint[], p_credential_versions integer[], p_users text[], p_domains text[], p_target_users text[], p_target_domains text[], p_events text[], p_publication_ids bigint[], p_versions integer[], p_states text[], p_expires integer[], p_front_end_ids integer[], p_flows text[], p_endpoint_ids bigint[], p_instances text[], p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(request integer, outcome text, account_id bigint, publication_id bigint, version integer, changed boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_ids bigint[];
  v_account data.account;
  v_outcomes text[];
  v_publication_ids bigint[];
  v_versions int[];
  v_presence bigint[];
  v_dialogs bigint[];
  v_changed bigint[];
  v_binding_key text;
  v_stored record;
begin
  v_ids := array(
    select coalesce(r.account_id, api.find_account(r.user_part, r.domain))
    from unnest(p_account_ids, p_users, p_domains) with ordinality as r (account_id, user_part, domain, request)
    order by r.request
  );
  perform from data.account a where a.id = any (v_ids) order by a.id for no key update;

  for v_request in 1 .. cardinality(p_events) loop
    select * into v_account from data.account a where a.id = v_ids[v_request];
    v_outcomes[v_request] := case
      when p_account_ids[v_request] is null and v_account.id is null then 'unknown'
      when p_account_ids[v_request] is null and not v_account.enabled then 'disabled'
      when p_account_ids[v_request] is not null and (v_account.enabled and v_account.credential_version = p_credential_versions[v_request]) is not true
        then 'credentials_changed'
      when not api.is_address_of(v_account.id, p_target_users[v_request], p_target_domains[v_request]) then 'not_own_address'
      else 'published'
    end;
    continue when v_outcomes[v_request] <> 'published';

    v_binding_key := case
      when p_instances[v_request] is not null then (
        select e.binding_key
        from data.endpoint e
        where e.account_id = v_account.id and e.instance = p_instances[v_request] and e.expires_at > p_now
        limit 1
      )
      when p_flows[v_request] is not null then (
        select e.binding_key
        from data.endpoint e
        where e.account_id = v_account.id and e.front_end_id = p_front_end_ids[v_request] and e.flow = p_flows[v_request] and e.expires_at > p_now
        order by e.refreshed_at desc
        limit 1
      )
    end;
    -- A front end that hung has read it from a connection that is gone. In the transaction that gives a front end up its endpoints go.
    if v_binding_key is null and p_publication_ids[v_request] is null and p_endpoint_ids[v_request] is not null and (
        exists (
          select from data.endpoint e where e.account_id = v_account.id and e.id = p_endpoint_ids[v_request] and e.expires_at > p_now
        )
        or not exists (select from data.front_end f where f.id = p_front_end_ids[v_request] and f.state in ('serving', 'draining'))
      ) then
      v_outcomes[v_request] := 'moved';
      continue;
    end if;

    v_stored := api.store_publication(
      v_account.id, p_events[v_request], p_publication_ids[v_request], p_versions[v_request], p_states[v_request]::jsonb, p_expires[v_request],
      v_binding_key, p_now
    );
    v_outcomes[v_request] := v_stored.outcome;
    v_publication_ids[v_request] := v_stored.publication_id;
    v_versions[v_request] := v_stored.version;
    if v_stored.changed and p_events[v_request] = 'presence' then
      v_presence := v_presence || v_account.id;
    elsif v_stored.changed then
      v_dialogs := v_dialogs || v_account.id;
    end if;
  end loop;

  if v_presence is not null or v_dialogs is not null then
    -- Also for dialogs, whose publications are to be checked in time.
    v_changed := api.aggregate_presence(array(select distinct a.id from unnest(v_presence || v_dialogs) as a (id) order by a.id), p_now)
      || api.touch_event(v_dialogs, 'dialog', p_now);
  end if;
  return query
  select r.request::int, r.outcome, v_ids[r.request], r.publication_id, r.version, coalesce(v_ids[r.request] = any (v_changed), false)
  from unnest(v_outcomes, v_publication_ids, v_versions) with ordinality as r (outcome, publication_id, version, request)
  where r.request <= cardinality(p_events);
end
$function$


CREATE OR REPLACE FUNCTION api.reachable_endpoints(p_account_id bigint, p_now timestamp with time zone)
 RETURNS TABLE(endpoint_id bigint, front_end_id integer, flow text, instance text, transport text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select e.id, e.front_end_id, e.flow, e.instance, e.transport
  from data.endpoint e
  where e.account_id = p_account_id and e.expires_at > p_now and e.stale_at is null
  order by e.id;
end
$function$


CREATE OR REPLACE FUNCTION api.refresh_lists(p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_subscription record;
  v_changed bigint[];
begin
  for v_subscription in
    select s.account_id, s.id, s.event, s.watcher
    from data.subscription s
    where s.account_id = any (p_account_ids) and s.is_list
    order by s.account_id, s.id
    for no key update
  loop
    if api.add_watches(v_subscription.account_id, v_subscription.id, v_subscription.event, v_subscription.watcher, null, null) then
      update data.subscription s set full_due = true where s.account_id = v_subscription.account_id and s.id = v_subscription.id;
      v_changed := v_changed || v_subscription.id;
    end if;
  end loop;

  insert into data.presence_check as c (account_id, check_at)
  select distinct w.account_id, p_now
  from data.watch w
  where w.subscriber_id = any (p_account_ids)
    and w.subscription_id = any (v_changed)
    and not exists (
      select from data.event_state s where s.account_id = w.account_id and s.event = 'presence' and s.level = 'public'
    )
  order by w.account_id
  on conflict (account_id) do update set check_at = excluded.check_at where c.check_at > excluded.check_at;
end
$function$


CREATE OR REPLACE FUNCTION api.refresh_session(p_account_id bigint, p_session_id uuid, p_family_hash bytea, p_secret_hash bytea, p_new_secret_hash bytea, p_lifetime interval, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, user_part text, domain text, role text, credential_version integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_account data.account;
  v_session data.session;
begin
  select * into v_account from data.account a where a.id = p_account_id for no key update;
  select * into v_session
  from data.session s
  where s.account_id = p_account_id and s.id = p_session_id and s.family_hash = p_family_hash;

  if v_session.id is null or v_session.expires_at <= p_now or not v_account.enabled
    or v_session.credential_version <> v_account.credential_version then
    return query select 'session_unknown', null::text, null::text, null::text, null::int;
    return;
  end if;
  if v_session.secret_hash <> p_secret_hash then
    delete from data.session s where s.account_id = p_account_id and s.id = p_session_id;
    return query select 'reused', null::text, null::text, null::text, null::int;
    return;
  end if;

  update data.session
  set secret_hash = p_new_secret_hash, refreshed_at = p_now, expires_at = p_now + p_lifetime
  where account_id = p_account_id and id = p_session_id;
  return query
  select 'refreshed', v_account.user_part, d.name, v_account.role, v_account.credential_version
  from data.domain d
  where d.id = v_account.domain_id;
end
$function$


CREATE OR REPLACE FUNCTION api.register(p_account_ids bigint[], p_credential_versions integer[], p_nonce_ids bigint[], p_nonce_counts bigint[], p_call_ids text[], p_cseqs bigint[], p_remove_alls boolean[], p_maximum_endpoints integer[], p_front_end_ids integer[], p_flows text[], p_received_froms text[], p_user_agents text[], p_binding_requests integer[], p_keys text[], p_uris text[], p_expires integer[], p_qs smallint[], p_instances text[], p_reg_ids integer[], p_paths text[], p_transports text[], p_parameters text[], p_users text[], p_domains text[], p_algorithms text[], p_digested text[], p_responses text[], p_now timestamp with time zone DEFAULT now(), p_ages integer[] DEFAULT NULL::integer[])
 RETURNS TABLE(request integer, outcome text, endpoint_id bigint, uri text, expires_in integer, q smallint, instance text, reg_id integer, parameters text, incarnation bigint, front_end_id integer, flow text, account_id bigint, credential_version integer, ha1 text, messages_waiting boolean, notifications_due boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_account_ids bigint[] := p_account_ids;
  v_credential_versions int[] := p_credential_versions;
  v_ha1s text[];
  v_outcomes text[];
  v_removes boolean := true = any (p_remove_alls);
  v_grown bigint[];
  v_moved bigint[];
  v_binding_keys text[];
  v_altered bigint[];
  v_changed bigint[];
  v_left text[];
  v_due bigint[];
  v_further bigint;
  v_waiting bigint[];
  v_request int;
begin
  if array_position(p_account_ids, null) is not null then
    select v.account_ids, v.credential_versions, v.ha1s
    into v_account_ids, v_credential_versions, v_ha1s
    from api.verify_digests(p_account_ids, p_credential_versions, p_users, p_domains, p_algorithms, p_digested, p_responses) as v;
  end if;
  v_outcomes := api.use_nonce(v_account_ids, v_credential_versions, p_nonce_ids, p_nonce_counts);

  for v_request in
    select b.request
    from unnest(p_binding_requests, p_expires) as b (request, expires)
    where b.expires > 0
    group by b.request
    having count(*) > p_maximum_endpoints[b.request]
  loop
    v_outcomes[v_request] := case v_outcomes[v_request] when 'accepted' then 'too_many_contacts' else v_outcomes[v_request] end;
  end loop;

  -- Steps 6 and 7: a binding that the same Call-ID set with this or a higher CSeq fails the whole request.
  for v_request in
    select b.request
    from unnest(p_binding_requests, p_keys, p_instances, p_reg_ids) as b (request, key, instance, reg_id)
    join data.endpoint e
      on e.account_id = v_account_ids[b.request]
      and e.binding_key = api.binding_key(b.key, b.instance, b.reg_id)
    where e.account_id = any (v_account_ids)
      and (
        e.call_id = p_call_ids[b.request] and e.cseq >= p_cseqs[b.request]
        or e.refreshed_at > p_now - p_ages[b.request] * interval '1 ms'
          and (e.front_end_id, e.flow) <> (p_front_end_ids[b.request], p_flows[b.request])
      )
      and e.expires_at > p_now
      and v_outcomes[b.request] = 'accepted'
  loop
    v_outcomes[v_request] := 'out_of_order';
  end loop;

  if v_removes then
    for v_request in
      select r.request
      from unnest(v_account_ids, p_call_ids, p_cseqs, p_remove_alls) with ordinality as r (account_id, call_id, cseq, remove_all, request)
      join data.endpoint e on e.account_id = r.account_id
      where e.account_id = any (v_account_ids)
        and r.remove_all
        and e.call_id = r.call_id
        and e.cseq >= r.cseq
        and e.expires_at > p_now
        and v_outcomes[r.request] = 'accepted'
    loop
      v_outcomes[v_request] := 'out_of_order';
    end loop;
  end if;

  -- Steps 6 and 7: "Contact: *" removes every binding, an expiration time of zero that one.
  if v_removes or 0 = any (p_expires) then
    return query
    select r.request, 'deleted', r.endpoint_id, r.uri, 0, r.q, r.instance, r.reg_id, r.parameters, r.incarnation, r.front_end_id, r.flow,
      null::bigint, null::int, null, null::boolean, null::boolean
    from api.remove_bindings(
      v_account_ids, p_remove_alls, v_outcomes, p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids, p_now
    ) as r;
    -- Also where an endpoint had gone before: what it has published is taken back with it.
    select array_agg(l.account_id), array_agg(l.binding_key)
    into v_changed, v_left
    from (
      select v_account_ids[r.request] as account_id, null as binding_key
      from unnest(p_remove_alls, v_outcomes) with ordinality as r (remove_all, outcome, request)
      where r.outcome = 'accepted' and r.remove_all
      union all
      select v_account_ids[b.request], api.binding_key(b.key, b.instance, b.reg_id)
      from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids) as b (request, expires, key, instance, reg_id)
      where b.expires = 0 and v_outcomes[b.request] = 'accepted'
    ) as l;
  end if;

  -- Step 7: adds and updates. A row past its time is no binding any more: it becomes a new endpoint.
  with upserted as (
    insert into data.endpoint as e (
      account_id, id, incarnation, registered_at, refreshed_at, expires_at, expiry_check_at, cseq, front_end_id, reg_id, q,
      binding_key, call_id, uri, transport, flow, received_from, instance, parameters, user_agent, path
    )
    select
      v_account_ids[b.request], b.id, b.id, p_now, p_now, b.expires_at, b.expires_at, p_cseqs[b.request], p_front_end_ids[b.request],
      p_reg_ids[b.binding], p_qs[b.binding], api.binding_key(p_keys[b.binding], p_instances[b.binding], p_reg_ids[b.binding]),
      p_call_ids[b.request], p_uris[b.binding], p_transports[b.binding], p_flows[b.request], p_received_froms[b.request],
      p_instances[b.binding], p_parameters[b.binding], p_user_agents[b.request], string_to_array(p_paths[b.binding], E'\n')
    from (
      select binding, p_binding_requests[binding] as request, nextval('data.endpoint_id') as id,
        p_now + p_expires[binding] * interval '1 second' as expires_at
      from generate_series(1, cardinality(p_binding_requests)) as binding
      where p_expires[binding] > 0 and v_outcomes[p_binding_requests[binding]] = 'accepted'
    ) as b
    on conflict (account_id, binding_key) do update set
      id = case when e.expires_at > excluded.refreshed_at then e.id else excluded.id end,
      incarnation = case when e.expires_at > excluded.refreshed_at and e.call_id = excluded.call_id then e.incarnation else excluded.id end,
      registered_at = case when e.expires_at > excluded.refreshed_at then e.registered_at else excluded.registered_at end,
      refreshed_at = excluded.refreshed_at,
      expires_at = excluded.expires_at,
      expiry_check_at = least(e.expiry_check_at, excluded.expires_at),
      cseq = excluded.cseq,
      front_end_id = excluded.front_end_id,
      reg_id = excluded.reg_id,
      q = excluded.q,
      call_id = excluded.call_id,
      uri = excluded.uri,
      transport = excluded.transport,
      flow = excluded.flow,
      received_from = excluded.received_from,
      instance = excluded.instance,
      parameters = excluded.parameters,
      user_agent = excluded.user_agent,
      path = excluded.path,
      stale_at = null
    returning e.account_id, e.binding_key, e.registered_at = e.refreshed_at as is_new,
      (old.front_end_id, old.flow, old.transport, old.received_from) is distinct from (e.front_end_id, e.flow, e.transport, e.received_from) as has_moved,
      (old.uri, old.q) is distinct from (e.uri, e.q) as has_changed, e.expires_at < old.expires_at as ends_sooner
  )
  -- One that ends sooner is to be looked at sooner.
  select array_agg(u.account_id) filter (where u.is_new or u.ends_sooner), array_agg(u.account_id) filter (where u.has_moved),
    array_agg(u.binding_key) filter (where u.has_moved), array_agg(distinct u.account_id) filter (where u.has_changed and not u.is_new)
  into v_grown, v_moved, v_binding_keys, v_altered
  from upserted u
  where u.is_new or u.has_moved or u.has_changed or u.ends_sooner;

  -- The accounts that have grown keep their newest endpoints. Most have one or two: where all of them together have fewer
  -- beyond their first than one may have, there is no need to search for those that are too many.
  if v_grown is not null then
    select count(*) - count(distinct e.account_id)
    into v_further
    from data.endpoint e
    where e.account_id = any (v_grown) and e.expires_at > p_now;
  end if;
  if v_further >= (select min(maximum) from unnest(p_maximum_endpoints) as maximum) then
    return query
    with surplus as (
      select s.request, s.account_id, s.binding_key
      from (
        select r.request, e.account_id, e.binding_key, p_maximum_endpoints[r.request] as maximum,
          row_number() over (
            partition by e.account_id
            order by e.call_id = p_call_ids[r.request] and e.cseq = p_cseqs[r.request] desc, e.refreshed_at desc, e.id desc
          ) as place
        from unnest(v_account_ids) with ordinality as r (account_id, request)
        join data.endpoint e on e.account_id = r.account_id
        where e.account_id = any (v_grown)
          and e.expires_at > p_now
      ) as s
      where s.place > s.maximum
    ),
    gone as (
      delete from data.endpoint e
      using surplus s
      where e.account_id = any (v_grown)
        and e.account_id = s.account_id
        and e.binding_key = s.binding_key
      returning s.request::int, e.*
    ),
    told as (
      insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
      select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'quota', g.instance from gone g where g.transport = 'HTTP'
    )
    select g.request, 'removed', g.id, g.uri, 0, g.q, g.instance, g.reg_id, g.parameters, g.incarnation, g.front_end_id, g.flow, null::bigint, null::int, null, null::boolean, null::boolean from gone g;
  end if;

  -- Watchers are told, and the subscriptions of an endpoint go where it is.
  if v_changed is not null then
    v_due := api.endpoints_changed(v_changed, p_now, v_left);
  end if;
  if v_grown is not null then
    v_due := v_due || api.endpoints_changed(v_grown, p_now, null);
  end if;
  if v_altered is not null then
    v_due := v_due || api.touch_event(v_altered, 'reg', p_now);
  end if;
  if v_moved is not null then
    v_due := v_due || api.move_subscriptions(v_moved, v_binding_keys);
  end if;
  if v_changed is not null then
    v_due := v_due || api.return_subscriptions(r.accounts, r.keys, r.front_ends, r.transports, r.flows, r.received_froms)
    from (
      select array_agg(v_account_ids[b.request]) as accounts, array_agg(api.binding_key(b.key, b.instance, b.reg_id)) as keys,
        array_agg(p_front_end_ids[b.request]) as front_ends, array_agg(b.transport) as transports, array_agg(p_flows[b.request]) as flows,
        array_agg(p_received_froms[b.request]) as received_froms
      from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids, p_transports)
        as b (request, expires, key, instance, reg_id, transport)
      -- The endpoint itself names its instance and reg-id (RFC 5626 §4.2); any other its URI.
      where b.expires = 0 and b.reg_id is not null and b.transport <> 'UDP' and p_flows[b.request] is not null
        and v_outcomes[b.request] = 'accepted'
    ) as r;
  end if;

  select array_agg(m.account_id) into v_waiting from data.message_queue m where m.account_id = any (v_account_ids);

  -- Step 8: the 200 lists all current bindings.
  return query
  select
    r.request::int,
    case when r.account_id is null then 'wrong_credentials' when r.outcome = 'accepted' then 'registered' else r.outcome end,
    e.id, e.uri, greatest(1, floor(date_part('epoch', e.expires_at - p_now)))::int, e.q, e.instance, e.reg_id, e.parameters, e.incarnation,
    null::int, null, case when r.ha1 is not null then r.account_id end, case when r.ha1 is not null then r.credential_version end, r.ha1,
    v_waiting is not null and r.account_id = any (v_waiting), v_due is not null and r.account_id = any (v_due)
  from unnest(v_account_ids, v_credential_versions, v_ha1s, v_outcomes) with ordinality as r (account_id, credential_version, ha1, outcome, request)
  left join data.endpoint e
    on e.account_id = r.account_id
    and e.account_id = any (v_account_ids)
    and e.expires_at > p_now
    and r.outcome = 'accepted';
end
$function$


CREATE OR REPLACE FUNCTION api.register_in_session(p_account_id bigint, p_credential_version integer, p_session_id uuid, p_instance text, p_key text, p_uri text, p_expires integer, p_maximum_endpoints integer, p_front_end_id integer, p_received_from text, p_user_agent text, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, endpoint_id bigint, uri text, expires_in integer, instance text, is_new boolean, front_end_id integer, flow text, messages_waiting boolean, notifications_due boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_call_id text := 'http/' || p_session_id || '/' || p_instance;
  v_endpoint data.endpoint;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed', null::bigint, null::text, null::int, null::text, null::boolean, null::int, null::text, null::boolean, null::boolean;
    return;
  end if;

  select * into v_endpoint
  from data.endpoint e
  where e.account_id = p_account_id and e.binding_key = api.binding_key(p_key, p_instance, null) and e.expires_at > p_now;
  if p_expires = 0 and v_endpoint.id is null then
    return query select 'endpoint_unknown', null::bigint, null::text, null::int, null::text, null::boolean, null::int, null::text, null::boolean, null::boolean;
    return;
  end if;

  return query
  select case r.outcome when 'registered' then 'registered' when 'removed' then 'removed' else 'session_closed' end,
    r.endpoint_id, r.uri, r.expires_in, r.instance, v_endpoint.id is null and r.uri = p_uri, r.front_end_id, r.flow,
    r.messages_waiting, r.notifications_due
  from api.register(
    p_account_ids => array[p_account_id],
    p_credential_versions => array[p_credential_version],
    p_nonce_ids => array[null::bigint],
    p_nonce_counts => array[null::bigint],
    p_call_ids => array[v_call_id],
    p_cseqs => array[case when v_endpoint.call_id = v_call_id then v_endpoint.cseq + 1 else 1 end],
    p_remove_alls => array[false],
    p_maximum_endpoints => array[p_maximum_endpoints],
    p_front_end_ids => array[p_front_end_id],
    p_flows => array['http'],
    p_received_froms => array[p_received_from],
    p_user_agents => array[p_user_agent],
    p_binding_requests => array[1],
    p_keys => array[p_key],
    p_uris => array[p_uri],
    p_expires => array[p_expires],
    p_qs => array[null::smallint],
    p_instances => array[p_instance],
    p_reg_ids => array[null::int],
    p_paths => array[''],
    p_transports => array['HTTP'],
    p_parameters => array[''],
    p_users => null,
    p_domains => null,
    p_algorithms => null,
    p_digested => null,
    p_responses => null,
    p_now => p_now
  ) as r
  where r.outcome <> 'deleted';

  if p_expires > 0 and v_endpoint.id is null then
    perform api.add_endpoint_event(p_account_id, p_instance, 'registered', null, p_now);
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.release_messages(p_account_id bigint, p_claim bigint, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, is_waiting boolean, endpoint_id bigint, front_end_id integer, flow text, instance text, transport text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_outcome text;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  update data.message_queue q set claim = null where q.account_id = p_account_id and q.claim = p_claim;
  v_outcome := case when found then 'released' else 'not_held' end;

  return query
  select v_outcome, exists (select from data.message_queue q where q.account_id = p_account_id),
    e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
  from (values (1)) as one
  left join api.reachable_endpoints(p_account_id, p_now) as e on true;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_access_rule(p_user text, p_domain text, p_scope text, p_subject text, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_outcome text;
  v_account_id bigint;
begin
  select s.outcome, s.account_id into v_outcome, v_account_id
  from api.set_access_rule(p_user, p_domain, p_scope, p_subject, '{"communication": null, "level": null}', p_now => p_now) as s;
  return query select case v_outcome when 'set' then 'removed' when 'unchanged' then 'rule_unknown' else v_outcome end, v_account_id;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_account(p_user text, p_domain text)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_account_id bigint := api.account_id(p_user, p_domain);
begin
  perform api.lock_contact_owners(v_account_id);
  -- It may have gone meanwhile.
  select a.id into v_account_id from data.account a where a.id = v_account_id;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  if exists (select from data.directory_entry e where e.account_id = v_account_id and e.gone_at is null) then
    return query select 'follows_directory', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  return query select 'removed', v_account_id, null::bigint, null::int, null, null;
  return query
  with gone as (
    delete from data.endpoint e where e.account_id = v_account_id returning e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), now(), 'removed', 'deleted', g.instance from gone g where g.transport = 'HTTP'
  )
  select 'endpoint_removed', g.account_id, g.id, g.front_end_id, g.flow, g.instance from gone g;
  return query
  select 'watched', w.account_id, null::bigint, null::int, null, null
  from unnest(api.forget_watches(v_account_id, now())) as w (account_id);
  delete from data.message m where m.account_id = v_account_id;
  delete from data.message_queue m where m.account_id = v_account_id;
  perform api.link_contacts(array_agg(distinct c.address), null)
  from data.contact c
  where c.contact_account_id = v_account_id and not c.removed
  having count(*) > 0;
  delete from data.account where id = v_account_id;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_account_as_admin(p_admin_id bigint, p_session_id uuid, p_credential_version integer, p_user text, p_domain text)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  if not api.session_holds(p_admin_id, p_session_id, p_credential_version, 'admin') then
    return query select 'not_permitted', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  return query
  select r.outcome, r.account_id, r.endpoint_id, r.front_end_id, r.flow, r.instance from api.remove_account(p_user, p_domain) as r;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_alias(p_user text, p_domain text, p_alias_user text, p_alias_domain text)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_account_id bigint;
begin
  perform api.lock_contact_owners(api.account_id(p_user, p_domain), array[p_alias_user || '@' || p_alias_domain]);
  v_account_id := api.account_id(p_user, p_domain);
  delete from data.account_alias l
  using data.domain d
  where d.name = p_alias_domain and l.domain_id = d.id and l.user_part = p_alias_user and l.account_id = v_account_id;
  if found then
    perform api.link_contacts(array[p_alias_user || '@' || p_alias_domain], null);
    return query select 'removed';
    return;
  end if;
  return query select case when v_account_id is null then 'account_unknown' else 'alias_unknown' end;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_app_password(p_account_id bigint, p_session_id uuid, p_credential_version integer, p_id integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_version int;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  if p_session_id is not null and not api.session_holds(p_account_id, p_session_id, p_credential_version, null, p_now) then
    return query select 'session_closed';
    return;
  end if;
  -- 0 is the account's own password.
  delete from data.credential c where c.account_id = p_account_id and c.id = p_id and p_id > 0;
  if not found then
    return query select 'app_password_unknown';
    return;
  end if;

  update data.account a
  set credential_version = a.credential_version + 1
  where a.id = p_account_id
  returning a.credential_version into v_version;
  update data.session s set credential_version = v_version where s.account_id = p_account_id and s.credential_version = v_version - 1;
  return query select 'removed';
end
$function$


CREATE OR REPLACE FUNCTION api.remove_bindings(p_account_ids bigint[], p_remove_alls boolean[], p_outcomes text[], p_binding_requests integer[], p_expires integer[], p_keys text[], p_instances text[], p_reg_ids integer[], p_now timestamp with time zone)
 RETURNS TABLE(request integer, endpoint_id bigint, uri text, q smallint, instance text, reg_id integer, parameters text, incarnation bigint, front_end_id integer, flow text)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
begin
  return query
  with gone as (
    delete from data.endpoint e
    using unnest(p_account_ids, p_remove_alls, p_outcomes) with ordinality as r (account_id, remove_all, outcome, request)
    where e.account_id = any (p_account_ids)
      and e.account_id = r.account_id
      and e.expires_at > p_now
      and r.outcome = 'accepted'
      and (
        r.remove_all
        or (e.account_id, e.binding_key) in (
          select p_account_ids[b.request], api.binding_key(b.key, b.instance, b.reg_id)
          from unnest(p_binding_requests, p_expires, p_keys, p_instances, p_reg_ids) as b (request, expires, key, instance, reg_id)
          where b.expires = 0
        )
      )
    returning r.request::int, e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'deleted', g.instance from gone g where g.transport = 'HTTP'
  )
  select g.request, g.id, g.uri, g.q, g.instance, g.reg_id, g.parameters, g.incarnation, g.front_end_id, g.flow from gone g;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_contact_groups(p_account_id bigint, p_version bigint, p_ids integer[])
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  v_groups int;
  v_contacts int;
begin
  update data.contact_group g set removed = true, version = p_version where g.account_id = p_account_id and g.id = any (p_ids);
  get diagnostics v_groups = row_count;
  update data.contact c
  set groups = array(select g from unnest(c.groups) as g where g <> all (p_ids) order by g), version = p_version
  where c.account_id = p_account_id and c.groups && p_ids;
  get diagnostics v_contacts = row_count;
  return v_groups + v_contacts;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_dead_front_ends(p_limit integer DEFAULT 500, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, front_end_id integer, process_id integer, addresses jsonb, renewed_at timestamp with time zone, endpoints_removed integer, more boolean, changed_account_id bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_front_end data.front_end;
  v_accounts bigint[];
  v_binding_keys text[];
  v_changed bigint[];
begin
  for v_front_end in
    select * from data.front_end f
    where f.state in ('left', 'dead') or f.lease_expires_at <= p_now
    order by f.id
    for update skip locked
  loop
    select array_agg(c.account_id), array_agg(c.binding_key)
    into v_accounts, v_binding_keys
    from (
      select e.account_id, e.binding_key
      from data.endpoint e
      where e.front_end_id = v_front_end.id and e.transport in ('TCP', 'TLS', 'WS', 'WSS')
      limit p_limit
    ) as c;

    endpoints_removed := 0;
    if v_accounts is not null then
      -- Under the locks the rows are read again: the client may have registered through another front end meanwhile.
      with gone as (
        delete from data.endpoint e
        using unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
        where e.account_id = any (array(
            select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
          ))
          and e.account_id = c.account_id
          and e.binding_key = c.binding_key
          and e.front_end_id = v_front_end.id
          and e.transport in ('TCP', 'TLS', 'WS', 'WSS')
        returning e.account_id
      )
      select count(*), v_changed || array_agg(g.account_id) into endpoints_removed, v_changed from gone g;
      update data.front_end f set state = 'dead' where f.id = v_front_end.id and f.state not in ('left', 'dead');
    else
      delete from data.front_end f where f.id = v_front_end.id;
    end if;

    outcome := case when v_front_end.state in ('left', 'dead') then 'removing' else 'died' end;
    front_end_id := v_front_end.id;
    process_id := v_front_end.process_id;
    addresses := v_front_end.addresses;
    renewed_at := v_front_end.renewed_at;
    -- None removed although there are some: their accounts are held by others now.
    more := endpoints_removed > 0;
    return next;
  end loop;

  return query
  select 'changed', null::int, null::int, null::jsonb, null::timestamptz, null::int, null::boolean, c.account_id
  from unnest(api.endpoints_changed(v_changed, p_now, null)) as c (account_id);
end
$function$


CREATE OR REPLACE FUNCTION api.remove_expired_endpoints(p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, uri text, instance text, call_id text, cseq bigint, expired_at timestamp with time zone, front_end_id integer, flow text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_accounts bigint[];
  v_binding_keys text[];
  v_locked bigint[];
  v_gone bigint[];
begin
  if not pg_try_advisory_xact_lock(hashtext('api.remove_expired_endpoints')) then
    return;
  end if;

  select array_agg(c.account_id), array_agg(c.binding_key)
  into v_accounts, v_binding_keys
  from (
    select e.account_id, e.binding_key
    from data.endpoint e
    where e.expiry_check_at <= p_now
    order by e.expiry_check_at
    limit p_limit
  ) as c;
  if v_accounts is null then
    return;
  end if;

  select array_agg(l.id) into v_locked
  from (
    select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
  ) as l;

  -- Under the locks the rows are read again: a refresh may have come between.
  select array_agg(e.account_id) into v_gone
  from unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
  join data.endpoint e on e.account_id = c.account_id and e.binding_key = c.binding_key
  where e.account_id = any (v_locked) and e.expires_at <= p_now;

  return query
  with gone as (
    delete from data.endpoint e
    using unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
    where e.account_id = any (v_locked)
      and e.account_id = c.account_id
      and e.binding_key = c.binding_key
      and e.expires_at <= p_now
    returning e.*
  ),
  -- An HTTP endpoint is told.
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', 'expired', g.instance from gone g where g.transport = 'HTTP'
  )
  select 'removed', g.account_id, g.id, g.uri, g.instance, g.call_id, g.cseq, g.expires_at, g.front_end_id, g.flow from gone g;

  return query
  update data.endpoint e
  set expiry_check_at = e.expires_at
  from unnest(v_accounts, v_binding_keys) as c (account_id, binding_key)
  where e.account_id = any (v_locked)
    and e.account_id = c.account_id
    and e.binding_key = c.binding_key
    and e.expires_at > p_now
  returning 'put_off', e.account_id, e.id, e.uri, e.instance, e.call_id, e.cseq, null::timestamptz, null::int, null;

  return query
  select 'changed', c.account_id, null::bigint, null, null, null, null::bigint, null::timestamptz, null::int, null
  from unnest(api.endpoints_changed(v_gone, p_now, null)) as c (account_id);
end
$function$


CREATE OR REPLACE FUNCTION api.remove_expired_messages(p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(removed integer, more boolean, changed bigint[])
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_account_id bigint;
  v_accounts bigint[];
  v_ids bigint[];
  v_gone bigint[];
begin
  removed := 0;
  changed := '{}';
  more := false;
  if pg_try_advisory_xact_lock(hashtext('api.remove_expired_messages')) then
    select array_agg(e.account_id), array_agg(e.id)
    into v_accounts, v_ids
    from (select m.account_id, m.id from data.message m where m.expires_at <= p_now order by m.expires_at limit p_limit) as e;
    for v_account_id in
      select a.id from data.account a where a.id = any (v_accounts) order by a.id for no key update skip locked
    loop
      v_gone := array(select m.id from data.message m where m.account_id = v_account_id and m.id = any (v_ids));
      if api.forget_messages(v_account_id, v_gone, p_now) then
      changed := changed || v_account_id;
    end if;
      removed := removed + cardinality(v_gone);
    end loop;
    more := removed > 0 and cardinality(v_ids) >= p_limit;
  end if;
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_expired_sessions(p_limit integer, p_events_age interval, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(sessions integer, events integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_sessions int;
  v_events int;
begin
  delete from data.session s
  using (
    select o.account_id, o.id from data.session o where o.expires_at <= p_now order by o.expires_at limit p_limit for update skip locked
  ) as o
  where s.account_id = o.account_id and s.id = o.id;
  get diagnostics v_sessions = row_count;

  delete from data.endpoint_event e
  using (
    select o.account_id, o.id
    from data.endpoint_event o
    where o.occurred_at <= p_now - p_events_age
    order by o.occurred_at
    limit p_limit
    for update skip locked
  ) as o
  where e.account_id = o.account_id and e.id = o.id;
  get diagnostics v_events = row_count;
  return query select v_sessions, v_events;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_expired_subscriptions(p_front_end_id integer, p_limit integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(subscription_id bigint, subscriber_id bigint, watcher text, event text, event_id text, is_list boolean, target text, version bigint, cseq bigint, call_id text, local_tag text, remote_tag text, local_uri text, remote_uri text, local_target text, remote_target text, route_set text, front_end_id integer, transport text, flow text, received_from text, reason text, changed bigint[], more boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_accounts bigint[];
  v_subscriptions bigint[];
  v_watched bigint[];
begin
  select array_agg(o.account_id), array_agg(o.id)
  into v_accounts, v_subscriptions
  from (
    select s.account_id, s.id
    from data.subscription s
    where s.expiry_check_at <= p_now
      and (
        s.front_end_id is null
        or s.front_end_id = p_front_end_id
        or not exists (select from data.front_end f where f.id = s.front_end_id and f.state in ('serving', 'draining'))
      )
    order by s.expiry_check_at
    limit p_limit
  ) as o;

  if v_accounts is not null then
    v_watched := api.lock_watched(v_accounts, v_subscriptions);
    return query
    with held as materialized (
      select s.account_id, s.id,
        not s.is_list and not exists (select from data.watch w where w.subscriber_id = s.account_id and w.subscription_id = s.id)
          or s.account_id <> 0 and a.id is null as is_orphan,
        a.enabled is false as is_refused
      from unnest(v_accounts, v_subscriptions) as o (account_id, id)
      join data.subscription s on s.account_id = o.account_id and s.id = o.id
      left join data.account a on a.id = s.account_id
      where s.expires_at <= p_now
      for update of s skip locked
    )
    delete from data.subscription s
    using held h
    where s.account_id = h.account_id and s.id = h.id
    returning s.id, s.account_id, s.watcher, s.event, s.event_id, s.is_list, s.target, s.version + 1, s.cseq + 1, s.call_id, s.local_tag,
      s.remote_tag, s.local_uri, s.remote_uri, s.local_target, s.remote_target, array_to_string(s.route_set, E'\n'), s.front_end_id,
      s.transport, s.flow, s.received_from, case when h.is_orphan then 'noresource' when h.is_refused then 'rejected' else 'timeout' end, null::bigint[], null::boolean;

    with held as materialized (
      select s.account_id, s.id
      from unnest(v_accounts, v_subscriptions) as o (account_id, id)
      join data.subscription s on s.account_id = o.account_id and s.id = o.id
      where s.expires_at > p_now and s.expiry_check_at <= p_now
      for no key update of s skip locked
    )
    update data.subscription s
    set expiry_check_at = s.expires_at
    from held h
    where s.account_id = h.account_id and s.id = h.id;
  end if;

  subscription_id := null;
  changed := api.touch_event(v_watched, 'presence.winfo', p_now);
  more := coalesce(cardinality(v_accounts), 0) >= p_limit;
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.remove_gone_account(p_grace_days integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text, user_part text, domain text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_user text;
  v_domain text;
begin
  perform api.hold_directory();
  -- For what api.list_directory_problems says.
  update data.directory d set grace_days = p_grace_days where d.grace_days <> p_grace_days;
  select a.user_part, d.name into v_user, v_domain
  from data.directory_entry e
  join data.account a on a.id = e.account_id
  join data.domain d on d.id = a.domain_id
  where e.gone_at <= p_now - p_grace_days * interval '1 day'
  order by e.gone_at
  limit 1;
  if found then
    return query select r.*, v_user, v_domain from api.remove_account(v_user, v_domain) as r;
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.renew_front_end_lease(p_front_end_id integer, p_connections integer, p_lease interval, p_now timestamp with time zone DEFAULT now(), p_state text DEFAULT NULL::text)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  update data.front_end
  set connections = p_connections, renewed_at = p_now, lease_expires_at = p_now + p_lease, state = coalesce(p_state, state)
  where id = p_front_end_id and state in ('serving', 'draining');
  return query select case when found then 'renewed' else 'gone' end;
end
$function$


CREATE OR REPLACE FUNCTION api.renotify(p_front_end_id integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  with held as materialized (
    select s.account_id, s.id
    from data.subscription s
    where s.front_end_id = p_front_end_id and not s.full_due
    order by s.account_id, s.id
    for no key update
  )
  update data.subscription s set full_due = true from held h where s.account_id = h.account_id and s.id = h.id;
end
$function$


CREATE OR REPLACE FUNCTION api.renotify_subscriptions(p_front_end_id integer, p_account_ids bigint[], p_subscription_ids bigint[], p_cseqs bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  with held as materialized (
    select s.account_id, s.id
    from unnest(p_account_ids, p_subscription_ids, p_cseqs) as r (account_id, id, cseq)
    join data.subscription s on s.account_id = r.account_id and s.id = r.id
    where s.front_end_id = p_front_end_id and not s.full_due and (r.cseq is null or s.cseq = r.cseq)
    order by s.account_id, s.id
    for no key update of s
  )
  update data.subscription s set full_due = true from held h where s.account_id = h.account_id and s.id = h.id;
end
$function$


CREATE OR REPLACE FUNCTION api.retry_directory_problems()
 RETURNS void
 LANGUAGE sql
AS $function$
  with recursive stuck as materialized (
    select e.entry_id, e.account_id, nullif(h.id, e.account_id) as holder_id,
      e.problem = 'conflict' and exists (
        select from data.directory_entry o
        where o.domain = e.domain and o.user_part = e.user_part and o.entry_id <> e.entry_id and o.gone_at is null
          and not exists (select from data.directory_change c where c.entry_id = o.entry_id)
      ) as is_contested
    from data.directory_entry e
    join data.domain d on d.name = e.domain
    left join data.account h on h.domain_id = d.id and h.user_part = e.user_part
    left join data.account_alias l on l.domain_id = d.id and l.user_part = e.user_part
    where e.problem in ('conflict', 'domain_unknown')
      and (l.account_id is null or l.account_id = e.account_id)
      and not exists (select from data.directory_change c where c.entry_id = e.entry_id)
  ),
  -- Those who stay as they are, and who waits for them.
  staying (entry_id, account_id) as (
    select s.entry_id, s.account_id
    from stuck s
    where s.is_contested
      or s.holder_id is not null
        and not exists (select from stuck f where f.account_id = s.holder_id)
        and not exists (
          select from data.directory_entry o
          join data.directory_change c on c.entry_id = o.entry_id
          where o.account_id = s.holder_id
        )
    union
    select s.entry_id, s.account_id from staying f join stuck s on s.holder_id = f.account_id
  )
  insert into data.directory_change (
    entry_id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person
  )
  select e.entry_id, 'person', e.dn, e.user_part, e.domain, e.enabled, e.role, e.password_changed_at, e.sign_in_name, e.groups, e.person
  from stuck s
  join data.directory_entry e on e.entry_id = s.entry_id
  where s.entry_id not in (select f.entry_id from staying f);
$function$


CREATE OR REPLACE FUNCTION api.return_subscriptions(p_account_ids bigint[], p_binding_keys text[], p_front_end_ids integer[], p_transports text[], p_flows text[], p_received_froms text[])
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_accounts bigint[];
begin
  with elsewhere as materialized (
    select s.account_id, s.id, r.front_end_id, r.transport, r.flow, r.received_from
    from unnest(p_account_ids, p_binding_keys, p_front_end_ids, p_transports, p_flows, p_received_froms)
      as r (account_id, binding_key, front_end_id, transport, flow, received_from)
    join data.subscription s on s.account_id = r.account_id and s.binding_key = r.binding_key
    where s.transport not in ('HTTP', 'UDP') and (s.front_end_id, s.flow) is distinct from (r.front_end_id, r.flow)
    order by s.account_id, s.id
    for no key update of s
  ),
  returned as (
    update data.subscription s
    set front_end_id = e.front_end_id, transport = e.transport, flow = e.flow, received_from = e.received_from, full_due = true
    from elsewhere e
    where s.account_id = e.account_id and s.id = e.id
    returning s.account_id
  )
  select array_agg(r.account_id) into v_accounts from returned r;
  return v_accounts;
end
$function$


CREATE OR REPLACE FUNCTION api.route(p_caller_ids bigint[], p_credential_versions integer[], p_froms text[], p_check_froms boolean[], p_users text[], p_domains text[], p_instances text[], p_account_ids bigint[], p_endpoint_ids bigint[], p_incarnations bigint[], p_instance_hashes text[], p_uris text[], p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(request integer, outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, q smallint, uri text, transport text, flow text, received_from text, instance text, path text, refreshed_at bigint)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select r.request, r.outcome, r.target_id, e.id, e.front_end_id, e.q, e.uri, e.transport, e.flow, e.received_from, e.instance,
    array_to_string(e.path, E'\n'), (date_part('epoch', e.refreshed_at) * 1e6)::bigint
  from (
    select r.request::int, r.incarnation, t.id as target_id,
      case
        when r.instance_hash is not null then case when t.enabled then 'routed' when t.id is null then 'unknown' else 'disabled' end
        when r.caller_id is not null and (c.enabled and c.credential_version = r.credential_version) is not true then 'credentials_changed'
        -- Of a null and a call the call would have to be made.
        when coalesce(r.check_from, false)
          and not api.is_address_of(
            c.id, left(r.sender, -strpos(reverse(r.sender), '@')), right(r.sender, strpos(reverse(r.sender), '@') - 1)
          ) then 'not_own_address'
        when t.id is null then 'unknown'
        when not t.enabled then 'disabled'
        -- Not "exists", for which a generic plan may read the whole table.
        when coalesce((select true from data.access_rule s where s.account_id = t.id limit 1), false)
          and api.access_denied(
            t.id, c.id, left(r.sender, -strpos(reverse(r.sender), '@')), right(r.sender, strpos(reverse(r.sender), '@') - 1)
          ) then 'denied'
        else 'routed'
      end as outcome,
      -- The one endpoint to try; null: all of them.
      case
        -- Most dialogs end before their endpoints leave.
        when r.instance_hash is not null then coalesce(
            (
              select o.id
              from data.endpoint o
              where o.account_id = t.id and o.id = r.endpoint_id and o.expires_at > p_now and o.stale_at is null
              limit 1
            ),
            api.dialog_endpoint(t.id, r.endpoint_id, r.instance_hash, r.uri, p_now)
          )
        when r.instance is not null then api.instance_endpoint(t.id, r.instance, p_now)
        else r.endpoint_id
      end as endpoint_id
    from unnest(
        p_caller_ids, p_credential_versions, p_froms, p_check_froms, p_users, p_domains, p_instances,
        p_account_ids, p_endpoint_ids, p_incarnations, p_instance_hashes, p_uris
      ) with ordinality as r (
        caller_id, credential_version, sender, check_from, user_part, domain, instance,
        account_id, endpoint_id, incarnation, instance_hash, uri, request
      )
    -- "offset 0" keeps the order of the joins, also by a plan made while the tables were empty. What few requests need is in
    -- procedures of its own, since the executor prepares all of a plan for each batch.
    left join lateral (
      select a.id, a.enabled, a.credential_version from data.account a where a.id = r.caller_id offset 0
    ) as c on true
    left join lateral (
      select a.id, a.enabled from data.account a where a.id = r.account_id
      union all
      select a.id, a.enabled
      from data.account a
      where r.account_id is null and a.domain_id = (select d.id from data.domain d where d.name = r.domain) and a.user_part = r.user_part
      union all
      select a.account_id, a.enabled from api.find_alias(r.user_part, r.domain) as a where r.account_id is null
      limit 1
    ) as t on true
    offset 0
  ) as r
  left join lateral (
    select e.id, e.front_end_id, e.q, e.uri, e.transport, e.flow, e.received_from, e.instance, e.path, e.refreshed_at
    from data.endpoint e
    where e.account_id = r.target_id
      and r.outcome = 'routed'
      and e.expires_at > p_now
      and case
        when r.endpoint_id is null then e.stale_at is null
        else e.id = r.endpoint_id and (r.incarnation is null or e.incarnation = r.incarnation and e.stale_at is null)
      end
    offset 0
  ) as e on true;
end
$function$


CREATE OR REPLACE FUNCTION api.search_people(p_reader bigint, p_query text, p_limit integer)
 RETURNS TABLE(is_similar boolean, address text, display_name text, given_name text, surname text, mail text, phones jsonb, title text, department text, company text, office text, manager text, photo_hash text, in_directory boolean)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_indexonlyscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_highest constant text := chr(1114111);
  v_most constant int := 300;
  -- The longest first: they leave the fewest.
  v_words text[] := (
    select array_agg(w.word order by length(w.word) desc, w.word)
    from (select distinct w.word from unnest(string_to_array(btrim(data.search_words(p_query)), ' ')) as w (word) where w.word <> '' limit 8) as w
  );
  v_patterns text[] := (select array_agg('% ' || w.word || '%' order by w.place) from unnest(v_words) with ordinality as w (word, place));
  v_first text := v_patterns[1];
  v_second text := coalesce(v_patterns[2], v_first);
  v_query tsquery := (select string_agg(w.word || ':*', ' & ')::tsquery from unnest(v_words) as w (word));
  v_begin text := data.search_words(p_query);
  v_user text := lower(split_part(btrim(p_query), '@', 1));
  v_domain text := lower(split_part(btrim(p_query), '@', 2));
  v_found bigint[];
  v_alike int;
begin
  if v_words is null then
    return;
  end if;

  select coalesce(array_agg(f.account_id order by f.names, f.account_id), '{}') into v_found
  from (
    select p.account_id, p.names
    from data.person p
    where p.names >= v_begin and p.names < v_begin || v_highest and (not p.hidden or p.account_id = p_reader)
    order by p.names
    limit p_limit
  ) as f;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.account_id order by f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names
      from data.person p
      where p.names like v_first and p.names like v_second and p.names like all (v_patterns)
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.id order by f.user_part, f.id) into v_found
    from (
      select a.id, a.user_part, a.enabled, a.domain_id
      from data.account a
      where lower(a.user_part) >= v_user and lower(a.user_part) < v_user || v_highest
      order by lower(a.user_part)
      limit 1000
    ) as f
    join data.domain d on d.id = f.domain_id
    where f.enabled and starts_with(d.name, v_domain) and (v_domain = '' or lower(f.user_part) = v_user)
      and not exists (select from data.directory_entry e where e.account_id = f.id);
  end if;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.account_id order by f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names
      from data.person p
      where p.words @@ v_query
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;
  v_alike := cardinality(v_found);

  -- Of one letter or two all names are alike, and an address is like none.
  if v_alike < p_limit and length(v_begin) > 3 and p_query not like '%@%' then
    -- Not as an attribute of this procedure: of a module that is not loaded yet only a superuser may give one.
    perform set_config('pg_trgm.word_similarity_threshold', '0.45', true);
    select v_found || array_agg(f.account_id order by f.similarity desc, f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names, extension.word_similarity(v_begin, p.names) as similarity
      from data.person p
      where v_begin operator(extension.<%) p.names
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;

  return query
  select s.place > v_alike, s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title, s.department, s.company, s.office,
    s.manager, s.photo_hash, s.in_directory
  from api.show_people(v_found[:p_limit], p_reader) as s
  order by s.place;
end
$function$


CREATE OR REPLACE FUNCTION api.session_holds(p_account_id bigint, p_session_id uuid, p_credential_version integer, p_role text DEFAULT NULL::text, p_now timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  return exists (
    select
    from data.account a
    join data.session s on s.account_id = a.id
    where a.id = p_account_id
      and a.enabled
      and a.credential_version = p_credential_version
      and (p_role is null or a.role = p_role)
      and s.id = p_session_id
      and s.credential_version = p_credential_version
      and s.expires_at > p_now
  );
end
$function$


CREATE OR REPLACE FUNCTION api.set_access_level(p_level text, p_activity boolean, p_note boolean, p_calendar boolean, p_phone boolean, p_location boolean, p_device boolean, p_services boolean, p_person boolean, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_account_ids bigint[];
begin
  if not exists (select from data.access_level l where l.level = p_level and l.level <> 'blocked') then
    return query select 'level_unknown';
    return;
  end if;
  update data.access_level l
  set activity = coalesce(p_activity, l.activity), note = coalesce(p_note, l.note), calendar = coalesce(p_calendar, l.calendar),
    phone = coalesce(p_phone, l.phone), location = coalesce(p_location, l.location), device = coalesce(p_device, l.device),
    services = coalesce(p_services, l.services), person = coalesce(p_person, l.person)
  where l.level = p_level
    and (l.activity, l.note, l.calendar, l.phone, l.location, l.device, l.services, l.person) is distinct from (
      coalesce(p_activity, l.activity), coalesce(p_note, l.note), coalesce(p_calendar, l.calendar), coalesce(p_phone, l.phone),
      coalesce(p_location, l.location), coalesce(p_device, l.device), coalesce(p_services, l.services), coalesce(p_person, l.person)
    );
  if not found then
    return query select 'unchanged';
    return;
  end if;

  v_account_ids := array(
    select a.id from data.account a
    where a.id in (select e.account_id from data.event_state e where e.event = 'presence')
    order by a.id
    for no key update
  );
  insert into data.presence_check as c (account_id, check_at)
  select n.id, p_now from unnest(v_account_ids) as n (id)
  on conflict (account_id) do update set check_at = least(c.check_at, excluded.check_at);
  return query select 'set';
end
$function$


CREATE OR REPLACE FUNCTION api.set_access_rule(p_user text, p_domain text, p_scope text, p_subject text, p_says jsonb, p_maximum integer DEFAULT 10000, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_account_id bigint;
  v_outcome text;
begin
  select a.id into v_account_id from data.account a where a.id = api.account_id(p_user, p_domain) for no key update;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint;
    return;
  end if;
  v_outcome := api.write_access_rules(
    v_account_id, false, jsonb_build_array(p_says || jsonb_build_object('scope', p_scope, 'subject', p_subject)), p_maximum, p_now
  );
  return query select case v_outcome when 'changed' then 'set' else v_outcome end, v_account_id;
end
$function$


CREATE OR REPLACE FUNCTION api.set_account_enabled(p_user text, p_domain text, p_enabled boolean)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_account_id bigint;
  v_enabled boolean;
begin
  select a.id, a.enabled into v_account_id, v_enabled
  from data.account a
  where a.id = api.account_id(p_user, p_domain)
  for no key update;
  if v_account_id is null then
    return query select 'account_unknown', null::bigint, null::bigint, null::int, null, null;
    return;
  end if;
  if v_enabled = p_enabled then
    return query select 'unchanged', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  if p_enabled and exists (select from data.directory_entry e where e.account_id = v_account_id and not e.enabled) then
    return query select 'disabled_by_directory', v_account_id, null::bigint, null::int, null, null;
    return;
  end if;

  update data.account set enabled = p_enabled, credential_version = credential_version + 1 where id = v_account_id;
  return query select 'changed', v_account_id, null::bigint, null::int, null, null;
  if not p_enabled then
    return query select s.* from api.sign_out(array[v_account_id], 'disabled', now()) as s;
  end if;
  perform api.write_people(array[v_account_id], now());
end
$function$


CREATE OR REPLACE FUNCTION api.set_password(p_user text, p_domain text, p_md5 bytea, p_sha_256 bytea, p_sha_512_256 bytea)
 RETURNS TABLE(outcome text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
declare
  v_account_id bigint;
begin
  update data.account
  set credential_version = credential_version + 1
  where id = api.account_id(p_user, p_domain)
  returning id into v_account_id;
  if v_account_id is null then
    return query select 'account_unknown';
    return;
  end if;

  insert into data.credential (account_id, md5, sha_256, sha_512_256) values (v_account_id, p_md5, p_sha_256, p_sha_512_256)
  on conflict (account_id, id) do update set md5 = excluded.md5, sha_256 = excluded.sha_256, sha_512_256 = excluded.sha_512_256;
  return query select 'changed';
end
$function$


CREATE OR REPLACE FUNCTION api.set_presence(p_account_id bigint, p_credential_version integer, p_state text, p_expires integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, changed boolean)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
begin
  perform from data.account a where a.id = p_account_id and a.enabled and a.credential_version = p_credential_version for no key update;
  if not found then
    return query select 'credentials_changed', null::boolean;
    return;
  end if;

  if p_state is null then
    delete from data.publication p where p.account_id = p_account_id and p.id = 0;
  else
    insert into data.publication as p (account_id, id, version, event, state, changed_at, expires_at)
    values (p_account_id, 0, 1, 'presence', p_state::jsonb, p_now, p_now + p_expires * interval '1 second')
    on conflict (account_id, id) do update
    set version = p.version + 1, state = excluded.state, changed_at = excluded.changed_at, expires_at = excluded.expires_at;
  end if;
  return query select 'set', cardinality(api.aggregate_presence(array[p_account_id], p_now)) > 0;
end
$function$


CREATE OR REPLACE FUNCTION api.show_people(p_account_ids bigint[], p_reader bigint)
 RETURNS TABLE(place integer, account_id bigint, address text, display_name text, given_name text, surname text, mail text, phones jsonb, title text, department text, company text, office text, manager text, photo_hash text, in_directory boolean)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  select i.place::int, a.id, a.user_part || '@' || d.name, p.display_name, p.given_name, p.surname, p.mail, p.phones, p.title, p.department,
    p.company, p.office, m.address, p.photo_hash, p.account_id is not null
  from unnest(p_account_ids) with ordinality as i (account_id, place)
  join data.account a on a.id = i.account_id
  join data.domain d on d.id = a.domain_id
  left join data.person p on p.account_id = a.id
  left join lateral (
    select m.address
    from data.directory_entry e
    join data.person m on m.account_id = e.account_id
    where lower(e.dn) = lower(p.manager_dn) and (not m.hidden or m.account_id = p_reader)
    limit 1
  ) as m on p.manager_dn is not null
  where a.enabled
    -- Who follows the directory and is not among its people has left it.
    and (not p.hidden or a.id = p_reader or p.account_id is null and not exists (select from data.directory_entry e where e.account_id = a.id))
  order by i.place;
end
$function$


CREATE OR REPLACE FUNCTION api.sign_out(p_account_ids bigint[], p_reason text, p_now timestamp with time zone)
 RETURNS TABLE(outcome text, account_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
begin
  return query
  with gone as (
    delete from data.endpoint e where e.account_id = any (p_account_ids) returning e.*
  ),
  told as (
    insert into data.endpoint_event (account_id, id, occurred_at, event, reason, instance)
    select g.account_id, nextval('data.endpoint_id'), p_now, 'removed', p_reason, g.instance from gone g where g.transport = 'HTTP'
  )
  select 'endpoint_removed', g.account_id, g.id, g.front_end_id, g.flow, g.instance from gone g;
  delete from data.publication p where p.account_id = any (p_account_ids);
  return query
  select 'watched', w.account_id, null::bigint, null::int, null, null
  from unnest(api.endpoints_changed(p_account_ids, p_now, null)) as w (account_id);
  -- api.remove_expired_subscriptions tells their watchers.
  update data.subscription s
  set expires_at = p_now, expiry_check_at = p_now
  where s.account_id = any (p_account_ids) and s.expires_at > p_now;
end
$function$


CREATE OR REPLACE FUNCTION api.stage_directory_changes(p_changes jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform api.hold_directory();
  insert into data.directory_change as c (
    entry_id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail
  )
  select distinct on (r.id) r.id, r.kind, r.dn, r.user_part, r.domain, coalesce(r.enabled, false), r.role, r.password_changed_at,
    r.sign_in_name, r.groups, r.person, r.problem, r.detail
  from rows from (
    jsonb_to_recordset(p_changes) as (
      "id" uuid, "kind" text, "dn" text, "user" text, "domain" text, "enabled" boolean, "role" text, "passwordChangedAt" timestamptz,
      "signInName" text, "groups" text[], "person" jsonb, "problem" text, "detail" text
    )
  ) with ordinality as r (
    id, kind, dn, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail, place
  )
  order by r.id, r.place desc
  on conflict (entry_id) do update
  set kind = excluded.kind, dn = excluded.dn, user_part = excluded.user_part, domain = excluded.domain, enabled = excluded.enabled,
    role = excluded.role, password_changed_at = excluded.password_changed_at, sign_in_name = excluded.sign_in_name,
    groups = excluded.groups, person = excluded.person, problem = excluded.problem, detail = excluded.detail;
end
$function$


CREATE OR REPLACE FUNCTION api.state_of(p_account_id bigint, p_event text, p_level text, p_now timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return case
    when p_level <> 'blocked' then api.event_detail(p_account_id, p_event, p_now)
    when p_event = 'dialog' then '{"documents": []}'
    else '{"availability": 18000}'
  end;
end
$function$


CREATE OR REPLACE FUNCTION api.store_messages(p_account_ids bigint[], p_senders text[], p_recipients text[], p_call_ids text[], p_request_hashes bytea[], p_content_types text[], p_headers text[], p_bodies bytea[], p_expires integer[], p_instances text[], p_maximum_messages integer[], p_maximum_bytes bigint[], p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(request integer, outcome text, message_id bigint, endpoint_id bigint, front_end_id integer, flow text, instance text, transport text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_locked bigint[];
  v_account_id bigint;
  v_bytes bigint;
  v_fits boolean;
  v_message_id bigint;
  v_changed bigint[];
begin
  select array_agg(l.id) into v_locked
  from (
    select a.id from data.account a where a.id = any (p_account_ids) and a.enabled order by a.id for no key update
  ) as l;

  for v_request in 1 .. cardinality(p_account_ids) loop
    v_account_id := p_account_ids[v_request];
    if (v_account_id = any (v_locked)) is not true then
      return query select v_request, 'unknown', null::bigint, null::bigint, null::int, null, null, null;
      continue;
    end if;

    v_message_id := (
      select m.id from data.message m where m.account_id = v_account_id and m.request_hash = p_request_hashes[v_request]
    );
    if v_message_id is null then
      v_bytes := octet_length(p_bodies[v_request]) + octet_length(p_headers[v_request]);
      v_fits := api.message_fits(v_account_id, v_bytes, p_maximum_messages[v_request], p_maximum_bytes[v_request]);
      if not v_fits then
        perform api.forget_messages(
          v_account_id, array(select m.id from data.message m where m.account_id = v_account_id and m.expires_at <= p_now), p_now
        );
        v_fits := api.message_fits(v_account_id, v_bytes, p_maximum_messages[v_request], p_maximum_bytes[v_request]);
      end if;
      if not v_fits then
        return query select v_request, 'quota_exceeded', null::bigint, null::bigint, null::int, null, null, null;
        continue;
      end if;

      v_message_id := nextval('data.endpoint_id');
      insert into data.message (
        account_id, id, stored_at, expires_at, request_hash, instances, sender, recipient, call_id, content_type, headers, body
      )
      values (
        v_account_id, v_message_id, p_now, p_now + p_expires[v_request] * interval '1 second', p_request_hashes[v_request],
        string_to_array(p_instances[v_request], E'\n'), p_senders[v_request], p_recipients[v_request], p_call_ids[v_request],
        p_content_types[v_request], p_headers[v_request]::json, p_bodies[v_request]
      );
      insert into data.message_queue as q (account_id, messages, bytes)
      values (v_account_id, 1, v_bytes)
      on conflict (account_id) do update set messages = q.messages + 1, bytes = q.bytes + excluded.bytes;
      v_changed := v_changed || v_account_id;
    end if;

    return query
    select v_request, 'stored', v_message_id, e.endpoint_id, e.front_end_id, e.flow, e.instance, e.transport
    from (values (1)) as one
    left join api.reachable_endpoints(v_account_id, p_now) as e on true;
  end loop;

  return query
  select array_position(p_account_ids, c.account_id), 'changed', null::bigint, null::bigint, null::int, null, null, null
  from unnest(api.touch_event(v_changed, 'message-summary', p_now)) as c (account_id);
end
$function$


CREATE OR REPLACE FUNCTION api.store_publication(p_account_id bigint, p_event text, p_publication_id bigint, p_version integer, p_state jsonb, p_expires integer, p_binding_key text, p_now timestamp with time zone, OUT outcome text, OUT publication_id bigint, OUT version integer, OUT changed boolean)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_old data.publication;
begin
  if p_publication_id is not null then
    -- Nobody has the tag of what is said by hand.
    select * into v_old
    from data.publication p
    where p.account_id = p_account_id and p.id = p_publication_id and p.id <> 0 and p.event = p_event and p.version = p_version
      and p.expires_at > p_now;
    if v_old.id is null then
      outcome := 'no_match';
      return;
    end if;
  end if;

  outcome := 'published';
  if p_expires = 0 then
    delete from data.publication p where p.account_id = p_account_id and p.id = v_old.id;
    changed := found;
    -- One that is new is over at once (RFC 3903 §6 step 5): it has a tag that matches nothing.
    publication_id := coalesce(v_old.id, nextval('data.endpoint_id'));
    version := coalesce(v_old.version, 1);
  elsif v_old.id is not null then
    changed := p_state is not null and p_state <> v_old.state;
    update data.publication p
    set version = p.version + 1,
      state = case when changed then p_state else p.state end,
      changed_at = case when changed then p_now else p.changed_at end,
      binding_key = coalesce(p_binding_key, p.binding_key),
      expires_at = p_now + p_expires * interval '1 second'
    where p.account_id = p_account_id and p.id = v_old.id
    returning p.id, p.version, changed or p.binding_key is distinct from v_old.binding_key or p.expires_at < v_old.expires_at into publication_id, version, changed;
  elsif p_state is not null then
    changed := true;
    insert into data.publication (account_id, id, version, event, binding_key, state, changed_at, expires_at)
    values (p_account_id, nextval('data.endpoint_id'), 1, p_event, p_binding_key, p_state, p_now, p_now + p_expires * interval '1 second')
    returning id, version into publication_id, version;
    delete from data.publication p
    where p.account_id = p_account_id
      and p.id in (
        select o.id from data.publication o where o.account_id = p_account_id and o.id <> 0 order by o.changed_at desc, o.id desc offset 32
      );
  else
    -- A refresh of nothing.
    outcome := 'no_match';
  end if;
end
$function$


CREATE OR REPLACE FUNCTION api.subscribe(p_account_id bigint, p_credential_version integer, p_watcher text, p_is_outside boolean, p_user text, p_domain text, p_is_list boolean, p_event text, p_event_id text, p_expires integer, p_subscription_id bigint, p_tag text, p_call_id text, p_local_tag text, p_remote_tag text, p_local_uri text, p_remote_uri text, p_local_target text, p_remote_target text, p_route_set text[], p_remote_cseq bigint, p_front_end_id integer, p_transport text, p_flow text, p_received_from text, p_binding_key text, p_min_interval integer, p_maximum integer, p_now timestamp with time zone DEFAULT now())
 RETURNS TABLE(outcome text, account_id bigint, subscription_id bigint, local_tag text, changed bigint[], notification jsonb)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_account_id bigint := p_account_id;
  v_target_id bigint;
  v_accounts bigint[];
  v_cold bigint[];
  v_binding_key text := p_binding_key;
  v_id bigint := p_subscription_id;
  v_tag text := p_local_tag;
  v_subscription data.subscription;
begin
  if v_account_id is null and not p_is_outside then
    v_account_id := api.find_account(left(p_watcher, -strpos(reverse(p_watcher), '@')), right(p_watcher, strpos(reverse(p_watcher), '@') - 1));
  end if;
  v_account_id := coalesce(v_account_id, 0);
  -- A dialog names nobody: whom it was about is told that it has ended.
  v_target_id := case
    when p_subscription_id is null then api.find_account(p_user, p_domain)
    when p_expires = 0 then (
      select w.account_id
      from data.watch w
      join data.subscription s on s.account_id = w.subscriber_id and s.id = w.subscription_id
      where w.subscriber_id = v_account_id and w.subscription_id = p_subscription_id and not s.is_list
    )
  end;

  -- Of contacts that nobody has asked for yet there is nothing to tell: that is made here.
  if p_subscription_id is null and p_is_list then
    v_cold := array(
      select distinct c.contact_account_id
      from data.contact c
      where c.account_id = v_account_id and not c.removed and c.contact_account_id is not null
        and not exists (select from data.event_state s where s.account_id = c.contact_account_id and s.event = 'presence' and s.level = 'public')
    );
  elsif p_subscription_id is null and p_event = 'presence'
    and not exists (select from data.event_state s where s.account_id = v_target_id and s.event = 'presence' and s.level = 'public') then
    v_cold := array[v_target_id];
  end if;
  v_accounts := array(
    select a.id from data.account a where a.id = any (v_cold || v_account_id || v_target_id) order by a.id for no key update
  );

  outcome := api.may_subscribe(
    v_account_id, p_account_id is not null, p_credential_version, v_target_id, p_user, p_domain, p_is_list, p_event, p_subscription_id is null
  );
  if outcome = 'subscribed' and p_subscription_id is not null then
    select * into v_subscription
    from data.subscription s
    where s.account_id = v_account_id and s.id = p_subscription_id
      and s.local_tag = p_local_tag and s.remote_tag = p_remote_tag and s.call_id = p_call_id and s.expires_at > p_now
    for update;
    outcome := case
      when v_subscription.id is null then 'no_dialog'
      when p_remote_cseq <= v_subscription.remote_cseq then 'out_of_order'
      else outcome
    end;
  elsif outcome = 'subscribed' and p_expires > 0 and p_maximum <= (
      select count(*)
      from (
        select
        from data.subscription s
        where s.account_id = v_account_id and (v_account_id <> 0 or s.watcher = p_watcher) and s.expires_at > p_now
        limit p_maximum
      ) as s
    ) then
    outcome := 'too_many';
  end if;
  if outcome <> 'subscribed' then
    return next;
    return;
  end if;

  v_binding_key := coalesce(v_binding_key, (
    select e.binding_key
    from data.endpoint e
    where e.account_id = v_account_id and e.front_end_id = p_front_end_id and e.flow = p_flow and e.transport = p_transport
      and e.expires_at > p_now
    order by e.refreshed_at desc
    limit 1
  ));
  if p_subscription_id is not null then
    update data.subscription s
    set remote_cseq = p_remote_cseq, remote_target = p_remote_target, route_set = s.route_set,
      binding_key = coalesce(v_binding_key, s.binding_key), front_end_id = p_front_end_id, transport = p_transport, flow = p_flow,
      received_from = p_received_from, full_due = true,
      min_interval = greatest(p_min_interval, case when s.is_list then 500 else 0 end),
      expires_at = case p_expires when 0 then p_now + interval '1 second' else p_now + p_expires * interval '1 second' end,
      expiry_check_at = least(s.expiry_check_at, p_now + p_expires * interval '1 second')
    where s.account_id = v_account_id and s.id = p_subscription_id;
  else
    perform api.aggregate_presence(array(select a.id from unnest(v_cold) as a (id) where a.id = any (v_accounts) order by a.id), p_now);
    if p_event <> 'presence' then
      insert into data.event_state (account_id, event, level, version, changed_at)
      values (v_target_id, p_event, '', (date_part('epoch', p_now) * 1000)::bigint, p_now)
      on conflict (account_id, event, level) do nothing;
    end if;

    v_id := nextval('data.endpoint_id');
    v_tag := 'rollcall-s.' || to_hex(v_account_id) || '.' || to_hex(v_id) || '.' || p_tag;
    insert into data.subscription (
      account_id, id, watcher, event, event_id, is_list, target, call_id, local_tag, remote_tag, local_uri, remote_uri, local_target,
      remote_target, route_set, remote_cseq, binding_key, front_end_id, transport, flow, received_from, min_interval, expires_at,
      expiry_check_at
    )
    values (
      v_account_id, v_id, coalesce((api.account_names(v_account_id))[1], p_watcher), p_event, p_event_id, p_is_list, p_user || '@' || p_domain,
      p_call_id, v_tag, p_remote_tag, p_local_uri, p_remote_uri, p_local_target, p_remote_target, p_route_set, p_remote_cseq,
      v_binding_key, p_front_end_id, p_transport, p_flow, p_received_from, greatest(p_min_interval, case when p_is_list then 500 else 0 end),
      p_now + greatest(p_expires, 1) * interval '1 second', p_now + p_expires * interval '1 second'
    );
    perform api.add_watches(
      v_account_id, v_id, p_event, coalesce((api.account_names(v_account_id))[1], p_watcher),
      case when not p_is_list then v_target_id end, p_user || '@' || p_domain
    );
  end if;

  account_id := v_account_id;
  subscription_id := v_id;
  local_tag := v_tag;
  changed := '{}';
  -- Who only asks is no watcher.
  if p_event = 'presence' and not p_is_list and (p_subscription_id is null) <> (p_expires = 0) then
    changed := api.touch_event(array[v_target_id], 'presence.winfo', p_now);
  end if;
  if p_expires = 0 then
    outcome := 'ended';
    notification := (
      select jsonb_agg(to_jsonb(n))
      from api.take_notifications(p_front_end_id, null, array[v_account_id], array[v_id], null, null, 1, p_now) as n
      where n.more is null
    );
    delete from data.subscription s where s.account_id = v_account_id and s.id = v_id;
  end if;
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.take_messages(p_account_id bigint, p_front_end_id integer, p_endpoint_id bigint, p_instance text, p_limit integer, p_claim bigint DEFAULT NULL::bigint, p_after bigint DEFAULT NULL::bigint, p_now timestamp with time zone DEFAULT now(), p_lifetime interval DEFAULT '00:01:00'::interval)
 RETURNS TABLE(outcome text, claim bigint, message_id bigint, sender text, recipient text, call_id text, content_type text, headers text, body bytea, stored_at timestamp with time zone, expires_at timestamp with time zone, instances text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_queue data.message_queue;
begin
  perform from data.account a where a.id = p_account_id for no key update;
  select * into v_queue from data.message_queue q where q.account_id = p_account_id;
  if v_queue.claim is distinct from p_claim and api.claim_holds(v_queue, p_now) then
    outcome := 'claimed';
    return next;
    return;
  end if;

  if p_claim is null or v_queue.claim is distinct from p_claim then
    v_queue.claim := nextval('data.endpoint_id');
  end if;
  return query
  select 'taken', v_queue.claim, m.id, m.sender, m.recipient, m.call_id, m.content_type, m.headers::text, m.body, m.stored_at, m.expires_at,
    array_to_string(m.instances, E'\n')
  from data.message m
  where m.account_id = p_account_id
    and m.id > coalesce(p_after, 0)
    and m.expires_at > p_now
    and (m.instances is null or p_instance = any (m.instances))
  order by m.id
  limit p_limit;
  if found then
    update data.message_queue q
    set claim = v_queue.claim, claim_front_end_id = p_front_end_id, claim_endpoint_id = p_endpoint_id, claim_expires_at = p_now + p_lifetime
    where q.account_id = p_account_id;
    return;
  end if;

  update data.message_queue q set claim = null where q.account_id = p_account_id and q.claim is not null;
  outcome := 'none';
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.take_notifications(p_front_end_id integer, p_account_ids bigint[], p_subscriber_ids bigint[], p_subscription_ids bigint[], p_since timestamp with time zone, p_busy bigint[], p_limit integer, p_now timestamp with time zone DEFAULT now(), p_maximum integer DEFAULT 5000)
 RETURNS TABLE(subscription_id bigint, resource_id bigint, address text, name text, level text, resource_version bigint, state jsonb, subscriber_id bigint, watcher text, event text, event_id text, is_list boolean, target text, is_full boolean, version bigint, cseq bigint, dialog text, expires_in integer, min_interval integer, more boolean, next_at timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
declare
  v_accounts bigint[] := p_account_ids;
  v_busy bigint[] := coalesce(p_busy, '{}');
  v_due record;
  v_watchers record;
  v_resources record;
  v_told record;
  v_left int;
  v_places tid[];
begin
  v_due := api.lock_due(p_front_end_id, p_account_ids, p_subscriber_ids, p_subscription_ids, p_since, v_busy, p_limit, p_now);
  next_at := v_due.held_until;
  v_left := p_limit - coalesce(cardinality(v_due.places), 0);
  more := v_left < 0 or v_left = 0 and (p_account_ids is not null or p_since is not null);

  if v_left > 0 and p_since is not null then
    v_accounts := array(
      select distinct c.id
      from (select s.account_id as id from data.event_state s where s.changed_at >= p_since union all select unnest(p_account_ids)) as c
    );
  end if;
  v_watchers := api.lock_watchers(p_front_end_id, case when v_left > 0 then v_accounts end, v_busy, v_left, p_now);
  more := more or v_watchers.watchers > v_left and v_left > 0;

  v_places := (v_due.places)[:p_limit] || v_watchers.lists;
  loop
    v_resources := api.due_resources(
      v_places,
      -- Of few accounts each list is asked for these alone.
      case when p_subscriber_ids is null and cardinality(v_accounts) <= 16 then v_accounts end, p_maximum
    );
    exit when coalesce(cardinality(v_resources.places), 0) >= coalesce(cardinality(v_places), 0);
    if v_resources.subscriptions is not null or v_resources.full_lists is not null then
      more := true;
      exit;
    end if;
    -- Nothing of these is due. Who is named again would find the same, and never come to those behind them.
    v_places := v_places[cardinality(v_resources.places) + 1:];
  end loop;

  with told as (
    update data.watch w
    set notified_level = d.level, notified_version = d.version
    from unnest(
      v_resources.subscriptions || v_watchers.subscriptions, v_resources.watches || v_watchers.watches,
      v_resources.levels || v_watchers.levels, v_resources.versions || v_watchers.versions, v_resources.of_lists
    ) as d (place, watch, level, version, of_list)
    where w.ctid = d.watch
    returning d.place, coalesce(d.of_list, false) as of_list, w.subscription_id, w.account_id, w.address, w.name, w.event, d.level
  )
  select array_agg(t.place) as places, array_agg(t.of_list) as of_lists, array_agg(t.subscription_id) as subscriptions,
    array_agg(t.account_id) as accounts, array_agg(t.address) as addresses, array_agg(t.name) as names, array_agg(t.event) as events,
    array_agg(t.level) as levels
  into v_told
  from told t;

  return query
  update data.subscription s
  set cseq = s.cseq + 1, version = s.version + 1, notified_at = p_now, full_due = false
  from (
    select t.place, t.account_id, t.address, t.name, t.level
    from unnest(v_told.places, v_told.of_lists, v_told.accounts, v_told.addresses, v_told.names, v_told.levels)
      as t (place, of_list, account_id, address, name, level)
    where not t.of_list
    union all
    select t.place, null, null, null, null
    from (
      select t.place from unnest(v_told.places, v_told.of_lists) as t (place, of_list) where t.of_list
      union
      select unnest(v_resources.full_lists)
    ) as t
  ) as t
  where s.ctid = t.place
  returning new.id, t.account_id, nullif(t.address, s.target), t.name, t.level, null::bigint, null::jsonb, new.account_id, new.watcher, new.event,
    new.event_id, new.is_list, new.target, old.full_due, new.version, new.cseq,
    concat_ws(
      E'\n', new.call_id, new.local_tag, new.remote_tag, new.local_uri, new.remote_uri, new.local_target, new.remote_target,
      new.transport, new.flow, new.received_from, nullif(array_to_string(new.route_set, E'\n'), '')
    ),
    floor(date_part('epoch', new.expires_at - p_now))::int, new.min_interval, null::boolean, null::timestamptz;

  if v_told.places is not null then
    return query
    select t.id, t.account_id, t.address, t.name, t.level, null::bigint, null::jsonb, null::bigint, null, null, null, null::boolean, null,
      null::boolean, null::bigint, null::bigint, null, null::int, null::int, null::boolean, null::timestamptz
    from unnest(v_told.of_lists, v_told.subscriptions, v_told.accounts, v_told.addresses, v_told.names, v_told.levels)
      as t (of_list, id, account_id, address, name, level)
    where t.of_list
    union all
    -- Read after what it has been told: of the same version, or a later one, which is told once more.
    select null, t.account_id, null, null, t.level, coalesce(e.version, 0), coalesce(e.state, api.state_of(t.account_id, t.event, t.level, p_now)),
      null, null, t.event, null, null, null, null, null, null, null, null, null, null, null
    from (
      select distinct t.account_id, t.event, t.level from unnest(v_told.accounts, v_told.events, v_told.levels) as t (account_id, event, level)
    ) as t
    left join lateral (
      select * from data.event_state e where e.account_id = t.account_id and e.event = t.event and e.level = t.level offset 0
    ) as e on true;
  end if;

  if not more then
    next_at := least(next_at, v_watchers.held_until);
  end if;
  return next;
end
$function$


CREATE OR REPLACE FUNCTION api.touch_event(p_account_ids bigint[], p_event text, p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_touched bigint[];
begin
  with touched as (
    update data.event_state s
    set version = s.version + 1, changed_at = p_now
    where s.account_id = any (p_account_ids) and s.event = p_event and s.level = ''
    returning s.account_id
  )
  select array_agg(t.account_id) into v_touched from touched t;
  return coalesce(v_touched, '{}');
end
$function$


CREATE OR REPLACE FUNCTION api.touch_presence(p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
AS $function$
declare
  v_touched bigint[];
begin
  with touched as (
    update data.event_state s
    set changed_at = p_now
    where s.account_id = any (p_account_ids) and s.event in ('presence', 'dialog')
    returning s.account_id
  )
  select array_agg(distinct t.account_id) into v_touched from touched t;
  return coalesce(v_touched, '{}');
end
$function$


CREATE OR REPLACE FUNCTION api.use_nonce(p_account_ids bigint[], p_credential_versions integer[], p_nonce_ids bigint[], p_nonce_counts bigint[])
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_outcomes text[];
begin
  -- After a wait for a lock these are the values that the former holder committed.
  with locked as materialized (
    select a.id, a.enabled, a.credential_version, a.nonce_ids, a.nonce_counts
    from data.account a
    where a.id = any (p_account_ids)
    order by a.id
    for no key update
  )
  select array_agg(
    case
      when a.id is null then 'credentials_changed'
      when not a.enabled then 'account_disabled'
      when a.credential_version <> r.credential_version then 'credentials_changed'
      when r.nonce_id is null or api.nonce_is_fresh(a.nonce_ids, a.nonce_counts, r.nonce_id, r.nonce_count) then 'accepted'
      else 'nonce_replayed'
    end
    order by r.request
  )
  into v_outcomes
  from unnest(p_account_ids, p_credential_versions, p_nonce_ids, p_nonce_counts)
    with ordinality as r (account_id, credential_version, nonce_id, nonce_count, request)
  left join locked a on a.id = r.account_id;

  update data.account a
  set nonce_ids = api.nonce_ids_with(a.nonce_ids, n.id),
      nonce_counts = api.nonce_counts_with(a.nonce_ids, a.nonce_counts, n.id, n.count)
  from unnest(p_account_ids, p_nonce_ids, p_nonce_counts, v_outcomes) as n (account_id, id, count, outcome)
  where a.id = any (p_account_ids)
    and a.id = n.account_id
    and n.outcome = 'accepted'
    and n.id is not null;

  return v_outcomes;
end
$function$


CREATE OR REPLACE FUNCTION api.verify_digests(p_account_ids bigint[], p_credential_versions integer[], p_users text[], p_domains text[], p_algorithms text[], p_digested text[], p_responses text[], OUT account_ids bigint[], OUT credential_versions integer[], OUT ha1s text[])
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
begin
  -- A password of nobody's stands in for one that is not there.
  select
    array_agg(case when v.response is null or v.is_right then v.account_id end order by v.request),
    array_agg(v.credential_version order by v.request),
    array_agg(case when v.is_right then v.ha1 end order by v.request)
  into account_ids, credential_versions, ha1s
  from (
    -- One row a request: the password that is right, if any of them is.
    select distinct on (k.request) k.*,
      k.enabled and k.ha1 is not null and k.response = case k.algorithm
        when 'MD5' then md5(coalesce(k.ha1, repeat('-', 32)) || k.digested)
        when 'SHA-256' then encode(sha256(convert_to(coalesce(k.ha1, repeat('-', 64)) || k.digested, 'UTF8')), 'hex')
      end as is_right
    from (
      select r.request, r.algorithm, r.digested, r.response, a.enabled,
        coalesce(r.account_id, a.id) as account_id,
        coalesce(r.credential_version, a.credential_version) as credential_version,
        case r.algorithm when 'MD5' then encode(a.md5, 'hex') when 'SHA-256' then encode(a.sha_256, 'hex') end as ha1
      from unnest(p_account_ids, p_credential_versions, p_users, p_domains, p_algorithms, p_digested, p_responses)
        with ordinality as r (account_id, credential_version, user_part, domain, algorithm, digested, response, request)
      -- "offset 0" keeps the order of the joins: each request probes the indexes, also by a plan made while the tables were empty.
      left join lateral (
        select a.id, a.enabled, a.credential_version, c.md5, c.sha_256
        from data.domain d
        join data.account a on a.domain_id = d.id
        left join data.credential c on c.account_id = a.id
        where d.name = r.domain and a.user_part = r.user_part
        offset 0
      ) as a on true
      offset 0
    ) as k
    order by k.request, is_right desc nulls last
  ) as v;
end
$function$


CREATE OR REPLACE FUNCTION api.watch_level(p_event text, p_account_id bigint, p_watcher_id bigint, p_watcher text, p_default text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_level text := api.access_level(p_account_id, p_watcher_id, p_watcher, p_default);
begin
  return case
    when p_event <> 'dialog' then v_level
    when (select l.activity from data.access_level l where l.level = v_level) then ''
    else 'blocked'
  end;
end
$function$


CREATE OR REPLACE FUNCTION api.watchers_due(p_front_end_id integer, p_account_ids bigint[], p_busy bigint[], p_now timestamp with time zone)
 RETURNS TABLE(place tid, watch tid, is_list boolean, full_due boolean, subscription_id bigint, account_id bigint, level text, version bigint, held_until timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  select s.place, w.watch, s.is_list, s.full_due, w.subscription_id, w.account_id, coalesce(w.level, r.level), coalesce(w.version, r.version),
    api.held_until(s.min_interval, s.full_due, s.notified_at, p_now)
  from (
    select w.*, coalesce(w.known_version, e.version) as version
    from (
      select a.id, e.levels, e.versions,
        exists (select from data.access_rule r where r.account_id = a.id and r.level is not null) as has_rules
      from unnest(p_account_ids) as a (id)
      join lateral (
        select array_agg(e.level) as levels, array_agg(e.version) as versions
        from data.event_state e
        where e.account_id = a.id and e.event = 'presence'
      ) as e on true
      offset 0
    ) as a
    join lateral (
      -- The level, unless rules say it.
      select w.ctid as watch, w.*, case
          when w.event not in ('presence', 'dialog') then ''
          when w.event = 'presence' and not a.has_rules then w.default_level
        end as level,
        case when w.event = 'presence' and not a.has_rules then a.versions[array_position(a.levels, w.default_level)] end as known_version
      from data.watch w
      where w.account_id = a.id
      offset 0
    ) as w on true
    left join lateral (
      select e.version from data.event_state e where w.level = '' and e.account_id = w.account_id and e.event = w.event and e.level = '' offset 0
    ) as e on true
    where w.level is null
      or coalesce(w.known_version, e.version) is not null
        and (w.notified_version is distinct from coalesce(w.known_version, e.version) or w.notified_level is distinct from w.level)
    offset 0
  ) as w
  join lateral (
    select s.ctid as place, s.*
    from data.subscription s
    where s.account_id = w.subscriber_id and s.id = w.subscription_id
    offset 0
  ) as s on s.front_end_id = p_front_end_id and s.expires_at > p_now and s.id not in (select unnest(p_busy))
  left join lateral (
    select l.level, case l.level when 'blocked' then 0 else e.version end as version
    from (select api.watch_level(w.event, w.account_id, w.subscriber_id, s.watcher, w.default_level) as level where w.level is null offset 0) as l
    left join lateral (
      select e.version from data.event_state e where e.account_id = w.account_id and e.event = w.event and e.level = l.level offset 0
    ) as e on true
  ) as r on true
  where w.level is not null
    or r.version is not null and (w.notified_version is distinct from r.version or w.notified_level is distinct from r.level);
$function$


CREATE OR REPLACE FUNCTION api.write_access_rules(p_account_id bigint, p_replace boolean, p_rules jsonb, p_maximum integer, p_now timestamp with time zone, p_removed boolean DEFAULT false)
 RETURNS text
 LANGUAGE plpgsql
AS $function$
declare
  v_scopes text[];
  v_subjects text[];
  v_communications text[];
  v_levels text[];
  v_before int := (select count(*) from data.access_rule r where r.account_id = p_account_id);
  v_removed int;
  v_written int;
begin
  select array_agg(w.scope), array_agg(w.subject), array_agg(w.communication), array_agg(w.level)
  into v_scopes, v_subjects, v_communications, v_levels
  from (
    -- The last one about a subject counts.
    select distinct on (n.said ->> 'scope', n.said ->> 'subject')
      n.said ->> 'scope' as scope,
      n.said ->> 'subject' as subject,
      case when n.said ? 'communication' then n.said ->> 'communication' when not p_replace then r.communication end as communication,
      case when n.said ? 'level' then n.said ->> 'level' when not p_replace then r.level end as level
    from jsonb_array_elements(p_rules) with ordinality as n (said, place)
    left join data.access_rule r on r.account_id = p_account_id and r.scope = n.said ->> 'scope' and r.subject = n.said ->> 'subject'
    order by n.said ->> 'scope', n.said ->> 'subject', n.place desc
  ) as w;

  -- "not in" is hashed, whatever the planner thinks of the lengths of arrays.
  delete from data.access_rule r
  where r.account_id = p_account_id
    and (
      (p_replace and (r.scope, r.subject) not in (select n.scope, n.subject from unnest(v_scopes, v_subjects) as n (scope, subject)))
      or (r.scope, r.subject) in (
        select n.scope, n.subject
        from unnest(v_scopes, v_subjects, v_communications, v_levels) as n (scope, subject, communication, level)
        where n.communication is null and n.level is null
      )
    );
  get diagnostics v_removed = row_count;
  insert into data.access_rule as r (account_id, scope, subject, communication, level)
  select p_account_id, n.scope, n.subject, n.communication, n.level
  from unnest(v_scopes, v_subjects, v_communications, v_levels) as n (scope, subject, communication, level)
  where n.communication is not null or n.level is not null
  on conflict (account_id, scope, subject) do update set communication = excluded.communication, level = excluded.level
  where (r.communication, r.level) is distinct from (excluded.communication, excluded.level);
  get diagnostics v_written = row_count;

  if (select count(*) from data.access_rule r where r.account_id = p_account_id) > greatest(p_maximum, v_before) then
    raise exception 'too_many_rules' using errcode = 'RC001';
  elsif v_removed + v_written = 0
    and (not p_replace or p_removed = coalesce((select s.removed from data.access_rule_set s where s.account_id = p_account_id), true)) then
    return 'unchanged';
  end if;
  insert into data.access_rule_set as s (account_id, version, removed) values (p_account_id, 1, p_removed)
  on conflict (account_id) do update set version = s.version + 1, removed = excluded.removed;
  perform api.touch_presence(array[p_account_id], p_now);
  perform api.touch_event(array[p_account_id], 'xcap-diff', p_now);
  return 'changed';
exception
  -- What was written is taken back.
  when sqlstate 'RC001' then
    return sqlerrm;
end
$function$


CREATE OR REPLACE FUNCTION api.write_contact_groups(p_account_id bigint, p_version bigint, p_replace boolean, p_groups jsonb, p_removed integer[], p_maximum integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_change record;
  v_id int;
  v_kept int[] := '{}';
  v_changes int := 0;
  v_before int;
  v_after int;
  v_names int;
begin
  insert into data.contact_list (account_id, version, removed) values (p_account_id, p_version - 1, true) on conflict (account_id) do nothing;
  select count(*) into v_before from data.contact_group g where g.account_id = p_account_id and not g.removed;

  for v_change in
    select (c.said ->> 'id')::int as id, c.said ->> 'name' as name, (c.said ->> 'position')::int as position, c.place::int as place
    from jsonb_array_elements(p_groups) with ordinality as c (said, place)
    order by c.place
  loop
    select g.id into v_id
    from data.contact_group g
    where g.account_id = p_account_id and not g.removed and (g.id = v_change.id or (v_change.id is null and g.name = v_change.name));
    if v_id is null and (v_change.name is null or (v_change.id is not null and not p_replace)) then
      raise exception 'group_unknown' using errcode = 'RC001';
    elsif v_id is null then
      update data.contact_list l set last_group_id = l.last_group_id + 1 where l.account_id = p_account_id returning l.last_group_id into v_id;
      insert into data.contact_group (account_id, id, name, position, version)
      select p_account_id, v_id, v_change.name, coalesce(case when p_replace then v_change.place - 1 end, v_change.position, max(g.position) + 1, 0), p_version
      from data.contact_group g
      where g.account_id = p_account_id and not g.removed;
      v_changes := v_changes + 1;
    else
      with changed as (
        update data.contact_group g
        set name = w.name, position = w.position, version = p_version
        from (
          select coalesce(v_change.name, o.name) as name,
            coalesce(case when p_replace then v_change.place - 1 end, v_change.position, o.position) as position
          from data.contact_group o
          where o.account_id = p_account_id and o.id = v_id
        ) as w
        where g.account_id = p_account_id and g.id = v_id and (g.name, g.position) is distinct from (w.name, w.position)
        returning g.id
      )
      select v_changes + count(*) into v_changes from changed;
    end if;
    v_kept := v_kept || v_id;
  end loop;

  v_changes := v_changes + api.remove_contact_groups(
    p_account_id,
    p_version,
    array(
      select g.id from data.contact_group g
      where g.account_id = p_account_id and not g.removed and (g.id = any (p_removed) or (p_replace and g.id <> all (v_kept)))
    )
  );

  select count(*), count(distinct g.name) into v_after, v_names from data.contact_group g where g.account_id = p_account_id and not g.removed;
  if v_names < v_after then
    raise exception 'group_exists' using errcode = 'RC001';
  elsif v_after > greatest(p_maximum, v_before) then
    raise exception 'too_many_groups' using errcode = 'RC001';
  end if;
  return v_changes;
end
$function$


CREATE OR REPLACE FUNCTION api.write_contacts(p_account_id bigint, p_version bigint, p_replace boolean, p_contacts jsonb, p_removed text[], p_new text[], p_new_accounts bigint[], p_maximum integer)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_last int;
  v_before int;
  v_after int;
  v_removed int;
  v_written int;
begin
  select count(*), coalesce(max(c.position), -1) into v_before, v_last from data.contact c where c.account_id = p_account_id and not c.removed;

  update data.contact c
  set removed = true, version = p_version, contact_account_id = null, display_name = null, note = null, groups = '{}'
  where c.account_id = p_account_id and not c.removed
    and (
      c.address = any (p_removed)
      -- "not in" is hashed; "not exists" would read the whole list for each contact.
      or (p_replace and c.address not in (select g ->> 'address' from jsonb_array_elements(p_contacts) as g))
    );
  get diagnostics v_removed = row_count;

  insert into data.contact as c (account_id, address, contact_account_id, display_name, note, position, groups, version)
  select p_account_id, g.address,
    case when g.address = any (p_new) then n.account_id else o.contact_account_id end,
    nullif(case when g.said ? 'displayName' then g.said ->> 'displayName' when not p_replace then o.display_name end, ''),
    nullif(case when g.said ? 'note' then g.said ->> 'note' when not p_replace then o.note end, ''),
    coalesce(case when p_replace then g.place - 1 end, (g.said ->> 'position')::int, o.position, v_last + g.place),
    case
      when jsonb_typeof(g.said -> 'groups') = 'array' then api.contact_groups(p_account_id, g.said -> 'groups')
      when not p_replace then coalesce(o.groups, '{}')
      else '{}'
    end,
    p_version
  from (
    -- The last one of an address counts.
    select distinct on (c.said ->> 'address') c.said ->> 'address' as address, c.said, c.place::int
    from jsonb_array_elements(p_contacts) with ordinality as c (said, place)
    order by c.said ->> 'address', c.place desc
  ) as g
  left join data.contact o on o.account_id = p_account_id and o.address = g.address and not o.removed
  left join unnest(p_new, p_new_accounts) as n (address, account_id) on n.address = g.address
  on conflict (account_id, address) do update
  set contact_account_id = excluded.contact_account_id, display_name = excluded.display_name, note = excluded.note,
    position = excluded.position, groups = excluded.groups, version = excluded.version, removed = false
  where c.removed
    or (c.display_name, c.note, c.position, c.groups) is distinct from (excluded.display_name, excluded.note, excluded.position, excluded.groups);
  get diagnostics v_written = row_count;

  select count(*) into v_after from data.contact c where c.account_id = p_account_id and not c.removed;
  if v_after > greatest(p_maximum, v_before) then
    raise exception 'too_many_contacts' using errcode = 'RC001';
  end if;
  return v_removed + v_written;
end
$function$


CREATE OR REPLACE FUNCTION api.write_directory_entries(p_entry_ids uuid[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
begin
  insert into data.directory_entry as e (
    entry_id, dn, account_id, user_part, domain, enabled, role, password_changed_at, sign_in_name, groups, person, problem, detail
  )
  select c.entry_id, c.dn, c.account_id, c.user_part, c.domain, c.enabled, c.role, c.password_changed_at, c.sign_in_name,
    coalesce(c.groups, '{}'), c.person, c.problem, c.detail
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'person'
  on conflict (entry_id) do update
  set dn = excluded.dn, account_id = excluded.account_id, user_part = excluded.user_part, domain = excluded.domain,
    enabled = excluded.enabled, role = excluded.role, password_changed_at = excluded.password_changed_at,
    sign_in_name = excluded.sign_in_name, groups = excluded.groups, person = excluded.person, problem = excluded.problem,
    detail = excluded.detail, gone_at = null;

  -- What it was like stays; it asks for no address now.
  insert into data.directory_entry as e (entry_id, dn, problem, detail)
  select c.entry_id, c.dn, c.problem, c.detail
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'skipped'
  on conflict (entry_id) do update
  set dn = excluded.dn, user_part = null, domain = null, problem = excluded.problem, detail = excluded.detail, gone_at = null;

  -- An entry that never had an account leaves nothing behind.
  delete from data.directory_entry e
  using data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'gone' and e.entry_id = c.entry_id and e.account_id is null;
  update data.directory_entry e
  set gone_at = p_now, enabled = false, problem = null, detail = null
  from data.directory_change c
  where c.entry_id = any (p_entry_ids) and c.kind = 'gone' and e.entry_id = c.entry_id and e.gone_at is null;
end
$function$


CREATE OR REPLACE FUNCTION api.write_people(p_account_ids bigint[], p_now timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  v_version bigint;
  v_left text[];
  v_here text[];
  v_managers text[];
begin
  if not exists (select from data.directory_entry e where e.account_id = any (p_account_ids)) then
    return;
  end if;
  update data.address_book b set version = b.version + 1 returning b.version into v_version;

  with gone as (
    delete from data.person p
    using data.account a, data.directory_entry e
    where p.account_id = any (p_account_ids) and a.id = p.account_id and e.account_id = p.account_id
      and (not a.enabled or e.gone_at is not null)
    returning p.address, p.hidden
  )
  select array_agg(g.address) filter (where not g.hidden) into v_left from gone g;

  with written as (
    insert into data.person as p (
      account_id, address, display_name, given_name, surname, mail, phones, title, department, company, office, manager_dn, photo_hash,
      hidden, version
    )
    select a.id, a.user_part || '@' || d.name, e.person ->> 'displayName', e.person ->> 'givenName', e.person ->> 'surname',
      e.person ->> 'mail', coalesce(e.person -> 'phones', '[]'), e.person ->> 'title', e.person ->> 'department', e.person ->> 'company',
      e.person ->> 'office', e.person ->> 'managerDn', e.person ->> 'photoHash', coalesce((e.person ->> 'hidden')::boolean, false), v_version
    from data.account a
    join data.domain d on d.id = a.domain_id
    join data.directory_entry e on e.account_id = a.id
    where a.id = any (p_account_ids) and a.enabled and e.gone_at is null
    on conflict (account_id) do update
    set address = excluded.address, display_name = excluded.display_name, given_name = excluded.given_name, surname = excluded.surname,
      mail = excluded.mail, phones = excluded.phones, title = excluded.title, department = excluded.department, company = excluded.company,
      office = excluded.office, manager_dn = excluded.manager_dn, photo_hash = excluded.photo_hash, hidden = excluded.hidden,
      version = excluded.version
    where (
        p.address, p.display_name, p.given_name, p.surname, p.mail, p.phones, p.title, p.department, p.company, p.office, p.manager_dn,
        p.photo_hash, p.hidden
      ) is distinct from (
        excluded.address, excluded.display_name, excluded.given_name, excluded.surname, excluded.mail, excluded.phones, excluded.title,
        excluded.department, excluded.company, excluded.office, excluded.manager_dn, excluded.photo_hash, excluded.hidden
      )
    returning new.account_id, old.address as old_address, new.address, old.hidden as was_hidden, new.hidden
  )
  select v_left || array_agg(w.old_address) filter (where not w.was_hidden and (w.old_address <> w.address or w.hidden)),
    array_agg(w.address) filter (where not w.hidden),
    array_agg(lower(e.dn)) filter (where w.old_address is distinct from w.address)
  into v_left, v_here, v_managers
  from written w
  join data.directory_entry e on e.account_id = w.account_id;

  insert into data.person_removed as r (address, version, removed_at)
  select l.address, v_version, p_now from unnest(v_left) as l (address) where l.address <> all (coalesce(v_here, '{}'))
  on conflict (address) do update set version = excluded.version, removed_at = excluded.removed_at;
  delete from data.person_removed r where r.address = any (v_here);

  -- Whose manager has another address now is told again.
  update data.person p
  set version = v_version
  where lower(p.manager_dn) = any (v_managers) and p.version <> v_version;
end
$function$


CREATE OR REPLACE FUNCTION data.person_names(p_display_name text, p_given_name text, p_surname text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN data.search_words(concat_ws(' '::text, p_display_name, CASE WHEN (POSITION((lower(p_given_name)) IN (lower(COALESCE(p_display_name, ''::text)))) = 0) THEN p_given_name ELSE NULL::text END, CASE WHEN (POSITION((lower(p_surname)) IN (lower(COALESCE(p_display_name, ''::text)))) = 0) THEN p_surname ELSE NULL::text END))


CREATE OR REPLACE FUNCTION data.search_words(p_text text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN "left"((' '::text || btrim(regexp_replace(casefold((regexp_replace(NORMALIZE(p_text, NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text) COLLATE pg_unicode_fast)), '[^[:alnum:]]+'::text, ' '::text, 'g'::text))), 500)


grant usage on schema api to rollcall_admin
grant execute on function api.add_account to rollcall_admin
grant execute on function api.add_alias to rollcall_admin
grant execute on function api.add_app_password to rollcall_admin
grant execute on function api.allow_directory_run to rollcall_admin
grant execute on function api.create_domain to rollcall_admin
grant execute on function api.directory_status to rollcall_admin
grant execute on function api.find_contacts to rollcall_admin
grant execute on function api.import_accounts to rollcall_admin
grant execute on function api.list_access_levels to rollcall_admin
grant execute on function api.list_access_rules to rollcall_admin
grant execute on function api.list_accounts to rollcall_admin
grant execute on function api.list_aliases to rollcall_admin
grant execute on function api.list_app_passwords to rollcall_admin
grant execute on function api.list_directory_problems to rollcall_admin
grant execute on function api.list_domains to rollcall_admin
grant execute on function api.list_endpoints to rollcall_admin
grant execute on function api.list_front_ends to rollcall_admin
grant execute on function api.notify to rollcall_admin
grant execute on function api.remove_access_rule to rollcall_admin
grant execute on function api.remove_account to rollcall_admin
grant execute on function api.remove_alias to rollcall_admin
grant execute on function api.remove_app_password to rollcall_admin
grant execute on function api.set_access_level to rollcall_admin
grant execute on function api.set_access_rule to rollcall_admin
grant execute on function api.set_account_enabled to rollcall_admin
grant execute on function api.set_password to rollcall_admin
grant usage on schema api to rollcall_front_end
grant execute on function api.acknowledge_notice to rollcall_front_end
grant execute on function api.add_account_as_admin to rollcall_front_end
grant execute on function api.add_app_password to rollcall_front_end
grant execute on function api.adopt_subscriptions to rollcall_front_end
grant execute on function api.change_access_rules to rollcall_front_end
grant execute on function api.change_account_as_admin to rollcall_front_end
grant execute on function api.change_contacts to rollcall_front_end
grant execute on function api.check_presence to rollcall_front_end
grant execute on function api.close_session to rollcall_front_end
grant execute on function api.count_subscriptions to rollcall_front_end
grant execute on function api.end_subscriptions to rollcall_front_end
grant execute on function api.find_access_rules to rollcall_front_end
grant execute on function api.find_certified_account to rollcall_front_end
grant execute on function api.find_changed_accounts to rollcall_front_end
grant execute on function api.find_contacts to rollcall_front_end
grant execute on function api.find_credentials to rollcall_front_end
grant execute on function api.find_endpoint_events to rollcall_front_end
grant execute on function api.find_front_ends to rollcall_front_end
grant execute on function api.find_keys to rollcall_front_end
grant execute on function api.find_messages to rollcall_front_end
grant execute on function api.find_notices to rollcall_front_end
grant execute on function api.find_person to rollcall_front_end
grant execute on function api.find_presence to rollcall_front_end
grant execute on function api.find_sign_in to rollcall_front_end
grant execute on function api.get_presence to rollcall_front_end
grant execute on function api.join_front_end to rollcall_front_end
grant execute on function api.keep_message to rollcall_front_end
grant execute on function api.leave_front_end to rollcall_front_end
grant execute on function api.list_accounts to rollcall_front_end
grant execute on function api.list_app_passwords to rollcall_front_end
grant execute on function api.list_domains to rollcall_front_end
grant execute on function api.list_endpoints to rollcall_front_end
grant execute on function api.list_front_ends to rollcall_front_end
grant execute on function api.list_people to rollcall_front_end
grant execute on function api.lose_subscriptions to rollcall_front_end
grant execute on function api.mark_endpoint_stale to rollcall_front_end
grant execute on function api.message_delivered to rollcall_front_end
grant execute on function api.notify to rollcall_front_end
grant execute on function api.open_session to rollcall_front_end
grant execute on function api.publish to rollcall_front_end
grant execute on function api.refresh_session to rollcall_front_end
grant execute on function api.register to rollcall_front_end
grant execute on function api.register_in_session to rollcall_front_end
grant execute on function api.release_messages to rollcall_front_end
grant execute on function api.remove_account_as_admin to rollcall_front_end
grant execute on function api.remove_app_password to rollcall_front_end
grant execute on function api.remove_dead_front_ends to rollcall_front_end
grant execute on function api.remove_expired_endpoints to rollcall_front_end
grant execute on function api.remove_expired_messages to rollcall_front_end
grant execute on function api.remove_expired_sessions to rollcall_front_end
grant execute on function api.remove_expired_subscriptions to rollcall_front_end
grant execute on function api.renew_front_end_lease to rollcall_front_end
grant execute on function api.renotify to rollcall_front_end
grant execute on function api.renotify_subscriptions to rollcall_front_end
grant execute on function api.route to rollcall_front_end
grant execute on function api.search_people to rollcall_front_end
grant execute on function api.session_holds to rollcall_front_end
grant execute on function api.set_presence to rollcall_front_end
grant execute on function api.store_messages to rollcall_front_end
grant execute on function api.subscribe to rollcall_front_end
grant execute on function api.take_messages to rollcall_front_end
grant execute on function api.take_notifications to rollcall_front_end
grant execute on function api.use_nonce to rollcall_front_end
grant usage on schema api to rollcall_replicator
grant execute on function api.apply_directory_changes to rollcall_replicator
grant execute on function api.begin_directory_run to rollcall_replicator
grant execute on function api.directory_status to rollcall_replicator
grant execute on function api.fail_directory_run to rollcall_replicator
grant execute on function api.known_members to rollcall_replicator
grant execute on function api.list_directory_problems to rollcall_replicator
grant execute on function api.lock_directory to rollcall_replicator
grant execute on function api.notify to rollcall_replicator
grant execute on function api.plan_directory_run to rollcall_replicator
grant execute on function api.remove_gone_account to rollcall_replicator
grant execute on function api.stage_directory_changes to rollcall_replicator
