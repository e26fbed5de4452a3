-- Who may register: domains, accounts, their credentials.

create table data.domain (
  id int generated always as identity primary key,
  -- Lower case, as RFC 3261 §19.1.4 compares hosts.
  name text collate "C" not null unique check (name = lower(name) and octet_length(name) between 1 and 255)
);

-- Every procedure that changes anything of an account first locks its row here, in ascending id.
create table data.account (
  id bigint generated always as identity primary key,
  domain_id int not null references data.domain,
  -- The unescaped user part of the address of record; case-sensitive (RFC 3261 §19.1.4).
  user_part text collate "C" not null check (octet_length(user_part) between 1 and 255),
  role text collate "C" not null default 'user' check (role in ('user', 'admin')),
  enabled boolean not null default true,
  -- Grows when the password changes or the account is disabled or enabled: whoever verified credentials of an earlier version starts again.
  credential_version int not null default 1,
  created_at timestamptz not null default now(),
  -- The nonces used last, ascending (their ids grow with time), and the highest nonce count of each.
  -- The first is the floor: it and all before it are spent. See api.nonce_is_fresh.
  nonce_ids bigint[] not null default '{0}',
  nonce_counts bigint[] not null default '{0}',
  unique (domain_id, user_part)
  -- Half of each page stays free: a batch uses a nonce of every account on a page, and each such update is to be HOT.
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);

-- HA1 of RFC 7616 §3.4.2 and RFC 8760; the password itself never reaches the back end.
create table data.credential (
  account_id bigint primary key references data.account on delete cascade,
  md5 bytea check (octet_length(md5) = 16),
  sha_256 bytea check (octet_length(sha_256) = 32),
  sha_512_256 bytea check (octet_length(sha_512_256) = 32),
  check (num_nonnulls(md5, sha_256, sha_512_256) > 0)
);
