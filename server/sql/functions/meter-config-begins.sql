-- What a new meter holds is looked at soon. Those that begin together are due in an order drawn by lot: in the order of their numbers all
-- looks would fall on a few lines, while the others rest.
CREATE OR REPLACE FUNCTION meter_config_begins () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO meter_config (meter, due_at) SELECT id, now () + interval '30 seconds' + random () * interval '1 second' FROM fresh ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
