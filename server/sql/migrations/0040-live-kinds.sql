-- Approvals, drawers, held cases and commissioning proofs are told of like meters and sales. By triggers: whoever changes such a row, it
-- is told. They change seldom; what they hold is asked for by who may see it.
ALTER TABLE feed DROP CONSTRAINT feed_kind_check,
  ADD CONSTRAINT feed_kind_check CHECK (kind IN ('meter', 'sale', 'command', 'alarm', 'job', 'gateway', 'plant', 'approval', 'drawer', 'case', 'proof'));

CREATE FUNCTION feed_of_row () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO feed (kind, ids) SELECT TG_ARGV[0], array_agg (id ORDER BY id) FROM changed HAVING count (*) > 0;
  RETURN NULL;
END $$;
CREATE FUNCTION feed_of_proof () RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  INSERT INTO feed (kind, uuids) SELECT 'proof', array_agg (id ORDER BY id) FROM changed HAVING count (*) > 0;
  RETURN NULL;
END $$;

CREATE TRIGGER approval_told_new AFTER INSERT ON approval REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('approval');
CREATE TRIGGER approval_told AFTER UPDATE ON approval REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('approval');
CREATE TRIGGER drawer_told_new AFTER INSERT ON drawer REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('drawer');
CREATE TRIGGER drawer_told AFTER UPDATE ON drawer REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('drawer');
CREATE TRIGGER case_told_new AFTER INSERT ON dispute_case REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('case');
CREATE TRIGGER case_told AFTER UPDATE ON dispute_case REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_row ('case');
CREATE TRIGGER proof_told_new AFTER INSERT ON commission REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_proof ();
CREATE TRIGGER proof_told AFTER UPDATE ON commission REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION feed_of_proof ();
