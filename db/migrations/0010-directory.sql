-- Accounts that follow an LDAP directory: what the user replicator has read, and the people of the address book.

-- The one directory of the pool, and the latest run.
create table data.directory (
  id int primary key default 1 check (id = 1),
  -- The source's own bytes: where the next run goes on. Null: from the beginning.
  cookie bytea,
  cookie_at timestamptz,
  -- host:pid of who had the lock last; api.directory_status says whether it has it still.
  holder text collate "C",
  held_since timestamptz,
  run_started_at timestamptz,
  run_ended_at timestamptz,
  run_full boolean,
  -- Null while the run goes on.
  run_outcome text collate "C" check (run_outcome in ('applied', 'too_many', 'failed')),
  -- Of a failed run: a DirectoryError's code and sentence. Of too_many: how many of how many.
  run_error_code text collate "C",
  run_error text collate "C",
  would_disable int,
  would_disable_of int,
  -- Of the run: entries, added, changed, disabled, removed, conflicts, skipped.
  counts jsonb not null default '{}',
  last_applied_at timestamptz,
  last_full_at timestamptz,
  -- Percent that the next run may disable, whatever its limit is; null again after it.
  allowed_disable int check (allowed_disable between 0 and 100),
  -- As last used by api.remove_gone_account.
  grace_days int not null default 30
);

insert into data.directory default values;

-- What the directory says of each entry, with the account that follows it. Changed under the lock of the directory only.
create table data.directory_entry (
  -- entryUUID, objectGUID.
  entry_id uuid primary key,
  dn text collate "C" not null,
  -- Null: it has none yet (see problem).
  account_id bigint unique references data.account on delete cascade,
  -- The address that it asks for; the account has another while there is a problem. Null of one that was never complete.
  user_part text collate "C",
  domain text collate "C",
  -- As the directory has it; false of one that is gone. An administrator may have disabled the account besides.
  enabled boolean not null default false,
  role text collate "C" not null default 'user' check (role in ('user', 'admin')),
  password_changed_at timestamptz,
  -- What an LDAP bind takes.
  sign_in_name text collate "C",
  -- DNs of the configured groups that it is a member of.
  groups text[] collate "C" not null default '{}',
  -- The rest of DirectoryPerson in packages/back-end.
  person jsonb not null default '{}',
  problem text collate "C" check (problem in ('conflict', 'domain_unknown', 'no_address', 'malformed')),
  detail text collate "C",
  gone_at timestamptz
);

create index directory_entry_address on data.directory_entry (domain, user_part);
-- A hash: a DN may be longer than a B-tree takes.
create index directory_entry_dn on data.directory_entry using hash (lower(dn));
create index directory_entry_problem on data.directory_entry (entry_id) where problem is not null;
create index directory_entry_gone_at on data.directory_entry (gone_at) where gone_at is not null;

-- The changes of the run in progress. Unlogged: a run begins with none, and a crash of the server ends the run.
create unlogged table data.directory_change (
  entry_id uuid primary key,
  kind text collate "C" not null check (kind in ('person', 'skipped', 'gone')),
  dn text collate "C",
  user_part text collate "C",
  domain text collate "C",
  enabled boolean,
  role text collate "C",
  password_changed_at timestamptz,
  sign_in_name text collate "C",
  groups text[] collate "C",
  person jsonb,
  problem text collate "C",
  detail text collate "C",
  -- What follows is written by api.plan_directory_run: the entry's account, the one that has the address now, whether another
  -- entry asks for the address as well, whether the account is to get another address, and in which order such ones do.
  account_id bigint,
  holder_id bigint,
  contested boolean,
  moves boolean,
  batch int
);

create index directory_change_holder_id on data.directory_change (holder_id) where holder_id is not null;
create index directory_change_batch on data.directory_change (batch) where batch is not null;

-- Counts up in each transaction that changes people, under the lock of this row, so that versions are seen in their order.
create table data.address_book (
  id int primary key default 1 check (id = 1),
  version bigint not null default 0,
  -- Removals up to this version are forgotten: whoever has an earlier one is told everything.
  floor_version bigint not null default 0
);

insert into data.address_book default values;

-- The people of the directory whose accounts are enabled.
create table data.person (
  account_id bigint primary key references data.account on delete cascade,
  -- user@domain
  address text collate "C" not null,
  display_name text,
  given_name text,
  surname text,
  mail text,
  -- [{"type": work | mobile | home | other, "number"}]
  phones jsonb not null,
  title text,
  department text,
  company text,
  office text,
  -- lower(dn) in data.directory_entry leads to the account.
  manager_dn text collate "C",
  -- SHA-256 in hexadecimal digits.
  photo_hash text collate "C",
  hidden boolean not null,
  -- Of data.address_book, when it last changed.
  version bigint not null
);

create index person_version on data.person (version);
create index person_manager_dn on data.person using hash (lower(manager_dn)) where manager_dn is not null;

-- Addresses that have left the address book, for deltas.
create table data.person_removed (
  address text collate "C" primary key,
  version bigint not null,
  removed_at timestamptz not null
);

create index person_removed_version on data.person_removed (version);
create index person_removed_removed_at on data.person_removed (removed_at);
