-- App passwords: further passwords of an account, one for each device that knows Digest alone and nothing of tokens.

create sequence data.app_password_id as int;

-- 0 is the account's own password, which one that follows a directory has not. Any other is an app password, by which the
-- user tells it from the rest. Ids are not used again, so that a removal that comes twice removes nothing else.
alter table data.credential
  add column id int not null default 0 check (id >= 0),
  add column name text check (octet_length(name) between 1 and 255),
  add column created_at timestamptz,
  add check (num_nonnulls(name, created_at) = case id when 0 then 0 else 2 end),
  drop constraint credential_pkey,
  add primary key (account_id, id);
