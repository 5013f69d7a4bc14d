-- Purses that count energy: what the books believe they hold, in Wh, at the last settled reading, and what had been credited until then.
ALTER TABLE settle_state
  ADD COLUMN held     bigint,                                   -- NULL: a purse of money
  ADD COLUMN credited bigint;
-- The same comparison in what such a purse counts; the money beside it is what that is worth.
ALTER TABLE conservation
  ADD COLUMN energy_deducted   bigint,
  ADD COLUMN energy_difference bigint,
  ADD COLUMN energy_tolerance  bigint;
