-- Raw exchanges of a gateway's links, recorded on demand. The order is a row; who holds the link records, and its lines come back as parts.

CREATE TABLE capture (
  gateway    bigint      NOT NULL REFERENCES gateway,
  n          int         NOT NULL CHECK (n >= 1),               -- per gateway, never used twice
  state      text        NOT NULL DEFAULT 'ordered' CHECK (state IN ('ordered', 'running', 'done', 'failed')),
  minutes    int         NOT NULL CHECK (minutes BETWEEN 1 AND 60),
  operator   bigint      NOT NULL,
  ordered_at timestamptz NOT NULL DEFAULT now (),
  started_at timestamptz,
  ended_at   timestamptz,
  lines      bigint      NOT NULL DEFAULT 0,
  bytes      bigint      NOT NULL DEFAULT 0,
  full_early boolean     NOT NULL DEFAULT false,                -- its size was reached before its time was over
  message    text,
  PRIMARY KEY (gateway, n)
);
CREATE UNIQUE INDEX capture_one_open ON capture (gateway) WHERE state IN ('ordered', 'running');

CREATE TABLE capture_part (
  gateway bigint NOT NULL,
  n       int    NOT NULL,
  part    int    NOT NULL,
  content bytea  NOT NULL CHECK (octet_length (content) <= 524288),
  PRIMARY KEY (gateway, n, part),
  FOREIGN KEY (gateway, n) REFERENCES capture ON DELETE CASCADE
);
