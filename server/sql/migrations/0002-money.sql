-- Money: who asked (request), what was posted (tx, posting, chained), what people see (sale), what goes to the meter
-- (command, command_attempt), what the ledger believes of it (meter_purse), doubt (dispute_case), cash boxes (drawer).
-- Amounts are 1/10000 of the currency unit. tx, posting and request are only added to.

CREATE TABLE chain_head (
  site     bigint   NOT NULL REFERENCES site,
  chain    smallint NOT NULL CHECK (chain IN (0, 1)),          -- 0 ledger, 1 audit
  n        bigint   NOT NULL DEFAULT 0 CHECK (n >= 0),
  receipts bigint   NOT NULL DEFAULT 0 CHECK (receipts >= 0),  -- last receipt number (ledger)
  hash     bytea    NOT NULL DEFAULT sha256 ('') CHECK (octet_length (hash) = 32),
  PRIMARY KEY (site, chain)
);
CREATE FUNCTION chain_begins () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO chain_head (site, chain) VALUES (NEW.id, 0), (NEW.id, 1) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER chain_begins AFTER INSERT ON site FOR EACH ROW EXECUTE FUNCTION chain_begins ();
INSERT INTO chain_head (site, chain) SELECT id, c FROM site, generate_series (0, 1) AS c;

CREATE TABLE request (                                         -- every id a caller ever named; ids never expire
  id        uuid        PRIMARY KEY,
  body_hash bytea       NOT NULL CHECK (octet_length (body_hash) = 32),
  made_at   timestamptz NOT NULL DEFAULT now ()
);

CREATE TABLE ledger_account (
  id      bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site    bigint   NOT NULL REFERENCES site,
  kind    smallint NOT NULL CHECK (kind BETWEEN 0 AND 9),
  owner   bigint   NOT NULL,
  debits  bigint   NOT NULL DEFAULT 0 CHECK (debits >= 0),     -- kept for accounts of one meter or customer only: one
  credits bigint   NOT NULL DEFAULT 0 CHECK (credits >= 0),    -- hot row for cash, bank or revenue would cost 4-10 x
  UNIQUE (site, kind, owner),
  CONSTRAINT transit_never_negative CHECK (kind <> 2 OR credits >= debits),
  CONSTRAINT refund_due_never_negative CHECK (kind <> 5 OR credits >= debits)
) WITH (fillfactor = 70);

CREATE TABLE tx (
  site     bigint      NOT NULL,
  n        bigint      NOT NULL CHECK (n > 0),                 -- place in the chain
  at       timestamptz NOT NULL,
  event    smallint    NOT NULL CHECK (event BETWEEN 0 AND 10),
  request  uuid        NOT NULL,                               -- the sale, command or decision it belongs to
  actor    bigint      NOT NULL,                               -- operator; 0 = the server itself
  reverses bigint,                                             -- n of the transaction it takes back, once
  hash     bytea       NOT NULL CHECK (octet_length (hash) = 32),
  PRIMARY KEY (site, n),
  UNIQUE (site, reverses),
  UNIQUE (request, event),                                     -- an event happens to a request once
  FOREIGN KEY (site, reverses) REFERENCES tx (site, n)
);
CREATE INDEX tx_at ON tx (at);

CREATE TABLE posting (
  site    bigint   NOT NULL,
  n       bigint   NOT NULL,
  line    smallint NOT NULL,
  account bigint   NOT NULL,                                   -- taken from its row by ledger_post; accounts are never deleted
  amount  bigint   NOT NULL CHECK (amount <> 0),               -- debit positive, credit negative
  PRIMARY KEY (site, n, line),
  FOREIGN KEY (site, n) REFERENCES tx (site, n)
);
CREATE INDEX posting_account ON posting (account, n);

