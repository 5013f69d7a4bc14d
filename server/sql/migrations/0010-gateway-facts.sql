-- What a gateway says about itself, beside its session: for people. Whether a reading was pushed is part of it since the beginning.

CREATE TABLE gateway_facts (
  gateway  bigint      PRIMARY KEY REFERENCES gateway,
  told_at  timestamptz NOT NULL DEFAULT now (),
  serial   text        NOT NULL DEFAULT '' CHECK (octet_length (serial) <= 32),
  vendor   text        NOT NULL DEFAULT '' CHECK (octet_length (vendor) <= 32),
  model    text        NOT NULL DEFAULT '' CHECK (octet_length (model) <= 32),
  firmware text        NOT NULL DEFAULT '' CHECK (octet_length (firmware) <= 32),
  iccid    text        NOT NULL DEFAULT '' CHECK (octet_length (iccid) <= 32),
  imei     text        NOT NULL DEFAULT '' CHECK (octet_length (imei) <= 32),
  rssi_dbm int         NOT NULL DEFAULT 0 CHECK (rssi_dbm BETWEEN -128 AND 127) -- 0 = unknown
);
