-- Several processes over one database: who lives, who holds which gateways that are dialled, which purses changed lately.

ALTER TABLE node ADD COLUMN started_at timestamptz NOT NULL DEFAULT now ();

-- Gateways that are dialled, in 64 groups by hash. epoch rises with every change of owner.
CREATE TABLE lease (
  grp    smallint    PRIMARY KEY CHECK (grp BETWEEN 0 AND 63),
  owner  uuid,                                                  -- run id of the process; NULL: nobody
  epoch  bigint      NOT NULL DEFAULT 0,
  until  timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10);
INSERT INTO lease (grp) SELECT g FROM generate_series (0, 63) g;

-- Which processes are gone asks for the sessions they left online.
CREATE INDEX gateway_session_online ON gateway_session (owner) WHERE online;

-- The field keeps each purse in memory and asks only for what changed: sales and verdicts, few beside a million meters.
ALTER TABLE meter_purse ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now ();
CREATE INDEX meter_purse_changed ON meter_purse (changed_at);
CREATE FUNCTION meter_purse_changes () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.changed_at := clock_timestamp ();
  RETURN NEW;
END $$;
CREATE TRIGGER meter_purse_changes BEFORE INSERT OR UPDATE ON meter_purse FOR EACH ROW EXECUTE FUNCTION meter_purse_changes ();

-- What the field knows of a gateway and its meters is older than this transaction: readers ask with the horizon of their last look, as of
-- the change feed. A meter, an account, a tariff or a proof that changes marks the gateways it concerns.
ALTER TABLE gateway ADD COLUMN plant_xact xid8 NOT NULL DEFAULT pg_current_xact_id ();
CREATE FUNCTION gateway_changes () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.plant_xact := pg_current_xact_id ();
  RETURN NEW;
END $$;
CREATE TRIGGER gateway_changes BEFORE UPDATE ON gateway FOR EACH ROW EXECUTE FUNCTION gateway_changes ();

CREATE FUNCTION plant_changes () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  IF TG_TABLE_NAME = 'meter' THEN
    UPDATE gateway SET plant_xact = DEFAULT WHERE id IN (SELECT gateway FROM changed) AND plant_xact <> pg_current_xact_id ();
  ELSIF TG_TABLE_NAME = 'account_meter' THEN
    UPDATE gateway SET plant_xact = DEFAULT WHERE id IN (SELECT m.gateway FROM changed c JOIN meter m ON m.id = c.meter) AND plant_xact <> pg_current_xact_id ();
  ELSE
    UPDATE gateway SET plant_xact = DEFAULT WHERE plant_xact <> pg_current_xact_id (); -- a site, a tariff, a proof: few, and rare
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER plant_grows AFTER INSERT ON meter REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_changes AFTER UPDATE ON meter REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_moves AFTER UPDATE ON meter REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION plant_changes (); -- the gateway it left
CREATE TRIGGER plant_grows AFTER INSERT ON account_meter REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_changes AFTER UPDATE ON account_meter REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_changes AFTER UPDATE ON site FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_changes AFTER INSERT OR UPDATE ON tariff_version FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
CREATE TRIGGER plant_changes AFTER INSERT OR UPDATE OR DELETE ON model_proof FOR EACH STATEMENT EXECUTE FUNCTION plant_changes ();
