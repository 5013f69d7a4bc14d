-- The second factor: its secret wrapped by the key file, in use once a code of it was shown, and the last step whose code was taken.
ALTER TABLE operator
  ADD COLUMN totp      bytea,
  ADD COLUMN totp_on   boolean NOT NULL DEFAULT false CHECK (NOT totp_on OR totp IS NOT NULL),
  ADD COLUMN totp_step bigint  NOT NULL DEFAULT 0;
