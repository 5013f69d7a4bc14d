-- A line of the journal may name a second id: the refund that a sale became which was given up. It comes back with the line.
CREATE OR REPLACE FUNCTION request_gate () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT c.reconciling FROM cluster c) AND EXISTS (
      SELECT FROM fresh f WHERE NOT EXISTS (SELECT FROM reconcile_line l WHERE l.request = f.id)
         AND NOT EXISTS (SELECT FROM reconcile_line l WHERE l.event = 2 AND split_part (l.facts, ',', 12) = f.id::text)) THEN
    RAISE EXCEPTION 'reconcile' USING ERRCODE = 'check_violation', CONSTRAINT = 'cluster_reconciling';
  END IF;
  RETURN NULL;
END $$;
