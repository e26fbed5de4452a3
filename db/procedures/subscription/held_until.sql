-- Until when a subscription's minimal interval (RFC 6446) holds back what has changed; null: it does not. Inlined where it is called.
create or replace function api.held_until(p_min_interval int, p_full_due boolean, p_notified_at timestamptz, p_now timestamptz) returns timestamptz
language sql stable
as $$
  select case
    when p_min_interval > 0 and not p_full_due and p_notified_at + p_min_interval * interval '1 ms' > p_now
      then p_notified_at + p_min_interval * interval '1 ms'
  end;
$$;
