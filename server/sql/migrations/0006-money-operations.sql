-- Operations of money: what waits for a second operator (approval), money that goes out (refunds, reversals), cash boxes that are
-- counted, cases that two persons decide, meters that are replaced.

CREATE TABLE approval (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site        bigint      NOT NULL REFERENCES site,
  kind        text        NOT NULL CHECK (kind ~ '^[a-z_]{3,24}$'),
  permission  text        NOT NULL,                             -- of the second operator
  request     uuid        UNIQUE,                               -- the operation's id, as its caller named it
  body        jsonb       NOT NULL,                             -- the operation; executed as it stands
  body_hash   bytea       NOT NULL CHECK (octet_length (body_hash) = 32),
  reason      text        CHECK (char_length (reason) <= 200),
  amount      bigint,
  meter       bigint      REFERENCES meter,
  area        bigint      REFERENCES area,
  proposed_by bigint      NOT NULL REFERENCES operator,
  proposed_at timestamptz NOT NULL DEFAULT now (),
  expires_at  timestamptz NOT NULL,
  state       smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4), -- open, approved, rejected, expired, withdrawn
  decided_by  bigint      REFERENCES operator,
  decided_at  timestamptz,
  note        text        CHECK (char_length (note) <= 200),
  CONSTRAINT approval_by_another CHECK (state NOT IN (1, 2) OR decided_by <> proposed_by),
  CHECK ((state = 0) = (decided_at IS NULL))
);
CREATE INDEX approval_open ON approval (site, proposed_at) WHERE state = 0;

-- Above these amounts a second operator agrees; NULL: never. Cash without an open drawer opens one only where the site wants it.
ALTER TABLE site
  ADD COLUMN approve_sale     bigint CHECK (approve_sale >= 0),
  ADD COLUMN approve_refund   bigint DEFAULT 2000000 CHECK (approve_refund >= 0),
  ADD COLUMN approve_reversal bigint DEFAULT 5000000 CHECK (approve_reversal >= 0),
  ADD COLUMN approval_hours   int    NOT NULL DEFAULT 24 CHECK (approval_hours BETWEEN 1 AND 720),
  ADD COLUMN drawer_auto      boolean NOT NULL DEFAULT true;

-- Money that goes out has a row of kind refund or reversal; it is due when verified and gone when paid.
ALTER TABLE sale
  ADD COLUMN approved_by  bigint,
  ADD COLUMN paid_at      timestamptz,
  ADD COLUMN paid_by      bigint,
  ADD COLUMN paid_channel smallint CHECK (paid_channel BETWEEN 0 AND 4),
  ADD CONSTRAINT paid_once CHECK ((paid_at IS NULL) = (paid_by IS NULL) AND (paid_at IS NULL) = (paid_channel IS NULL)),
  ADD CONSTRAINT paid_only_when_verified CHECK (paid_at IS NULL OR (kind IN (3, 4) AND state = 4)),
  DROP CONSTRAINT sale_check,
  ADD CONSTRAINT cash_lies_in_a_drawer CHECK (drawer IS NOT NULL OR NOT (channel = 0 AND kind IN (0, 1) OR paid_channel = 0));
CREATE INDEX sale_due ON sale (meter) WHERE kind IN (3, 4) AND paid_at IS NULL;

ALTER TABLE drawer
  ADD COLUMN auto       boolean NOT NULL DEFAULT false,          -- opened by the first cash sale, with no float
  ADD COLUMN expected   bigint,                                  -- float and what was taken, when it was closed
  ADD COLUMN over_short bigint,                                  -- counted - expected, posted
  ADD COLUMN closed_by  bigint REFERENCES operator,
  ADD CHECK ((closed_at IS NULL) = (over_short IS NULL) AND (closed_at IS NULL) = (expected IS NULL)),
  ADD CHECK (over_short = counted - expected);

-- seen: the newest reading of the meter while the case is open.
ALTER TABLE dispute_case ADD COLUMN seen jsonb, ADD COLUMN unreadable text CHECK (char_length (unreadable) <= 200);

ALTER TYPE ledger_item ADD ATTRIBUTE reverses bigint;

-- A meter that was replaced: one row a device that left, resumable.
CREATE TABLE replacement (
  id          uuid        PRIMARY KEY REFERENCES request,
  site        bigint      NOT NULL REFERENCES site,
  meter       bigint      NOT NULL REFERENCES meter,
  old_epoch   int         NOT NULL,
  old_serial  text        NOT NULL,
  new_serial  text        NOT NULL,
  final       jsonb       NOT NULL,                              -- reading of the old device: {"source", "balance", ...}
  source      smallint    NOT NULL CHECK (source BETWEEN 0 AND 2), -- read, typed, dead
  provisional boolean     NOT NULL,                              -- dead: the credit was estimated
  carried     bigint      NOT NULL CHECK (carried >= 0),         -- 1/10000, on its way to the new device
  corrected   bigint,                                            -- by a late reading of the old device: carried + correction is right
  operator    bigint      NOT NULL,
  note        text        CHECK (char_length (note) <= 200),
  replaced_at timestamptz NOT NULL DEFAULT now (),
  corrected_at timestamptz,
  UNIQUE (meter, old_epoch)
);
