/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-fixture.c: readings and rounds for tests of settlement, on the small site of the money fixture. */
#include "tests/db/settle-fixture.h"

TillTime
settle_now (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT (extract (epoch FROM now ()) * 1000000)::bigint");
}

TilldSettlingStats
settle_round (Money *money, TillTime now)
{
  g_autoptr (GError) error = NULL;
  TilldSettlingStats stats = { 0 };

  tilld_settling_round (money->pg->db, money->profiles, 1, now, &stats, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (stats.failed, ==, 0);
  return stats;
}

void
settle_sql (Money *money, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  test_pg_run (money->pg, text);
}

/* Hourly readings of a meter that uses wh an hour, from days ago to the last full hour. */
void
settle_read_hourly (Money *money, gint64 meter, int days, int wh)
{
  settle_sql (money, "UPDATE account_meter SET since = date_trunc ('hour', now ()) - interval '%d days' WHERE meter = %d;"
              "INSERT INTO reading (meter, at, epoch, slot, energy_total) SELECT %d, t, 1, t, (extract (epoch FROM t - (date_trunc ('hour', now ()) - interval '%d days'))"
              " / 3600 * %d)::bigint FROM generate_series (date_trunc ('hour', now ()) - interval '%d days', date_trunc ('hour', now ()), interval '1 hour') t;"
              "UPDATE meter_state SET full_at = now (), read_at = now () WHERE meter = %d",
       days, (int) meter, (int) meter, days, wh, days, (int) meter);
}

/* The purse falls by price (1/10000 a kWh) from the balance; sold adds 20.00 in the middle and to the total. */
void
settle_read_purse (Money *money, gint64 meter, int days, int wh, gint64 balance, int price, gint64 sold)
{
  settle_sql (money, "INSERT INTO reading (meter, at, epoch, slot, energy_total, balance, purchased_total) SELECT %d, t, 1, t, e, %" G_GINT64_FORMAT
              " - (e * %d / 1000 / 100) * 100 + CASE WHEN k > %d THEN %" G_GINT64_FORMAT " ELSE 0 END, 1000000 + CASE WHEN k > %d THEN %" G_GINT64_FORMAT " ELSE 0 END"
              " FROM (SELECT t, k - 1 AS k, ((k - 1) * %d)::bigint AS e FROM generate_series ((site_today () - %d)::timestamp AT TIME ZONE 'Asia/Shanghai',"
              " site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai', interval '1 hour') WITH ORDINALITY AS x (t, k)) y",
       (int) meter, balance, price, days * 12, sold, days * 12, sold, wh, days);
}

void
settle_read_energy (Money *money, int days, int counted, gint64 balance, int lost, gint64 sold)
{
  settle_sql (money, "INSERT INTO reading (meter, at, epoch, slot, energy_total, balance, purchased_total) SELECT 2, t, 1, t, (k - 1) * %d, %" G_GINT64_FORMAT
              " - (k - 1) * %d + CASE WHEN k > %d THEN %" G_GINT64_FORMAT " ELSE 0 END, 1000000 + CASE WHEN k > %d THEN %" G_GINT64_FORMAT " ELSE 0 END"
              " FROM generate_series ((site_today () - %d)::timestamp AT TIME ZONE 'Asia/Shanghai', site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai',"
              " interval '1 hour') WITH ORDINALITY AS x (t, k)", counted, balance, lost, days * 12, sold, days * 12, sold, days);
}

void
settle_adopt_energy (Money *money, gint64 balance)
{
  settle_sql (money, "UPDATE meter SET model = 'gridtill-generic-kwh', purse = 2, hoard_limit = 0 WHERE id = 2");
  settle_adopt (money, MONEY_METER_B, balance);
}

TillTime
settle_after_midnight (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT (extract (epoch FROM site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai') * 1000000)::bigint") + HOUR_US;
}

void
settle_adopt (Money *money, gint64 meter, gint64 balance)
{
  TilldMoneyReading reading = money_reading (3, 1000000, balance);

  reading.at_us = test_pg_ask_int (money->pg, "SELECT (extract (epoch FROM (site_today () - 10)::timestamp AT TIME ZONE 'Asia/Shanghai') * 1000000)::bigint");
  money_adopt (money, meter, &reading);
}
