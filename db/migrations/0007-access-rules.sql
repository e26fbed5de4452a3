-- Who may reach an account and by which names, and which endpoints were not reached.

-- Other addresses of an account. A name belongs to one account or alias of its domain: whoever adds either holds the lock
-- of the domain's row (api.add_alias exclusively, those that add accounts shared).
create table data.account_alias (
  domain_id int not null references data.domain,
  -- As data.account.user_part.
  user_part text collate "C" not null check (octet_length(user_part) between 1 and 255),
  account_id bigint not null references data.account on delete cascade,
  primary key (domain_id, user_part)
);

create index account_alias_account_id on data.account_alias (account_id);

-- Keyed by account first, so that it can be distributed by account. Written under the lock of the account's row.
create table data.access_rule (
  account_id bigint not null references data.account on delete cascade,
  scope text collate "C" not null check (scope in ('everyone', 'domain', 'user')),
  -- '' for everyone, the domain, or user@domain; domains in lower case, user parts unescaped.
  subject text collate "C" not null check (octet_length(subject) <= 511 and (subject = '') = (scope = 'everyone')),
  -- Messages and calls.
  communication text collate "C" not null check (communication in ('allow', 'deny')),
  primary key (account_id, scope, subject)
);

-- When a front end failed to reach it; null again with its next registration. Not indexed, so that refreshes stay HOT.
alter table data.endpoint add column stale_at timestamptz;
