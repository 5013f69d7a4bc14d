-- A one-time password that an administrator gave opens nothing after this time; NULL: it has no end.
ALTER TABLE operator ADD COLUMN password_until timestamptz;
