-- audit_append: one row of the log, chained under the lock of the site's head. Taken last in every transaction: the head is one row.
CREATE OR REPLACE FUNCTION audit_text (a audit) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT concat_ws ('|', a.site, a.n, (extract (epoch FROM a.at) * 1000000)::bigint, a.operator, a.address, a.action, a.object, a.result,
                    coalesce (a.before::text, ''), coalesce (a.after::text, ''), a.request)
$$;

CREATE OR REPLACE FUNCTION audit_append (p_site bigint, p_operator bigint, p_address text, p_action text, p_object text, p_result text,
                                         p_before jsonb, p_after jsonb, p_request text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  head chain_head;
  a    audit;
BEGIN
  INSERT INTO chain_head (site, chain) VALUES (p_site, 1) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT head FROM chain_head WHERE site = p_site AND chain = 1 FOR UPDATE;
  a := ROW (p_site, head.n + 1, clock_timestamp (), p_operator, p_address, p_action, p_object, p_result, p_before, p_after, p_request, head.hash);
  a.hash := sha256 (head.hash || convert_to (audit_text (a), 'UTF8'));
  INSERT INTO audit SELECT a.*;
  UPDATE chain_head SET n = a.n, hash = a.hash WHERE site = p_site AND chain = 1;
  RETURN a.n;
END $$;

-- The first broken row of a site's log, or 0 when it is whole.
CREATE OR REPLACE FUNCTION audit_first_broken (p_site bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  a    audit;
  last bytea := sha256 ('');
  k    bigint := 0;
BEGIN
  FOR a IN SELECT * FROM audit WHERE site = p_site ORDER BY n LOOP
    k := k + 1;
    IF a.n <> k OR a.hash <> sha256 (last || convert_to (audit_text (a), 'UTF8')) THEN
      RETURN k;
    END IF;
    last := a.hash;
  END LOOP;
  IF EXISTS (SELECT FROM chain_head WHERE site = p_site AND chain = 1 AND (n <> k OR hash <> last)) THEN
    RETURN k + 1;
  END IF;
  RETURN 0;
END $$;
