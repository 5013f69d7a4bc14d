-- Months of readings that nobody keeps any more: whole partitions, never rows. keep counts full months before this one; 0 keeps all.
CREATE OR REPLACE FUNCTION reading_retention (keep int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  part    record;
  dropped int := 0;
BEGIN
  IF keep <= 0 THEN
    RETURN 0;
  END IF;
  FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.reading'::regclass
               AND c.relname ~ '^reading_\d{4}_\d{2}$'
               AND to_date (substr (c.relname, 9), 'YYYY_MM') < date_trunc ('month', now () AT TIME ZONE 'UTC') - make_interval (months => keep)
               ORDER BY 1 LOOP
    EXECUTE format ('DROP TABLE public.%I', part.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
