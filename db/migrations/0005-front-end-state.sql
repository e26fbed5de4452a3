-- A front end that stops says so before its lease ends, and what hung on a dead one's connections is found quickly.

-- serving; draining: it gets no new clients and ends soon; left, dead: gone, kept only until its endpoints are removed.
alter table data.front_end add column state text collate "C" not null default 'serving'
  check (state in ('serving', 'draining', 'left', 'dead'));

-- A refresh through the same front end changes neither column, so it stays a HOT update. Endpoints over UDP and HTTP
-- outlive their front end: they are left out.
create index endpoint_connection on data.endpoint (front_end_id) where transport in ('TCP', 'TLS', 'WS', 'WSS');
