-- The log rows of an import under one lock of the head. p_rows: [{"object", "before"?, "after"?}]; returns how many.
CREATE OR REPLACE FUNCTION import_audit (p_site bigint, p_operator bigint, p_address text, p_action text, p_request text, p_rows jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  stamp timestamptz := clock_timestamp ();
  added audit[] := ARRAY (
    SELECT ROW (p_site, 0, stamp, p_operator, p_address, p_action, x.object, 'ok', x.before, x.after, p_request, NULL)::audit
      FROM jsonb_to_recordset (p_rows) AS x (object text, before jsonb, after jsonb));
BEGIN
  IF cardinality (added) > 0 THEN
    PERFORM audit_append_all (added);
  END IF;
  RETURN cardinality (added);
END $$;
