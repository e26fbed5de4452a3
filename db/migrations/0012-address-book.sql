-- Finding people in the address book: by how words of theirs begin, and by words that are like them.

-- pg_trgm is trusted: who owns the database may create it. In a schema that only procedures look into.
create schema if not exists extension;
create extension if not exists pg_trgm with schema extension;

-- ' words of text', without accents and in one case, each after one space: what begins with "mu" matches like '% mu%'. No more than
-- an index takes: of that many words nobody types the last.
create function data.search_words(p_text text) returns text
language sql immutable parallel safe
return left(' ' || btrim(regexp_replace(
  casefold(regexp_replace(normalize(p_text, NFKD), '[\u0300-\u036f]', '', 'g') collate "pg_unicode_fast"),
  '[^[:alnum:]]+', ' ', 'g'
)), 500);

-- A display name, with what it lacks of the other two.
create function data.person_names(p_display_name text, p_given_name text, p_surname text) returns text
language sql immutable parallel safe
return data.search_words(concat_ws(' ',
  p_display_name,
  case when position(lower(p_given_name) in lower(coalesce(p_display_name, ''))) = 0 then p_given_name end,
  case when position(lower(p_surname) in lower(coalesce(p_display_name, ''))) = 0 then p_surname end
));

revoke execute on function data.search_words, data.person_names from public;

-- What a person is called, and the words of all that may be searched for.
alter table data.person
  add column names text collate "C" generated always as (data.person_names(display_name, given_name, surname)) stored,
  add column words tsvector generated always as (array_to_tsvector(string_to_array(btrim(data.search_words(
    coalesce(display_name, '') || ' ' || coalesce(given_name, '') || ' ' || coalesce(surname, '') || ' ' || coalesce(department, '') || ' '
      || coalesce(title, '') || ' ' || coalesce(office, '') || ' ' || coalesce(company, '') || ' ' || address || ' ' || coalesce(mail, '')
  )), ' '))) stored;

create index person_address on data.person (address);
create index person_names on data.person (names);
-- Of what is still to be put in there is little: each search has to read all of it.
create index person_names_trigrams on data.person using gin (names extension.gin_trgm_ops) with (gin_pending_list_limit = 256);
create index person_words on data.person using gin (words) with (gin_pending_list_limit = 256);

-- For accounts made by hand, of which there is nothing but the address. No column of it changes, so updates stay HOT.
create index account_user_part_lower on data.account (lower(user_part));
