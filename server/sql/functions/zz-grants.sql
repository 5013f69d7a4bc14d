-- Who may touch what, said anew whenever the schema changed. Nobody updates or deletes tx, posting, audit or request.
DO $$
DECLARE
  r text;
BEGIN
  FOREACH r IN ARRAY ARRAY ['gridtill_api', 'gridtill_field', 'gridtill_notify', 'gridtill_report', 'gridtill_audit', 'gridtill_server'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format ('CREATE ROLE %I NOLOGIN', r);
    END IF;
    EXECUTE format ('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', r);
    EXECUTE format ('GRANT USAGE ON SCHEMA public TO %I', r);
    CONTINUE WHEN r = 'gridtill_server';
    EXECUTE format ('GRANT SELECT ON ALL TABLES IN SCHEMA public TO %I', r);
    EXECUTE format ('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', r);
  END LOOP;
END $$;
GRANT gridtill_api, gridtill_field, gridtill_notify, gridtill_report, gridtill_audit TO gridtill_server; -- one process that does everything

REVOKE SELECT ON operator, session FROM gridtill_field, gridtill_report, gridtill_audit;
GRANT SELECT (id, account, name, kind, active, last_login, sale_limit, version) ON operator TO gridtill_field, gridtill_report, gridtill_audit;

GRANT INSERT ON request, tx, posting, audit, sale, command, command_attempt, drawer, dispute_case, feed, alarm, ledger_account, meter_purse, chain_head
  TO gridtill_api, gridtill_field, gridtill_notify;
GRANT UPDATE ON sale, command, command_attempt, drawer, dispute_case, alarm, ledger_account, meter_purse, chain_head
  TO gridtill_api, gridtill_field, gridtill_notify;

GRANT INSERT, UPDATE, DELETE ON site, area, role, role_permission, operator, operator_role, operator_area, session, account, account_meter,
  customer, gateway, meter, tariff, tariff_version, model_proof, job TO gridtill_api;
GRANT INSERT, UPDATE, DELETE ON preset TO gridtill_api;
GRANT INSERT, UPDATE ON commission, trial TO gridtill_api, gridtill_field;
GRANT INSERT, UPDATE ON meter_config TO gridtill_api, gridtill_field;
GRANT DELETE ON meter_config, meter_state TO gridtill_api; -- of a meter with which nothing ever happened
GRANT INSERT, UPDATE ON gateway_facts, meter_state, gateway_session, reading, job TO gridtill_field;
GRANT UPDATE (serial, version) ON meter TO gridtill_field;
GRANT INSERT, UPDATE ON job TO gridtill_notify;
GRANT UPDATE (state, closed_at, closing, closing_by, version) ON account TO gridtill_notify; -- closings that go on by themselves
GRANT UPDATE (until) ON account_meter TO gridtill_notify;
GRANT UPDATE (pinyin) ON customer TO gridtill_notify; -- names that are not spelled yet
GRANT INSERT, UPDATE, DELETE ON gateway_unknown TO gridtill_api, gridtill_field;
GRANT INSERT, UPDATE, DELETE ON gateway_registration TO gridtill_api;
GRANT INSERT, UPDATE, DELETE ON capture, capture_part, line_load TO gridtill_api, gridtill_field;
GRANT DELETE ON feed, session TO gridtill_api, gridtill_notify;
GRANT UPDATE ON lease TO gridtill_api, gridtill_field, gridtill_notify;
GRANT UPDATE (online, since) ON gateway_session TO gridtill_api, gridtill_notify;
GRANT INSERT, UPDATE, DELETE ON node TO gridtill_api, gridtill_field, gridtill_notify;
GRANT INSERT, UPDATE, DELETE ON tariff_draft, holiday, meter_tariff, protected_hours TO gridtill_api;
GRANT INSERT, UPDATE, DELETE ON settle_state, settle_use, meter_off, meter_relay TO gridtill_api, gridtill_notify;
GRANT INSERT ON settlement, settle_line TO gridtill_api, gridtill_notify;
GRANT INSERT, UPDATE ON conservation TO gridtill_api, gridtill_notify;
GRANT UPDATE (tariff, version) ON meter TO gridtill_notify;
GRANT INSERT, UPDATE, DELETE ON gateway_registration, gateway_unknown TO gridtill_api;
GRANT INSERT, UPDATE, DELETE ON gateway_unknown TO gridtill_field;
GRANT UPDATE (best_class) ON gateway TO gridtill_field;

GRANT INSERT, UPDATE, DELETE ON cluster, cluster_epoch, reconcile_line, reconcile_meter TO gridtill_api, gridtill_field, gridtill_notify;
GRANT INSERT, UPDATE ON approval, replacement TO gridtill_api, gridtill_notify;