CREATE TABLE drawer (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site        bigint      NOT NULL REFERENCES site,
  operator    bigint      NOT NULL REFERENCES operator,
  opened_at   timestamptz NOT NULL DEFAULT now (),
  opened_with bigint      NOT NULL DEFAULT 0 CHECK (opened_with >= 0),
  closed_at   timestamptz,
  counted     bigint,
  CHECK ((closed_at IS NULL) = (counted IS NULL))
);
CREATE UNIQUE INDEX drawer_one_open ON drawer (operator) WHERE closed_at IS NULL;

-- site, account, customer, area and operator are copied from rows that hold the references: five checks less per sale.
CREATE TABLE sale (
  id             uuid        PRIMARY KEY REFERENCES request,
  site           bigint      NOT NULL,
  number         bigint      NOT NULL CHECK (number > 0),      -- receipt number, without gap
  kind           smallint    NOT NULL CHECK (kind BETWEEN 0 AND 5),
  state          smallint    NOT NULL CHECK (state BETWEEN 0 AND 6),
  meter          bigint      NOT NULL REFERENCES meter,
  epoch          int         NOT NULL,
  account        bigint,
  customer       bigint,
  area           bigint      NOT NULL,
  amount         bigint      NOT NULL CHECK (amount > 0 AND amount % 100 = 0),
  energy         bigint,
  price          bigint,
  channel        smallint    NOT NULL CHECK (channel BETWEEN 0 AND 4),
  operator       bigint      NOT NULL,
  drawer         bigint      REFERENCES drawer,
  count          int,
  balance_before bigint,
  balance_after  bigint,
  reverses       uuid        UNIQUE REFERENCES sale,
  note           text        CHECK (char_length (note) <= 200),
  created_at     timestamptz NOT NULL,
  verified_at    timestamptz,
  UNIQUE (site, number),
  CHECK (channel <> 0 OR kind = 2 OR drawer IS NOT NULL)       -- cash lies in somebody's drawer
) WITH (fillfactor = 80);
CREATE INDEX sale_created ON sale (created_at, id);
CREATE INDEX sale_meter ON sale (meter, created_at);
CREATE INDEX sale_open ON sale (state, created_at) WHERE state NOT IN (4, 6);

CREATE SEQUENCE command_generation;

