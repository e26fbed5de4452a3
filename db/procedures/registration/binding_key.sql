-- What tells an account's bindings apart; the second half of the endpoint's primary key.
--
-- With an instance and a reg-id the pair does, whatever the URI: a new contact of the same flow replaces the old one
-- (RFC 5626 §6). Otherwise the URI does, in canonical form (RFC 3261 §10.3 step 7, §19.1.4). An instance alone only
-- names a GRUU: RFC 5627 leaves the binding to its URI, and one user agent may register two contacts at once, so the
-- GRUU leads to the endpoint of that instance that was refreshed last.
-- A long key is digested, since an index entry has at most 2,700 bytes. Inlined where it is called.
create or replace function api.binding_key(p_key text, p_instance text, p_reg_id int) returns text
language sql stable parallel safe
return case
  when octet_length(p_key) + coalesce(octet_length(p_instance), 0) > 300
    then encode(sha256(convert_to(case when p_instance is not null and p_reg_id is not null then p_instance || ' ' || p_reg_id else p_key end, 'UTF8')), 'hex')
  when p_instance is not null and p_reg_id is not null then p_instance || ' ' || p_reg_id
  else p_key
end;
