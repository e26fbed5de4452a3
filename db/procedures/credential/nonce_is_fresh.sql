-- Whether a nonce, used for the nth time, is neither spent nor replayed (RFC 7616 §3.4, "nc").
--
-- p_ids ascends; its first entry is the floor. An unknown id above the floor is a new nonce; a known one must count higher.
-- width_bucket finds how many ids are <= p_id, so p_ids[that] is p_id itself when it is known.
-- Inlined where it is called: no SET clause, immutable.
create or replace function api.nonce_is_fresh(p_ids bigint[], p_counts bigint[], p_id bigint, p_count bigint) returns boolean
language sql immutable parallel safe
return width_bucket(p_id, p_ids) > 0
  and (p_ids[width_bucket(p_id, p_ids)] <> p_id or (width_bucket(p_id, p_ids) > 1 and p_counts[width_bucket(p_id, p_ids)] < p_count));
