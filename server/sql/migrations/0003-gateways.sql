-- Gateways that dial in: registrations, keys, what they may use; callers that nobody registered.
ALTER TABLE gateway
  ADD COLUMN registration_mode smallint   NOT NULL DEFAULT 0 CHECK (registration_mode IN (0, 1)), -- 0 once, 1 before each packet
  ADD COLUMN suites            smallint[] NOT NULL DEFAULT '{2}' CHECK (suites <@ '{1,2}' AND cardinality (suites) BETWEEN 1 AND 2), -- of GT3
  ADD COLUMN master_key        bytea CHECK (octet_length (master_key) <= 256),    -- of GT3 and TLS-PSK, wrapped by the key file
  ADD COLUMN vendor_secret     bytea CHECK (octet_length (vendor_secret) <= 256), -- of 1F1F, wrapped
  ADD COLUMN tls_authority     text  CHECK (octet_length (tls_authority) <= 16384), -- PEM: TLS to a gateway we dial
  ADD COLUMN tls_pin           bytea CHECK (octet_length (tls_pin) = 32);           -- or SHA-256 of its certificate
COMMENT ON COLUMN gateway.best_class IS 'the best class it ever reached: a weaker one is refused until an engineer resets it';

-- One text names one port of one gateway, in the whole installation.
CREATE TABLE gateway_registration (
  registration bytea    PRIMARY KEY CHECK (octet_length (registration) BETWEEN 1 AND 64),
  gateway      bigint   NOT NULL REFERENCES gateway,
  port         smallint NOT NULL CHECK (port BETWEEN 1 AND 32)
);
CREATE INDEX gateway_registration_gateway ON gateway_registration (gateway);

CREATE TABLE gateway_unknown (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text       text        NOT NULL CHECK (char_length (text) BETWEEN 1 AND 64), -- escaped
  front      text        NOT NULL CHECK (front IN ('gt3', 'tls', '7b7b', '1f1f', 'dtu')),
  address    text        NOT NULL,                                             -- of the last try
  first_seen timestamptz NOT NULL DEFAULT now (),
  last_seen  timestamptz NOT NULL DEFAULT now (),
  tries      bigint      NOT NULL DEFAULT 1,
  UNIQUE (text, front)
);
CREATE INDEX gateway_unknown_age ON gateway_unknown (last_seen);
