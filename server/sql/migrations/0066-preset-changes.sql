-- Default parameters say who changed which member when, and what new gateways begin with.
ALTER TABLE preset
  ADD COLUMN status_interval_s int         CHECK (status_interval_s BETWEEN 15 AND 600),  -- of new gateways there: they have no class
  ADD COLUMN changed_by        bigint      NOT NULL DEFAULT 0,                            -- operator; 0: the server itself
  ADD COLUMN changed_at        timestamptz NOT NULL DEFAULT now (),
  ADD COLUMN changes           jsonb       NOT NULL DEFAULT '{}',                         -- column -> {"by", "at"} of its last change
  ADD CONSTRAINT preset_gateways_have_no_class CHECK (use_class IS NULL OR status_interval_s IS NULL);

CREATE FUNCTION preset_is_changed () RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  member text;
  was jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb (OLD) ELSE '{}' END;
  is_now jsonb := to_jsonb (NEW);
BEGIN
  NEW.changed_at := now ();
  FOREACH member IN ARRAY ARRAY['tariff', 'alarm1', 'alarm2', 'overload_w', 'overdraft', 'hoard_limit', 'full_interval_s', 'status_interval_s'] LOOP
    IF is_now->member IS DISTINCT FROM coalesce (was->member, 'null') THEN
      NEW.changes := NEW.changes || jsonb_build_object (member, jsonb_build_object ('by', NEW.changed_by, 'at', NEW.changed_at));
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER preset_is_changed BEFORE INSERT OR UPDATE ON preset FOR EACH ROW EXECUTE FUNCTION preset_is_changed ();

-- What was said before this was kept stands in the log.
UPDATE preset p SET changed_by = x.operator, changed_at = x.at FROM (
  SELECT DISTINCT ON (object) object, operator, at FROM audit WHERE action = 'defaults.edit' AND object LIKE 'preset:%' ORDER BY object, at DESC
) x WHERE x.object = 'preset:' || p.id;
