-- Every site has two chains: of the ledger (0) and of the log (1).
CREATE OR REPLACE FUNCTION site_begins () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO chain_head (site, chain) VALUES (NEW.id, 0), (NEW.id, 1) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER site_begins AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION site_begins ();
INSERT INTO chain_head (site, chain) SELECT s.id, c FROM site s, (VALUES (0), (1)) AS v (c) ON CONFLICT DO NOTHING;