CREATE TABLE command (
  id            uuid        PRIMARY KEY REFERENCES request,
  accepted      bigint      GENERATED ALWAYS AS IDENTITY,       -- order of acceptance, per meter the order of sending
  meter         bigint      NOT NULL REFERENCES meter,
  epoch         int         NOT NULL,
  kind          smallint    NOT NULL CHECK (kind BETWEEN 0 AND 9),
  state         smallint    NOT NULL CHECK (state BETWEEN 0 AND 7),
  operator      bigint      NOT NULL,
  amount        bigint,                                         -- money: server units of the purse
  count         int,                                            -- s: fixed by the first `sent`, never changed
  generation    bigint,                                         -- absolute settings: newest wins
  value         jsonb,
  attempt       int         NOT NULL DEFAULT 0,
  outcome       smallint    NOT NULL DEFAULT 0 CHECK (outcome BETWEEN 0 AND 8),
  reason        smallint    NOT NULL DEFAULT 0 CHECK (reason BETWEEN 0 AND 13),
  baseline      jsonb,                                          -- money group read before the write
  evidence      jsonb,                                          -- money group that decided
  error         text,
  created_at    timestamptz NOT NULL DEFAULT now (),
  not_before    timestamptz NOT NULL DEFAULT now (),
  claimed_until timestamptz NOT NULL DEFAULT '-infinity',
  sent_at       timestamptz,
  done_at       timestamptz,
  CHECK (kind > 1 OR amount > 0),
  CHECK (kind > 1 OR state IN (0, 6) OR state = 7 OR (count IS NOT NULL AND baseline IS NOT NULL AND attempt > 0))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX command_count ON command (meter, epoch, kind, count) WHERE kind <= 1 AND state <> 6;
CREATE UNIQUE INDEX command_in_flight ON command (meter) WHERE kind <= 1 AND state IN (1, 2, 7);
CREATE INDEX command_due ON command (meter, accepted) WHERE state IN (0, 1, 2, 7);
CREATE INDEX command_relay ON command (meter, accepted) WHERE kind IN (5, 6, 7) AND state = 3;  -- what a relay was told last
CREATE INDEX command_list ON command (created_at, id);

CREATE TABLE command_attempt (                                  -- committed before the first byte
  command       uuid        NOT NULL REFERENCES command,
  attempt       int         NOT NULL,
  gateway       bigint      NOT NULL REFERENCES gateway,
  gateway_epoch bigint      NOT NULL,
  link_instance bigint      NOT NULL,
  baseline      jsonb       NOT NULL,
  pdu           bytea       NOT NULL,
  sent_at       timestamptz NOT NULL DEFAULT now (),
  deadline      timestamptz NOT NULL DEFAULT now () + interval '2 seconds',
  outcome       smallint    NOT NULL DEFAULT 0,
  reply         bytea,
  answered_at   timestamptz,
  PRIMARY KEY (command, attempt)
);

CREATE TABLE meter_purse (                                      -- what the ledger believes; changed by verdicts only
  meter          bigint   PRIMARY KEY REFERENCES meter,
  epoch          int      NOT NULL,
  has_baseline   boolean  NOT NULL DEFAULT false,
  frozen         boolean  NOT NULL DEFAULT false,
  have           int      NOT NULL DEFAULT 0,
  count          int      NOT NULL DEFAULT 0,
  total          bigint   NOT NULL DEFAULT 0,
  balance        bigint   NOT NULL DEFAULT 0,
  last_amount    bigint   NOT NULL DEFAULT 0,
  refund_count   int      NOT NULL DEFAULT 0,
  refunded_total bigint   NOT NULL DEFAULT 0,
  serial         text     NOT NULL DEFAULT '',
  read_at        timestamptz
) WITH (fillfactor = 70);

CREATE TABLE dispute_case (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  meter      bigint      NOT NULL REFERENCES meter,
  epoch      int         NOT NULL,
  command    uuid        REFERENCES command,
  reason     smallint    NOT NULL CHECK (reason BETWEEN 1 AND 13),
  believed   jsonb       NOT NULL,                               -- meter_purse at that moment
  reading    jsonb,                                              -- what the meter said
  opened_at  timestamptz NOT NULL DEFAULT now (),
  closed_at  timestamptz,
  decision   text,
  decided_by bigint      REFERENCES operator,
  agreed_by  bigint      REFERENCES operator,
  note       text,
  CHECK (decided_by IS DISTINCT FROM agreed_by OR decided_by IS NULL)
);
CREATE UNIQUE INDEX dispute_case_one_open ON dispute_case (meter) WHERE closed_at IS NULL;

-- Legal edges of money commands (0 recharge, 1 debit): the table of delivery-rules, compared with it by a test.
CREATE TABLE delivery_edge (
  from_state smallint NOT NULL,
  to_state   smallint NOT NULL,
  step       text     NOT NULL,
  PRIMARY KEY (from_state, to_state)
);
INSERT INTO delivery_edge VALUES (0, 7, 't1'), (0, 1, 't2'), (0, 6, 't7'), (1, 2, 't3'), (2, 3, 't4'), (2, 0, 't5'), (2, 7, 't6'),
  (7, 3, 'h'), (7, 0, 'h'), (7, 6, 'h');

-- One item of the ledger lane: what ledger_post () takes. n, hash and number are filled in by it.
CREATE TYPE ledger_item AS (
  ord int, kind smallint, request uuid, body_hash bytea, site bigint, event smallint, actor bigint, address text, request_text text,
  account_kinds smallint[], owners bigint[], amounts bigint[],
  meter bigint, epoch int, balance_limit bigint,
  sale_kind smallint, sale_state smallint, channel smallint, drawer bigint, account bigint, customer bigint, area bigint, amount bigint,
  energy bigint, price bigint, balance_before bigint, note text, purse_amount bigint,
  attempt int, reading jsonb, count int,
  n bigint, hash bytea, number bigint
);
