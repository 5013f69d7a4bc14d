-- The ports that this start of the demo uses; psql gives :base.
UPDATE gateway SET address = '127.0.0.1:' || (:base + right (code, 1)::int - 1), version = version + 1
 WHERE simulated AND code ~ '^GW-000[1-4]$' AND address <> '127.0.0.1:' || (:base + right (code, 1)::int - 1);
