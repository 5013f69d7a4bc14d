/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-ledger.c: the books for an auditor: page by page, and whole as the file that verify-ledger checks without a database. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include "server/api/listing.h"
#include "server/core/clock.h"
#include "server/domain/money/ledger-verify.h"
#include "server/domain/money/receipt.h"
#include "shared/api/till-paths.h"

static const TilldColumn columns[] = {
  { "n", "No.", "序号", TILLD_CELL_INT, NULL },
  { "at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "event", "Event", "事项", TILLD_CELL_TEXT, NULL },
  { "actor_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "request", "Request", "请求", TILLD_CELL_TEXT, NULL },
  { "reverses", "Reverses", "冲正", TILLD_CELL_INT, NULL },
  { "hash", "Hash", "哈希", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing transactions = { "Ledger", "账务流水", "ledger", tilld_ledger_list, columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &transactions, error);
}

static gboolean
write_whole (int fd, const GString *text, GError **error)
{
  gsize done = 0;

  while (done < text->len)
    {
      gssize n = write (fd, text->str + done, text->len - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return till_fail (error, TILL_ERROR_INTERNAL, "the export cannot be written: %s", g_strerror (errno));
      done += (gsize) n;
    }
  return TRUE;
}

/* Page by page into a file, so that memory stays bounded however long the books are. */
static gboolean
write_export (TilldDb *db, gint64 site, int fd, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  TilldLedgerExport at = { .site = site };

  do
    {
      g_string_truncate (text, 0);
      if (!tilld_ledger_export_page (db, &at, text, error) || !write_whole (fd, text, error))
        return FALSE;
    }
  while (!at.ended);
  return TRUE;
}

static gboolean
export (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  g_autofree char *path = g_strdup_printf ("%s/%s.ledger", api->spool_dir, request->id);
  g_autofree char *name = NULL;
  char day[TILL_DAY_TEXT];
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    return till_fail (error, TILL_ERROR_INTERNAL, "%s: %s", path, g_strerror (errno));
  g_unlink (path); /* the open descriptor is all that is needed */
  if (!write_export (db, request->actor.site, fd, error))
    {
      close (fd);
      return FALSE;
    }
  if (lseek (fd, 0, SEEK_SET) != 0)
    {
      close (fd);
      return till_fail (error, TILL_ERROR_INTERNAL, "the export cannot be read back");
    }
  name = g_strdup_printf ("ledger-%s.txt", till_day_print (till_zone_day (api->zone, tilld_clock_wall (api->clock)), day));
  return tilld_reply_file (request, "text/plain; charset=utf-8", fd, name, error);
}

/* --- the code of a receipt --- */

static gboolean
verify_decode (TilldRequest *request, GError **error)
{
  return tilld_query_finish (&request->query, error);
}

static gboolean
verify (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_receipt_verify (db, request->param, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_ledger_routes[] = {
  { "GET", TILL_PATH_LEDGER_TRANSACTIONS, TILL_PERMISSION_LOG_VERIFY, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_LEDGER_EXPORT, TILL_PERMISSION_LOG_VERIFY, 0, 0, TILLD_RUN_BATCH, 60000, verify_decode, export },
  { "GET", TILL_PATH_RECEIPT, TILLD_ANYONE, TILLD_ROUTE_PUBLIC, 0, TILLD_RUN_INTERACTIVE, 5000, verify_decode, verify },
  { NULL },
};
