-- The processes of the pool, and the keys that they share.

create table data.front_end (
  id int generated always as identity primary key,
  process_id int not null,
  -- Where this front end is reached: {"internal": "10.0.0.5:5080", "udp": …, "tcp": …, "tls": …, "ws": …, "http": …}
  addresses jsonb not null,
  connections int not null default 0,
  joined_at timestamptz not null,
  renewed_at timestamptz not null,
  lease_expires_at timestamptz not null
) with (fillfactor = 20); -- renewed every second

-- Secrets that sign nonces and encrypt GRUUs; their ids travel in one byte and wrap around.
create table data.key (
  purpose text collate "C" not null check (purpose in ('nonce', 'gruu')),
  id smallint not null check (id between 0 and 255),
  secret bytea not null check (octet_length(secret) >= 32),
  created_at timestamptz not null,
  primary key (purpose, id)
);
