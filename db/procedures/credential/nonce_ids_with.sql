-- The ids of an account's used nonces once p_id is among them: the floor and at most eight, ascending.
-- When a ninth comes the smallest of the nine becomes the floor. Inlined where it is called.
create or replace function api.nonce_ids_with(p_ids bigint[], p_id bigint) returns bigint[]
language sql immutable parallel safe
return case
  when p_ids[width_bucket(p_id, p_ids)] = p_id then p_ids
  else p_ids[case when cardinality(p_ids) > 8 then 2 else 1 end : width_bucket(p_id, p_ids)] || p_id || p_ids[width_bucket(p_id, p_ids) + 1 :]
end;
