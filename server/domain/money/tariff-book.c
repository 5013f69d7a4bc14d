/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-book.c: reads tariffs and calendar; decides which version holds when, nothing else. */
#include "server/domain/money/tariff-book.h"

struct _TilldTariffBook {
  GHashTable *tariffs; /* gint64 * -> GPtrArray of TilldTariffVersion by effective */
  GArray     *days;    /* TilldSpecialDay */
  GTimeZone  *zone;
  TilldCivil  civil;
  TillDay     today;
};

static const TilldStatement book_site = {
  .name = "tariff-book-site",
  .sql = "SELECT zone, (now () AT TIME ZONE zone)::date AS today FROM site WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "zone", DB_TEXT_TYPE }, { "today", DB_DAY_TYPE } },
};
TILLD_STATEMENT (book_site)

static const TilldStatement book_versions = {
  .name = "tariff-book-versions",
  .sql = "SELECT tariff, effective, price_tip, price_peak, price_flat, price_valley, price_deep, CASE WHEN body ? 'prices' THEN body END AS body"
         " FROM tariff_version ORDER BY tariff, effective",
  .columns = { { "tariff", DB_I64_TYPE }, { "effective", DB_DAY_TYPE }, { "price_tip", DB_I64_TYPE, DB_NULL_OK }, { "price_peak", DB_I64_TYPE, DB_NULL_OK },
               { "price_flat", DB_I64_TYPE }, { "price_valley", DB_I64_TYPE, DB_NULL_OK }, { "price_deep", DB_I64_TYPE, DB_NULL_OK },
               { "body", DB_JSON_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (book_versions)

static const TilldStatement book_days = {
  .name = "tariff-book-days",
  .sql = "SELECT day, kind FROM holiday WHERE site = $1 ORDER BY day",
  .params = { DB_I64_TYPE },
  .columns = { { "day", DB_DAY_TYPE }, { "kind", DB_I16_TYPE } },
};
TILLD_STATEMENT (book_days)

static const TilldStatement meter_had = {
  .name = "meter-tariff-of",
  .sql = "SELECT since, tariff FROM meter_tariff WHERE meter = $1 ORDER BY since",
  .params = { DB_I64_TYPE },
  .columns = { { "since", DB_DAY_TYPE }, { "tariff", DB_I64_TYPE } },
};
TILLD_STATEMENT (meter_had)

void
tilld_tariff_book_free (TilldTariffBook *book)
{
  if (book == NULL)
    return;
  g_clear_pointer (&book->tariffs, g_hash_table_unref);
  g_clear_pointer (&book->days, g_array_unref);
  g_clear_pointer (&book->zone, g_time_zone_unref);
  g_free (book);
}

const TilldCivil *
tilld_tariff_book_civil (const TilldTariffBook *book)
{
  return &book->civil;
}

TillDay
tilld_tariff_book_today (const TilldTariffBook *book)
{
  return book->today;
}

void
tilld_tariff_book_add (TilldTariffBook *book, TilldTariffVersion *version)
{
  GPtrArray *versions = g_hash_table_lookup (book->tariffs, &version->rules.id);
  guint at;

  if (versions == NULL)
    {
      versions = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_tariff_version_free);
      g_hash_table_insert (book->tariffs, g_memdup2 (&version->rules.id, sizeof (gint64)), versions);
    }
  for (at = versions->len; at > 0; at--)
    {
      const TilldTariffVersion *before = g_ptr_array_index (versions, at - 1);

      if (before->rules.effective == version->rules.effective)
        g_ptr_array_remove_index (versions, at - 1);
      else if (before->rules.effective < version->rules.effective)
        break;
    }
  g_ptr_array_insert (versions, (gint) at, version);
}

/* A version that was stored before tariffs had bodies: its prices at the hours its name stands for are not known, so all hours are flat. */
static TilldTariffVersion *
version_of_row (TilldRows *rows, guint row, GError **error)
{
  static const char *const prices[TILL_N_RATES] = { "price_tip", "price_peak", "price_flat", "price_valley", "price_deep" };
  const char *body = tilld_row_text (rows, row, "body");
  TilldTariffVersion *version = body != NULL ? tilld_tariff_body_parse (body, error) : tilld_tariff_version_new ();

  if (version == NULL)
    {
      g_prefix_error (error, "tariff %" G_GINT64_FORMAT ": ", tilld_row_i64 (rows, row, "tariff"));
      return NULL;
    }
  version->rules.id = tilld_row_i64 (rows, row, "tariff");
  version->rules.effective = (TillDay) tilld_row_i64 (rows, row, "effective");
  for (guint r = 0; body == NULL && r < TILL_N_RATES; r++)
    {
      version->rules.price[0][r] = tilld_row_i64 (rows, row, prices[r]);
      version->rules.uses[r] = version->rules.price[0][r] > 0;
    }
  return version;
}

static gboolean
load_days (TilldDb *db, gint64 site, TilldTariffBook *book, GError **error)
{
  g_autoptr (TilldRows) place = NULL;
  g_autoptr (TilldRows) days = NULL;

  if (!tilld_db_query (db, &book_site, &place, error, DB_I64 (site)) || !tilld_db_query (db, &book_days, &days, error, DB_I64 (site)))
    return FALSE;
  if (tilld_rows_count (place) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such site");
  book->zone = till_zone_new (tilld_row_text (place, 0, "zone"), error);
  if (book->zone == NULL)
    return FALSE;
  book->today = (TillDay) tilld_row_i64 (place, 0, "today");
  for (guint i = 0; i < tilld_rows_count (days); i++)
    {
      TilldSpecialDay day = { (TillDay) tilld_row_i64 (days, i, "day"), (TilldDayType) tilld_row_i64 (days, i, "kind") };

      g_array_append_val (book->days, day);
    }
  book->civil = (TilldCivil){ book->zone, (const TilldSpecialDay *) (gpointer) book->days->data, book->days->len };
  return TRUE;
}

TilldTariffBook *
tilld_tariff_book_load (TilldDb *db, gint64 site, GError **error)
{
  g_autoptr (TilldTariffBook) book = g_new0 (TilldTariffBook, 1);
  g_autoptr (TilldRows) rows = NULL;

  book->tariffs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  book->days = g_array_new (FALSE, FALSE, sizeof (TilldSpecialDay));
  if (!load_days (db, site, book, error) || !tilld_db_exec (db, &book_versions, NULL, 0, &rows, error))
    return NULL;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldTariffVersion *version = version_of_row (rows, i, error);

      if (version == NULL)
        return NULL;
      tilld_tariff_book_add (book, version);
    }
  return g_steal_pointer (&book);
}

const TilldTariffVersion *
tilld_tariff_book_version (const TilldTariffBook *book, gint64 tariff, TillDay day)
{
  const GPtrArray *versions = g_hash_table_lookup (book->tariffs, &tariff);
  const TilldTariffVersion *found = NULL;

  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      const TilldTariffVersion *version = g_ptr_array_index (versions, i);

      if (found == NULL || version->rules.effective <= day)
        found = version;
    }
  return found;
}

static void
add_span (GArray *spans, TillDay from, const TilldTariffVersion *version)
{
  TilldTariffSpan span = { from, &version->rules };

  if (spans->len == 0 || g_array_index (spans, TilldTariffSpan, spans->len - 1).tariff != span.tariff)
    g_array_append_val (spans, span);
}

void
tilld_tariff_book_spans (const TilldTariffBook *book, const TilldTariffSince *had, guint n, GArray *ret_spans)
{
  for (guint i = 0; i < n; i++)
    {
      const GPtrArray *versions = g_hash_table_lookup (book->tariffs, &had[i].tariff);
      TillDay end = i + 1 < n ? had[i + 1].since : G_MAXINT32;

      if (versions == NULL)
        continue;
      add_span (ret_spans, had[i].since, tilld_tariff_book_version (book, had[i].tariff, had[i].since));
      for (guint k = 0; k < versions->len; k++)
        {
          const TilldTariffVersion *version = g_ptr_array_index (versions, k);

          if (version->rules.effective > had[i].since && version->rules.effective < end)
            add_span (ret_spans, version->rules.effective, version);
        }
    }
}

gboolean
tilld_tariff_book_spans_of (TilldDb *db, const TilldTariffBook *book, gint64 meter, GArray *ret_spans, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GArray) had = g_array_new (FALSE, FALSE, sizeof (TilldTariffSince));

  if (!tilld_db_query (db, &meter_had, &rows, error, DB_I64 (meter)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldTariffSince since = { (TillDay) tilld_row_i64 (rows, i, "since"), tilld_row_i64 (rows, i, "tariff") };

      g_array_append_val (had, since);
    }
  tilld_tariff_book_spans (book, (const TilldTariffSince *) (gpointer) had->data, had->len, ret_spans);
  return TRUE;
}
