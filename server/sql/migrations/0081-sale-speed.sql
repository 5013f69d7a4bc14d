-- What a sale costs: references that hold by other means are not looked up again for each row, and what is nearly always NULL is in no index.
-- Rows of request, drawer, site, tx and posting are never deleted: nobody has the grant.

-- A posting's transaction: asked once a statement, by posting_sums_to_zero ().
ALTER TABLE posting DROP CONSTRAINT posting_site_n_fkey;

-- A sale's meter stands in meter_purse and account_meter, which hold it; its drawer was locked by ledger_post (); its id and a money command's
-- are put into request by the same statement. ledger_violations () asks for all of them again.
ALTER TABLE sale DROP CONSTRAINT sale_meter_fkey, DROP CONSTRAINT sale_drawer_fkey, DROP CONSTRAINT sale_id_fkey;
-- A log's site is that of its chain_head, which is locked and holds it.
ALTER TABLE audit DROP CONSTRAINT audit_site_fkey;

-- Commands: only those without a purse (kinds above 1) ask for their meter and their id, and a meter with commands is not deleted.
ALTER TABLE command DROP CONSTRAINT command_meter_fkey, DROP CONSTRAINT command_id_fkey;
CREATE FUNCTION command_refers () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  PERFORM FROM meter WHERE id = NEW.meter FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'command without its meter' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'command_meter_fkey';
  END IF;
  IF NOT EXISTS (SELECT FROM request r WHERE r.id = NEW.id) THEN
    RAISE EXCEPTION 'command without its request' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'command_id_fkey';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER command_refers AFTER INSERT ON command FOR EACH ROW WHEN (NEW.kind > 1) EXECUTE FUNCTION command_refers ();
CREATE FUNCTION meter_is_kept () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF EXISTS (SELECT FROM command c WHERE c.meter = OLD.id) OR EXISTS (SELECT FROM sale s WHERE s.meter = OLD.id) THEN
    RAISE EXCEPTION 'meter % has commands or sales', OLD.id USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'command_meter_fkey';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER meter_is_kept BEFORE DELETE ON meter FOR EACH ROW EXECUTE FUNCTION meter_is_kept ();

-- Few transactions and sales take another one back; a money command has its count from the first `sent` on.
ALTER TABLE tx DROP CONSTRAINT tx_site_reverses_key;
CREATE UNIQUE INDEX tx_site_reverses_key ON tx (site, reverses) WHERE reverses IS NOT NULL;
ALTER TABLE sale DROP CONSTRAINT sale_reverses_key;
CREATE UNIQUE INDEX sale_reverses_key ON sale (reverses) WHERE reverses IS NOT NULL;
DROP INDEX command_count;
CREATE UNIQUE INDEX command_count ON command (meter, epoch, kind, count) WHERE kind <= 1 AND state <> 6 AND count IS NOT NULL;
