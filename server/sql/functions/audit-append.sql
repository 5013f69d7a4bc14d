-- audit_append: one row of the log, chained under the lock of the site's head. Taken last in every transaction: the head is one row.
CREATE OR REPLACE FUNCTION audit_text (a audit) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN concat_ws ('|', a.site, a.n, (extract (epoch FROM a.at) * 1000000)::bigint, a.operator, a.address, a.action, a.object, a.result,
                    coalesce (a.before::text, ''), coalesce (a.after::text, ''), a.request);
END $$;

-- Many rows of one transaction under one lock of each head; n and hash are filled in.
CREATE OR REPLACE FUNCTION audit_append_all (p_rows audit[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  head    chain_head;
  a       audit;
  chained audit[] := '{}';
  sites   bigint[] := ARRAY (SELECT DISTINCT u.site FROM unnest (p_rows) u);
BEGIN
  IF (SELECT count (*) FROM chain_head WHERE chain = 1 AND site = ANY (sites)) < cardinality (sites) THEN
    INSERT INTO chain_head (site, chain) SELECT s, 1 FROM unnest (sites) s ON CONFLICT DO NOTHING;
  END IF;
  FOR head IN SELECT * FROM chain_head WHERE chain = 1 AND site = ANY (sites) ORDER BY site FOR UPDATE LOOP
    FOREACH a IN ARRAY p_rows LOOP
      CONTINUE WHEN a.site <> head.site;
      head.n := head.n + 1;
      a.n := head.n;
      head.hash := sha256 (head.hash || convert_to (audit_text (a), 'UTF8'));
      a.hash := head.hash;
      chained := chained || a;
    END LOOP;
    UPDATE chain_head SET n = head.n, hash = head.hash WHERE site = head.site AND chain = 1;
  END LOOP;
  INSERT INTO audit SELECT u.* FROM unnest (chained) u;
  RETURN head.n;
END $$;

CREATE OR REPLACE FUNCTION audit_append (p_site bigint, p_operator bigint, p_address text, p_action text, p_object text, p_result text,
                                         p_before jsonb, p_after jsonb, p_request text) RETURNS bigint LANGUAGE sql AS $$
  SELECT audit_append_all (ARRAY[ROW (p_site, 0, clock_timestamp (), p_operator, p_address, p_action, p_object, p_result, p_before, p_after, p_request, NULL)::audit])
$$;

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
