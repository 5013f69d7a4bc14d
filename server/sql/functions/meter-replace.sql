-- Another device behind a meter record: place, model and serial of the new one, a new epoch, a purse that nobody has read yet. The caller
-- holds meter_purse.
CREATE OR REPLACE FUNCTION meter_replace (p_meter bigint, p_serial text, p_model text, p_gateway bigint, p_port smallint, p_unit smallint, p_ct int)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  e int;
BEGIN
  UPDATE meter SET serial = p_serial, model = p_model, gateway = coalesce (p_gateway, gateway), port = coalesce (p_port, port),
         unit = coalesce (p_unit, unit), ct_ratio = coalesce (p_ct, ct_ratio), installed_at = now () WHERE id = p_meter;
  e := meter_new_epoch (p_meter);
  UPDATE meter_purse SET epoch = e, has_baseline = false, have = 0, count = 0, total = 0, balance = 0, last_amount = 0, refund_count = 0,
         refunded_total = 0, serial = p_serial, read_at = NULL WHERE meter = p_meter;
  PERFORM pg_notify ('till_plant', '');
  PERFORM pg_notify ('till_delivery', '');
  RETURN e;
END $$;

-- What the old device held, on its way to the new one: a sale of kind transfer and its command; posted by the caller before.
CREATE OR REPLACE FUNCTION money_carry (p_id uuid, p_meter bigint, p_account bigint, p_customer bigint, p_amount bigint, p_purse_amount bigint,
                                        p_energy bigint, p_operator bigint, p_note text, p_approver bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  m meter;
  a area;
BEGIN
  SELECT x.* INTO STRICT m FROM meter x WHERE x.id = p_meter;
  SELECT x.* INTO STRICT a FROM area x WHERE x.id = m.area;
  INSERT INTO sale (id, site, number, kind, state, meter, epoch, account, customer, area, amount, energy, channel, operator, note, created_at, approved_by)
    VALUES (p_id, a.site, receipt_next (a.site), 5, 1, p_meter, m.epoch, p_account, p_customer, a.id, p_amount, p_energy, 4, p_operator, p_note,
            clock_timestamp (), p_approver);
  INSERT INTO command (id, meter, epoch, kind, state, operator, amount) VALUES (p_id, p_meter, m.epoch, 0, 0, p_operator, p_purse_amount);
  PERFORM delivery_tell (p_id);
END $$;
