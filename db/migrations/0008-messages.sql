-- Messages that wait for an endpoint of their account. Both tables are written under the lock of the account's row, have no
-- foreign key for that reason, and are keyed by account first, so that they can be distributed by account.

-- A message that was acknowledged with 202, until an endpoint has it.
create table data.message (
  account_id bigint not null,
  -- Of the sequence that numbers endpoints; given under the account's lock, so it grows in the order of commits.
  id bigint not null,
  stored_at timestamptz not null,
  expires_at timestamptz not null,
  -- What tells the request from others of its sender: stored again, it is the same message.
  request_hash bytea check (octet_length(request_hash) = 16),
  -- Only for these HTTP endpoints, that have not acknowledged yet; null: for whichever endpoint comes first.
  instances text[] collate "C" check (cardinality(instances) > 0),
  -- One of them has acknowledged.
  acknowledged boolean not null default false,
  sender text collate "C" not null,
  recipient text collate "C" not null,
  call_id text collate "C" not null,
  content_type text collate "C" not null,
  -- To be sent again: [[name, value], …]
  headers json not null,
  body bytea not null,
  primary key (account_id, id)
) with (autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

create unique index message_request_hash on data.message (account_id, request_hash) where request_hash is not null;
create index message_expires_at on data.message (expires_at);

-- One row for each account that messages wait for: what they take up, and who delivers them now.
create table data.message_queue (
  account_id bigint primary key,
  messages int not null,
  bytes bigint not null,
  -- Of the sequence that numbers endpoints; null: nobody delivers.
  claim bigint,
  -- It counts no longer when its front end is dead or it has expired.
  claim_front_end_id int,
  claim_endpoint_id bigint,
  claim_expires_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);
