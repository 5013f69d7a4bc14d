/* SPDX-License-Identifier: GPL-2.0-or-later
 * customer-edit.c: customers made, changed and deleted, each with its audit row. Accounts are another matter (money/account.h). */
#include "server/domain/plant/customer-edit.h"
#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/customer.h"
#include "server/domain/plant/pinyin.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-text.h"

#define SPELL_ROWS 1000

static const TilldStatement record_insert = {
  .name = "customer-insert",
  .sql = "WITH n AS (SELECT nextval (pg_get_serial_sequence ('customer', 'id')) AS id)"
         " INSERT INTO customer (id, code, name, pinyin, kind, phones, area, use_class, language, note) OVERRIDING SYSTEM VALUE"
         " SELECT n.id, coalesce ($1, 'C-' || n.id), $2, $3, $4, $5, $6, $7, $8, $9 FROM n ON CONFLICT (code) DO NOTHING RETURNING id",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I16_TYPE, DB_TEXT_ARRAY_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (record_insert)

/* The row as it was, without its phones: the log is read by more people than may see them. */
static const TilldStatement record_lock = {
  .name = "customer-lock",
  .sql = "SELECT k.code, k.version, to_jsonb (k) - 'phones' - 'pinyin' - 'identity' AS body,"
         " EXISTS (SELECT FROM account c WHERE c.customer = k.id) AS has_account"
         " FROM customer k LEFT JOIN area a ON a.id = k.area WHERE k.id = $1 AND ($2 OR a.lineage && $3) FOR UPDATE OF k",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "code", DB_TEXT_TYPE }, { "version", DB_I32_TYPE }, { "body", DB_JSON_TYPE }, { "has_account", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (record_lock)

/* $2: bits of what is given. */
static const TilldStatement record_update = {
  .name = "customer-update",
  .sql = "UPDATE customer SET code = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE code END, name = CASE WHEN $2 & 2 <> 0 THEN $4 ELSE name END,"
         " pinyin = CASE WHEN $2 & 2 <> 0 THEN $5 ELSE pinyin END, kind = CASE WHEN $2 & 4 <> 0 THEN $6 ELSE kind END,"
         " phones = CASE WHEN $2 & 8 <> 0 THEN $7 ELSE phones END, area = CASE WHEN $2 & 16 <> 0 THEN $8 ELSE area END,"
         " use_class = CASE WHEN $2 & 32 <> 0 THEN $9 ELSE use_class END, language = CASE WHEN $2 & 64 <> 0 THEN $10 ELSE language END,"
         " note = CASE WHEN $2 & 128 <> 0 THEN $11 ELSE note END, version = version + 1"
         " WHERE id = $1 RETURNING to_jsonb (customer) - 'phones' - 'pinyin' - 'identity' AS body",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_I16_TYPE, DB_TEXT_ARRAY_TYPE, DB_I64_TYPE, DB_I16_TYPE,
              DB_TEXT_TYPE, DB_TEXT_TYPE },
  .columns = { { "body", DB_JSON_TYPE } },
};
TILLD_STATEMENT (record_update)

static const TilldStatement code_owner = {
  .name = "customer-code-owner",
  .sql = "SELECT id FROM customer WHERE code = $1 AND id <> $2",
  .params = { DB_TEXT_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (code_owner)

static const TilldStatement record_delete = {
  .name = "customer-delete", .sql = "DELETE FROM customer WHERE id = $1", .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (record_delete)

static const TilldStatement unspelled = {
  .name = "customer-unspelled",
  .sql = "SELECT id, name FROM customer WHERE pinyin IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "name", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (unspelled)

static const TilldStatement spell = {
  .name = "customer-spell",
  .sql = "UPDATE customer k SET pinyin = x.pinyin FROM unnest ($1::bigint[], $2::text[]) x (id, pinyin) WHERE k.id = x.id",
  .params = { DB_I64_ARRAY_TYPE, DB_TEXT_ARRAY_TYPE },
};
TILLD_STATEMENT (spell)

void
tilld_customer_record_clear (TilldCustomerRecord *record)
{
  g_clear_pointer (&record->code, g_free);
  g_clear_pointer (&record->name, g_free);
  g_clear_pointer (&record->language, g_free);
  g_clear_pointer (&record->note, g_free);
  for (guint i = 0; i < record->n_phones; i++)
    g_clear_pointer (&record->phones[i], g_free);
  record->n_phones = 0;
}

/* --- reading --- */

static gboolean
kind_from_word (const char *word, int *ret)
{
  *ret = g_str_equal (word, "shop");
  return *ret || g_str_equal (word, "household");
}

static void
read_phones (TillJsonRead *r, TilldCustomerRecord *ret)
{
  JsonArray *array = NULL;

  if (!till_json_read_array (r, "phones", TILL_OPTIONAL, TILLD_CUSTOMER_PHONES_MAX, &array) || array == NULL)
    return;
  ret->given |= TILLD_CUSTOMER_PHONES;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode   *node = json_array_get_element (array, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

      if (!till_text_is_phone (text))
        till_json_read_error (r, "phones", "number %u must be 5 to 20 digits, with a + before them where one belongs", i + 1);
      else
        ret->phones[ret->n_phones++] = g_strdup (text);
    }
}

static gboolean
is_code (const char *code)
{
  return strlen (code) <= 32 && strspn (code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == strlen (code);
}

void
tilld_customer_record_read (TillJsonRead *r, gboolean whole, TilldCustomerRecord *ret)
{
  if (till_json_read_text (r, "code", TILL_OPTIONAL, 32, &ret->code) && ret->code != NULL)
    {
      ret->given |= TILLD_CUSTOMER_CODE;
      if (!is_code (ret->code))
        till_json_read_error (r, "code", "must be at most 32 letters, digits, points, dashes and underscores");
    }
  if (till_json_read_text (r, "name", whole ? TILL_REQUIRED : TILL_OPTIONAL, TILL_NAME_CHARS, &ret->name) && ret->name != NULL)
    ret->given |= TILLD_CUSTOMER_NAME;
  if (till_json_read_has (r, "kind"))
    ret->given |= TILLD_CUSTOMER_KIND;
  till_json_read_enum (r, "kind", TILL_OPTIONAL, kind_from_word, &ret->kind);
  read_phones (r, ret);
  if (till_json_read_has (r, "area"))
    ret->given |= TILLD_CUSTOMER_AREA;
  till_json_read_int (r, "area", TILL_OPTIONAL, 0, G_MAXINT64, &ret->area);
  if (till_json_read_has (r, "class"))
    ret->given |= TILLD_CUSTOMER_CLASS;
  till_json_read_enum (r, "class", TILL_OPTIONAL, till_use_class_from_word, &ret->use_class);
  if (till_json_read_text (r, "language", TILL_OPTIONAL, 8, &ret->language) && ret->language != NULL)
    {
      ret->given |= TILLD_CUSTOMER_LANGUAGE;
      if (!g_str_equal (ret->language, "en") && !g_str_equal (ret->language, "zh_CN"))
        till_json_read_error (r, "language", "must be en or zh_CN");
    }
  if (till_json_read_has (r, "note"))
    ret->given |= TILLD_CUSTOMER_NOTE;
  till_json_read_text (r, "note", TILL_OPTIONAL, TILL_NOTE_CHARS, &ret->note);
}

/* --- writing --- */

static gboolean
wrong (GError **error, const char *member, const char *reason)
{
  till_fail (error, TILL_ERROR_INVALID, "%s %s", member, reason);
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

static gboolean
check (TilldDb *db, const TilldActor *who, const TilldCustomerRecord *in, gboolean fresh, GError **error)
{
  g_autoptr (GError) hidden = NULL;

  if ((in->given & TILLD_CUSTOMER_PHONES) != 0 && in->n_phones > 0 && !till_permission_set_has (who->permissions, TILL_PERMISSION_CUSTOMER_PRIVATE))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "phones need the permission customer.private");
  if (in->area != 0 && !tilld_area_check (db, who, in->area, &hidden))
    return wrong (error, "area", "must be an area you may see");
  if (in->area == 0 && who->areas != NULL && (fresh || (in->given & TILLD_CUSTOMER_AREA) != 0))
    return wrong (error, "area", "is needed: you see some areas only");
  return TRUE;
}

static gboolean
log_it (TilldDb *db, const TilldActor *who, const char *action, gint64 id, const char *before, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("customer:%" G_GINT64_FORMAT, id);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .before = before, .after = after }, error);
}

static gboolean
taken (const char *code, GError **error)
{
  return till_fail (error, TILL_ERROR_CONFLICT, "another customer has the code \"%s\"", code);
}

gboolean
tilld_customer_create (TilldDb *db, const TilldActor *who, const TilldCustomerRecord *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *pinyin = tilld_pinyin (in->name), *after = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  g_assert (tilld_actor_is_set (who) && in->name != NULL);
  if (!check (db, who, in, TRUE, error) ||
      !tilld_db_query (db, &record_insert, &rows, error, DB_TEXT (in->code), DB_TEXT (in->name), DB_TEXT (pinyin), DB_I16 (in->kind),
                       DB_TEXT_ARRAY ((const char *const *) in->phones, in->n_phones), DB_I64_IF (in->area != 0, in->area), DB_I16 (in->use_class),
                       DB_TEXT (in->language != NULL ? in->language : "zh_CN"), DB_TEXT (in->note)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return taken (in->code != NULL ? in->code : "(next number)", error);
  *ret_id = tilld_row_i64 (rows, 0, "id");
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "code", in->code);
  till_json_write_text (w, "name", in->name);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return log_it (db, who, "customer.create", *ret_id, NULL, after, error);
}

/* Locks the row; NOT_FOUND, STALE. */
static gboolean
lock (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, TilldRows **ret_rows, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  guint                 n = who->areas != NULL ? who->areas->len : 0;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &record_lock, &rows, error, DB_I64 (id), DB_BOOL (who->areas == NULL),
                       DB_I64_ARRAY (n > 0 ? (const gint64 *) who->areas->data : NULL, n)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no customer %" G_GINT64_FORMAT, id);
  if (tilld_row_i64 (rows, 0, "version") != version)
    return till_fail (error, TILL_ERROR_STALE, "somebody changed this customer since: load it again");
  *ret_rows = g_steal_pointer (&rows);
  return TRUE;
}

gboolean
tilld_customer_change (TilldDb *db, const TilldActor *who, gint64 id, const TilldCustomerRecord *in, gint64 version, GError **error)
{
  g_autoptr (TilldRows) rows = NULL, owner = NULL, after = NULL;
  g_autofree char *pinyin = in->name != NULL ? tilld_pinyin (in->name) : NULL;

  if (!lock (db, who, id, version, &rows, error) || !check (db, who, in, FALSE, error))
    return FALSE;
  if (in->code != NULL && !tilld_db_query (db, &code_owner, &owner, error, DB_TEXT (in->code), DB_I64 (id)))
    return FALSE;
  if (owner != NULL && tilld_rows_count (owner) > 0)
    return taken (in->code, error);
  return tilld_db_query (db, &record_update, &after, error, DB_I64 (id), DB_I32 (in->given), DB_TEXT (in->code), DB_TEXT (in->name), DB_TEXT (pinyin),
                         DB_I16 (in->kind), DB_TEXT_ARRAY ((const char *const *) in->phones, in->n_phones), DB_I64_IF (in->area != 0, in->area),
                         DB_I16 (in->use_class), DB_TEXT (in->language), DB_TEXT (in->note)) &&
         log_it (db, who, "customer.change", id, tilld_row_text (rows, 0, "body"), tilld_row_text (after, 0, "body"), error);
}

gboolean
tilld_customer_delete (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!lock (db, who, id, version, &rows, error))
    return FALSE;
  if (tilld_row_bool (rows, 0, "has_account"))
    return till_fail (error, TILL_ERROR_CONFLICT, "customer %s has or had an account: what has history stays", tilld_row_text (rows, 0, "code"));
  return tilld_db_query (db, &record_delete, NULL, error, DB_I64 (id)) &&
         log_it (db, who, "customer.delete", id, tilld_row_text (rows, 0, "body"), NULL, error);
}

gboolean
tilld_customer_spell (TilldDb *db, guint *ret_n, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) spellings = g_ptr_array_new_with_free_func (g_free);

  if (!tilld_db_query (db, &unspelled, &rows, error, DB_I64 (SPELL_ROWS)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gint64 id = tilld_row_i64 (rows, i, "id");

      g_array_append_val (ids, id);
      g_ptr_array_add (spellings, tilld_pinyin (tilld_row_text (rows, i, "name")));
    }
  *ret_n = ids->len;
  return ids->len == 0 || tilld_db_query (db, &spell, NULL, error, DB_I64_ARRAY ((const gint64 *) ids->data, ids->len),
                                          DB_TEXT_ARRAY ((const char *const *) spellings->pdata, spellings->len));
}
