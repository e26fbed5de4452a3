-- HTTP clients: their sessions, and what their endpoints are told.

-- 'token' keys sign access tokens.
alter table data.key drop constraint key_purpose_check;
alter table data.key add constraint key_purpose_check check (purpose in ('nonce', 'gruu', 'token'));

-- Keyed by account first, so that it can be distributed by account. Written under the lock of the account's row.
create table data.session (
  account_id bigint not null references data.account on delete cascade,
  id uuid not null,
  -- The account's when the password was checked: the session ends when the account moves on.
  credential_version int not null,
  -- SHA-256 of the two halves of the refresh token. The family stays for the life of the session, the secret changes with
  -- each refresh: who knows the family and an older secret uses a token for the second time.
  family_hash bytea not null check (octet_length(family_hash) = 32),
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  opened_at timestamptz not null,
  refreshed_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (account_id, id)
);

create index session_expires_at on data.session (expires_at);

-- What an HTTP endpoint is told on its event stream; kept for a while, so that a stream that broke goes on where it was.
-- No foreign key: the last event of a removed account outlives it.
create table data.endpoint_event (
  account_id bigint not null,
  -- Of the sequence that numbers endpoints: an event of a registration has a higher number than its endpoint.
  -- Events of one account are written under the lock of its row, so their numbers grow in the order of their commits.
  id bigint not null,
  occurred_at timestamptz not null,
  event text collate "C" not null check (event in ('registered', 'removed')),
  reason text collate "C" check (reason in ('quota', 'disabled', 'deleted', 'expired')),
  instance text collate "C" not null,
  primary key (account_id, id),
  check ((event = 'removed') = (reason is not null))
);

create index endpoint_event_occurred_at on data.endpoint_event (occurred_at);
