-- audit_append: one row of the log, chained under the lock of the site's head. Taken last in every transaction: the head is one row.
CREATE OR REPLACE FUNCTION audit_text (a audit) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN concat_ws ('|', a.site, a.n, (extract (epoch FROM a.at) * 1000000)::bigint, a.operator, a.address, a.action, a.object, a.result,
                    coalesce (a.before::text, ''), coalesce (a.after::text, ''), a.request);
END $$;

-- One link of a chain: each hash covers the one before. In the order of a window, from the head that is given.
CREATE OR REPLACE FUNCTION chain_link (last bytea, head bytea, line text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN sha256 (coalesce (last, head) || convert_to (line, 'UTF8'));
END $$;
CREATE OR REPLACE AGGREGATE chain_hash (head bytea, line text) (SFUNC = chain_link, STYPE = bytea);

-- Many rows of one transaction under one lock of each head; n and hash are filled in.
CREATE OR REPLACE FUNCTION audit_append_all (p_rows audit[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  sites bigint[] := ARRAY (SELECT DISTINCT u.site FROM unnest (p_rows) u ORDER BY 1);
  heads int;
  place bigint;
BEGIN
  PERFORM FROM chain_head WHERE chain = 1 AND site = ANY (sites) ORDER BY site FOR UPDATE;
  GET DIAGNOSTICS heads = ROW_COUNT;
  IF heads < cardinality (sites) THEN
    INSERT INTO chain_head (site, chain) SELECT s, 1 FROM unnest (sites) s ON CONFLICT DO NOTHING;
    PERFORM FROM chain_head WHERE chain = 1 AND site = ANY (sites) ORDER BY site FOR UPDATE;
  END IF;
  WITH fresh AS (
    SELECT ROW (u.site, h.n + row_number () OVER (PARTITION BY u.site ORDER BY u.ordinality), u.at, u.operator, u.address, u.action, u.object,
                u.result, u.before, u.after, u.request, NULL)::audit AS a, h.hash AS head
      FROM unnest (p_rows) WITH ORDINALITY u JOIN chain_head h ON h.site = u.site AND h.chain = 1),
  added AS (
    INSERT INTO audit (site, n, at, operator, address, action, object, result, before, after, request, hash)
      SELECT (f.a).site, (f.a).n, (f.a).at, (f.a).operator, (f.a).address, (f.a).action, (f.a).object, (f.a).result, (f.a).before, (f.a).after,
             (f.a).request, chain_hash (f.head, audit_text (f.a)) OVER (PARTITION BY (f.a).site ORDER BY (f.a).n)
        FROM fresh f
      RETURNING site, n, hash),
  moved AS (
    UPDATE chain_head h SET n = l.n, hash = l.hash FROM (SELECT DISTINCT ON (x.site) x.site, x.n, x.hash FROM added x ORDER BY x.site, x.n DESC) l
     WHERE h.site = l.site AND h.chain = 1
    RETURNING h.n)
  SELECT max (m.n) INTO place FROM moved m;
  RETURN place;
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
