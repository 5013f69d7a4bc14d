-- What a new meter begins with, said for the site, a place, a class of use, or both; what is nearest counts, member by member.
CREATE TABLE preset (
  id              bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  site            bigint   NOT NULL REFERENCES site,
  area            bigint   REFERENCES area ON DELETE CASCADE,       -- NULL: the whole site
  use_class       smallint CHECK (use_class BETWEEN 0 AND 5),       -- NULL: every class
  tariff          bigint   REFERENCES tariff,
  alarm1          bigint   CHECK (alarm1 >= 0),                     -- as typed, 1/10000: money or kWh, the purse of the meter says
  alarm2          bigint   CHECK (alarm2 >= 0),
  overload_w      bigint   CHECK (overload_w >= 0),
  overdraft       bigint   CHECK (overdraft >= 0),
  hoard_limit     bigint   CHECK (hoard_limit >= 0),
  full_interval_s int      CHECK (full_interval_s BETWEEN 300 AND 86400),
  version         int      NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX preset_of ON preset (site, coalesce (area, 0), coalesce (use_class, -1));
