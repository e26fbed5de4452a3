-- Presence: what endpoints publish, what the back end makes of it, who watches it; contact lists and who may see what.

-- What each access level sees; an administrator may change it (api.set_access_level). 'blocked' sees offline and nothing else.
create table data.access_level (
  level text collate "C" primary key check (level in ('blocked', 'public', 'company', 'team', 'personal')),
  -- Of two rules that match alike the one with the lower rank counts; a watcher of a higher rank sees more.
  rank smallint not null unique,
  activity boolean not null,
  note boolean not null,
  calendar boolean not null,
  phone boolean not null,
  location boolean not null,
  -- Since when a device is idle.
  device boolean not null,
  -- The services that endpoints offer, with their contacts.
  services boolean not null,
  -- Card, icon and homepage (RFC 4482).
  person boolean not null
);

insert into data.access_level values
  ('blocked', 0, false, false, false, false, false, false, false, false),
  ('public', 1, false, false, false, false, false, false, false, false),
  ('company', 2, true, true, false, false, false, true, true, true),
  ('team', 3, true, true, true, true, true, true, true, true),
  ('personal', 4, true, true, true, true, true, true, true, true);

-- A rule may say either or both; a null says nothing, and a less specific rule counts.
alter table data.access_rule
  alter column communication drop not null,
  add column level text collate "C" references data.access_level,
  add constraint access_rule_says check (communication is not null or level is not null);

create index access_rule_level on data.access_rule (account_id) where level is not null;

