-- Accounts that are opened by an id of the caller, and closed in steps that go on where they stopped.
ALTER TABLE account
  ADD COLUMN request    uuid UNIQUE,
  ADD COLUMN closing    uuid,
  ADD COLUMN closing_by bigint REFERENCES operator;
