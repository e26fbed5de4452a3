-- The counts that belong to api.nonce_ids_with(p_ids, p_id), p_count being that of p_id. Inlined where it is called.
create or replace function api.nonce_counts_with(p_ids bigint[], p_counts bigint[], p_id bigint, p_count bigint) returns bigint[]
language sql immutable parallel safe
return case
  when p_ids[width_bucket(p_id, p_ids)] = p_id
    then p_counts[: width_bucket(p_id, p_ids) - 1] || p_count || p_counts[width_bucket(p_id, p_ids) + 1 :]
  else p_counts[case when cardinality(p_ids) > 8 then 2 else 1 end : width_bucket(p_id, p_ids)] || p_count || p_counts[width_bucket(p_id, p_ids) + 1 :]
end;
