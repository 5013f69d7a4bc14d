-- How much of each line's time its records ask for, as the process that holds it computes it: above 85 the line is too slow for them.

CREATE TABLE line_load (
  gateway bigint   NOT NULL REFERENCES gateway,
  port    smallint NOT NULL CHECK (port BETWEEN 1 AND 255),
  pct     int      NOT NULL CHECK (pct >= 0),
  PRIMARY KEY (gateway, port)
);
