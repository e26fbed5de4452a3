-- What is registered now. Keyed by account first, so that it can be distributed by account.

-- Numbers endpoints and incarnations alike, so that neither ever comes back.
create sequence data.endpoint_id;

create table data.endpoint (
  -- No foreign key: it would cost a first registration a fifth more, and an endpoint is written and an account removed
  -- only under the lock of the account's row.
  account_id bigint not null,
  id bigint not null,
  -- A new one for each Call-ID: a temporary GRUU made for an earlier one is void (RFC 5627 §3.2).
  incarnation bigint not null,
  registered_at timestamptz not null,
  refreshed_at timestamptz not null,
  expires_at timestamptz not null,
  -- Never after expires_at; the only indexed time. A refresh leaves it alone, so that the refresh is a HOT update;
  -- api.remove_expired_endpoints moves it on when it finds the endpoint refreshed.
  expiry_check_at timestamptz not null,
  cseq bigint not null,
  -- The owner of the flow; no foreign key, since the endpoint outlives a front end that dies.
  front_end_id int not null,
  reg_id int,
  q smallint check (q between 0 and 1000),
  -- What makes two registrations the same binding: see api.binding_key.
  binding_key text collate "C" not null,
  call_id text collate "C" not null,
  uri text collate "C" not null,
  transport text collate "C" not null,
  flow text collate "C" not null,
  received_from text collate "C" not null,
  instance text collate "C",
  parameters text collate "C" not null,
  user_agent text collate "C",
  -- Path header values (RFC 3327), nearest the registrar first.
  path text[] collate "C" not null,
  primary key (account_id, binding_key)
  -- Half of each page stays free: a batch may refresh every endpoint on a page, and each such update is to be HOT.
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);

create index endpoint_expiry_check_at on data.endpoint (expiry_check_at);
