-- Finds people. Each word of the query is the beginning of a word of theirs, or, where too few are found, the query is like their name.
-- In this order: names that begin with the query; names; addresses of accounts made by hand; all that is said of them; similar
-- names. Hidden people find only themselves (p_reader). Nothing is locked.
-- A step sorts as many as it looks at, so of very many that match it does not choose among all (v_most).
create or replace function api.search_people(p_reader bigint, p_query text, p_limit int)
returns table (
  is_similar boolean,
  address text,
  display_name text,
  given_name text,
  surname text,
  mail text,
  phones jsonb,
  title text,
  department text,
  company text,
  office text,
  manager text,
  photo_hash text,
  in_directory boolean
)
language plpgsql stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_indexonlyscan = off
as $$
#variable_conflict use_column
declare
  v_highest constant text := chr(1114111);
  v_most constant int := 300;
  -- The longest first: they leave the fewest.
  v_words text[] := (
    select array_agg(w.word order by length(w.word) desc, w.word)
    from (select distinct w.word from unnest(string_to_array(btrim(data.search_words(p_query)), ' ')) as w (word) where w.word <> '' limit 8) as w
  );
  v_patterns text[] := (select array_agg('% ' || w.word || '%' order by w.place) from unnest(v_words) with ordinality as w (word, place));
  v_first text := v_patterns[1];
  v_second text := coalesce(v_patterns[2], v_first);
  v_query tsquery := (select string_agg(w.word || ':*', ' & ')::tsquery from unnest(v_words) as w (word));
  v_begin text := data.search_words(p_query);
  v_user text := lower(split_part(btrim(p_query), '@', 1));
  v_domain text := lower(split_part(btrim(p_query), '@', 2));
  v_found bigint[];
  v_alike int;
begin
  if v_words is null then
    return;
  end if;

  select coalesce(array_agg(f.account_id order by f.names, f.account_id), '{}') into v_found
  from (
    select p.account_id, p.names
    from data.person p
    where p.names >= v_begin and p.names < v_begin || v_highest and (not p.hidden or p.account_id = p_reader)
    order by p.names
    limit p_limit
  ) as f;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.account_id order by f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names
      from data.person p
      where p.names like v_first and p.names like v_second and p.names like all (v_patterns)
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.id order by f.user_part, f.id) into v_found
    from (
      select a.id, a.user_part, a.enabled, a.domain_id
      from data.account a
      where lower(a.user_part) >= v_user and lower(a.user_part) < v_user || v_highest
      order by lower(a.user_part)
      limit 1000
    ) as f
    join data.domain d on d.id = f.domain_id
    where f.enabled and starts_with(d.name, v_domain) and (v_domain = '' or lower(f.user_part) = v_user)
      and not exists (select from data.directory_entry e where e.account_id = f.id);
  end if;

  if cardinality(v_found) < p_limit then
    select v_found || array_agg(f.account_id order by f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names
      from data.person p
      where p.words @@ v_query
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;
  v_alike := cardinality(v_found);

  -- Of one letter or two all names are alike, and an address is like none.
  if v_alike < p_limit and length(v_begin) > 3 and p_query not like '%@%' then
    -- Not as an attribute of this procedure: of a module that is not loaded yet only a superuser may give one.
    perform set_config('pg_trgm.word_similarity_threshold', '0.45', true);
    select v_found || array_agg(f.account_id order by f.similarity desc, f.names, f.account_id) into v_found
    from (
      select p.account_id, p.names, extension.word_similarity(v_begin, p.names) as similarity
      from data.person p
      where v_begin operator(extension.<%) p.names
        and (not p.hidden or p.account_id = p_reader) and p.account_id <> all (v_found)
      limit v_most
    ) as f;
  end if;

  return query
  select s.place > v_alike, s.address, s.display_name, s.given_name, s.surname, s.mail, s.phones, s.title, s.department, s.company, s.office,
    s.manager, s.photo_hash, s.in_directory
  from api.show_people(v_found[:p_limit], p_reader) as s
  order by s.place;
end
$$;