-- What an endpoint says of its user (RFC 3903). Written under the lock of the account's row.
create table data.publication (
  account_id bigint not null references data.account on delete cascade,
  -- Of the sequence that numbers endpoints. 0: what the user has said by hand, over HTTP.
  id bigint not null,
  -- Counts up with each change and refresh: the entity tag is ID.VERSION in hexadecimal.
  version int not null,
  event text collate "C" not null check (event in ('presence', 'dialog')),
  -- The endpoint whose flow it came on, if any: it ends with that endpoint.
  binding_key text collate "C",
  -- As the front end has read it (PublishedState in packages/back-end); of a dialog event {"document": text}.
  state jsonb not null check (octet_length(state::text) <= 65536),
  -- When the state last changed, by this server's clock.
  changed_at timestamptz not null,
  -- Null: until it is removed.
  expires_at timestamptz,
  primary key (account_id, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

-- What watchers are told, by event package. Rows are made when somebody first watches or publishes; an account without one is
-- read from its endpoints. Written under the lock of the account's row.
create table data.event_state (
  account_id bigint not null references data.account on delete cascade,
  event text collate "C" not null check (event in ('presence', 'presence.winfo', 'reg', 'dialog', 'message-summary', 'xcap-diff')),
  -- Of presence the access level that sees it, but 'blocked', which always sees the same; of other events ''.
  level text collate "C" not null,
  version bigint not null,
  changed_at timestamptz not null,
  -- PresenceState in packages/back-end; null where watchers are told what is found at that moment.
  state jsonb,
  primary key (account_id, event, level)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

-- For the slow poll, which finds what a lost wake-up was about.
create index event_state_changed_at on data.event_state (changed_at);

-- When presence changes by itself: an endpoint or a publication expires. Refreshes of registrations leave it alone, so it is
-- never late, and often early: api.check_presence moves it on.
create table data.presence_check (
  account_id bigint primary key references data.account on delete cascade,
  check_at timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

create index presence_check_check_at on data.presence_check (check_at);

-- A watcher's dialog with the pool (RFC 6665). Keyed by the watcher's account; 0 for a watcher outside the pool.
create table data.subscription (
  account_id bigint not null,
  -- Of the sequence that numbers endpoints.
  id bigint not null,
  -- user@domain, for access rules.
  watcher text collate "C" not null,
  event text collate "C" not null,
  event_id text collate "C",
  -- Its own contact list (RFC 4662); else data.watch has the one account that it is about.
  is_list boolean not null,
  -- As subscribed to.
  target text collate "C" not null,
  -- The dialog.
  call_id text collate "C" not null,
  local_tag text collate "C" not null,
  remote_tag text collate "C" not null,
  local_uri text collate "C" not null,
  remote_uri text collate "C" not null,
  -- Our Contact, and the watcher's.
  local_target text collate "C" not null,
  remote_target text collate "C" not null,
  -- Record-Route values, in the order of Route.
  route_set text[] collate "C" not null,
  remote_cseq bigint not null,
  -- Of the latest NOTIFY.
  cseq bigint not null default 0,
  -- Where its watcher is: the binding that it has registered, if any, and what that was last known by. front_end_id null: it
  -- has lost its connection, and waits until its binding registers or it subscribes again.
  binding_key text collate "C",
  front_end_id int,
  transport text collate "C" not null,
  flow text collate "C" not null,
  received_from text collate "C" not null,
  -- Everything is due: the next NOTIFY has the full state.
  full_due boolean not null default true,
  -- Of RLMI and watcherinfo; counts the notifications.
  version bigint not null default 0,
  notified_at timestamptz,
  -- ms between two notifications (RFC 6446).
  min_interval int not null default 0,
  expires_at timestamptz not null,
  -- As data.endpoint.expiry_check_at.
  expiry_check_at timestamptz not null,
  primary key (account_id, id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

create index subscription_expiry_check_at on data.subscription (expiry_check_at);
-- What is due in full, and what dead front ends have left. A notification of changes alone is a HOT update.
create index subscription_front_end on data.subscription (front_end_id, full_due);

-- Whom a subscription is about: one row, or one for each contact in the pool. What it has been told is what the last NOTIFY
-- said; it is due when that is not what data.event_state says now, or when its level is another.
create table data.watch (
  account_id bigint not null,
  event text collate "C" not null,
  subscriber_id bigint not null,
  subscription_id bigint not null,
  -- user@domain, as the contact list or the subscription has it, and the name of the contact.
  address text collate "C" not null,
  name text collate "C",
  -- Of this watcher where no access rule says one.
  default_level text collate "C" not null,
  notified_level text collate "C",
  notified_version bigint,
  primary key (account_id, event, subscriber_id, subscription_id),
  foreign key (subscriber_id, subscription_id) references data.subscription on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 5);

-- Not with the account: what watches an account is to be found by the primary key, also by a plan made while the table was empty.
create index watch_subscription on data.watch (subscriber_id, subscription_id);

-- One row for each account with contacts; changed under the lock of the account's row.
create table data.contact_list (
  account_id bigint primary key references data.account on delete cascade,
  -- Counts up with each change: the entity tag of the list.
  version bigint not null,
  -- Removed rows up to this version are gone: whoever has an earlier one is told everything.
  floor_version bigint not null default 0,
  last_group_id int not null default 0
);

create table data.contact_group (
  account_id bigint not null references data.account on delete cascade,
  id int not null,
  name text collate "C" not null check (octet_length(name) between 1 and 255),
  position int not null,
  -- Of the list, when it last changed; removed ones stay for a while, for deltas.
  version bigint not null,
  removed boolean not null default false,
  primary key (account_id, id)
);

create table data.contact (
  account_id bigint not null references data.account on delete cascade,
  -- user@domain, as access rules have it.
  address text collate "C" not null check (octet_length(address) between 3 and 511),
  -- In the pool; null: elsewhere, or not yet.
  contact_account_id bigint,
  display_name text collate "C" check (octet_length(display_name) <= 255),
  note text collate "C" check (octet_length(note) <= 1023),
  position int not null,
  -- data.contact_group.id; empty: in none.
  groups int[] not null,
  version bigint not null,
  removed boolean not null default false,
  primary key (account_id, address)
);

create index contact_of on data.contact (contact_account_id) where contact_account_id is not null and not removed;
-- For an account or alias that appears, or leaves.
create index contact_address on data.contact (address) where not removed;

-- "X added you": told to the person added, until acknowledged.
create table data.contact_notice (
  account_id bigint not null references data.account on delete cascade,
  id bigint not null,
  -- user@domain
  adder text collate "C" not null,
  occurred_at timestamptz not null,
  primary key (account_id, id),
  unique (account_id, adder)
);

-- One row for each account that has had access rules; changed with them.
create table data.access_rule_set (
  account_id bigint primary key references data.account on delete cascade,
  -- Counts up with each change: the entity tag of the rules.
  version bigint not null
);
