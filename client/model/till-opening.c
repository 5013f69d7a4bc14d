/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-opening.c: see till-opening.h. */
#define G_LOG_DOMAIN "till-opening"
#include "config.h"
#include "client/core/till-api-error.h"
#include "client/model/till-opening.h"
#include "shared/base/till-money.h"

G_DEFINE_FINAL_TYPE (TillOpeningMeter, till_opening_meter, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
sum_clear (TillOpeningSum *sum)
{
  g_clear_object (&sum->sale);
  g_clear_pointer (&sum->error, g_free);
}

static void
till_opening_meter_finalize (GObject *object)
{
  TillOpeningMeter *self = TILL_OPENING_METER (object);

  sum_clear (&self->opening);
  sum_clear (&self->carried);
  g_clear_object (&self->meter);
  g_clear_object (&self->price);
  g_clear_object (&self->limits);
  g_free (self->read_error);
  g_free (self->from);
  G_OBJECT_CLASS (till_opening_meter_parent_class)->finalize (object);
}

static void
till_opening_meter_class_init (TillOpeningMeterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_opening_meter_finalize;
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_OPENING_METER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_opening_meter_init (TillOpeningMeter *self)
{
}

TillOpeningMeter *
till_opening_meter_new (TillMeter *meter)
{
  TillOpeningMeter *self = g_object_new (TILL_TYPE_OPENING_METER, NULL);
  gint64 now_ms = g_get_real_time () / 1000;

  self->meter = g_object_ref (meter);
  self->tariff = till_record_known (meter, "tariff") ? till_record_int (meter, "tariff") : 0;
  self->alarm1 = self->alarm2 = self->overdraft = TILL_UNKNOWN;
  self->overload_w = till_record_int (meter, "overload-kw");
  if (till_record_int (meter, "purse") != TILL_PURSE_ENERGY) /* an account opens with limits in money; those in kWh the server takes from the defaults */
    {
      self->alarm1 = till_record_int (meter, "alarm1");
      self->alarm2 = till_record_int (meter, "alarm2");
      self->overdraft = till_record_int (meter, "overdraft");
    }
  till_id_new (&self->opening.id, now_ms);
  till_id_new (&self->carried.id, now_ms);
  return self;
}

void
till_opening_meter_changed (TillOpeningMeter *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

void
till_opening_meter_set_reading (TillOpeningMeter *self, TillMeter *meter, const char *error)
{
  self->reading = FALSE;
  g_free (self->read_error);
  self->read_error = g_strdup (error);
  if (meter != NULL)
    g_set_object (&self->meter, meter);
  till_opening_meter_changed (self);
}

gboolean
till_opening_meter_is_fresh (TillOpeningMeter *self, gint64 now, gint64 max_age_s)
{
  gint64 age = till_meter_age_s (self->meter, now);

  return age >= 0 && age <= max_age_s;
}

/* --- the whole --- */

TillOpening *
till_opening_new (gint64 now_ms)
{
  TillOpening *self = g_new0 (TillOpening, 1);

  till_id_new (&self->id, now_ms);
  self->meters = g_list_store_new (TILL_TYPE_OPENING_METER);
  return self;
}

void
till_opening_free (TillOpening *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->customer);
  g_clear_object (&self->meters);
  g_free (self);
}

guint
till_opening_count (TillOpening *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->meters));
}

TillOpeningMeter *
till_opening_get (TillOpening *self, guint i)
{
  g_autoptr (TillOpeningMeter) item = g_list_model_get_item (G_LIST_MODEL (self->meters), i);

  return item; /* the list holds it */
}

TillOpeningMeter *
till_opening_find (TillOpening *self, gint64 meter)
{
  for (guint i = 0; i < till_opening_count (self); i++)
    if (till_record_int (till_opening_get (self, i)->meter, "id") == meter)
      return till_opening_get (self, i);
  return NULL;
}

void
till_opening_sum (TillOpening *self, gint64 *ret_paid, gint64 *ret_carried)
{
  *ret_paid = *ret_carried = 0;
  for (guint i = 0; i < till_opening_count (self); i++)
    {
      *ret_paid += till_opening_get (self, i)->opening.amount;
      *ret_carried += till_opening_get (self, i)->carried.amount;
    }
}

static void
write_money (JsonObject *object, const char *member, gint64 amount)
{
  char text[TILL_MONEY_TEXT];

  if (amount != TILL_UNKNOWN)
    json_object_set_string_member (object, member, till_money_print (amount, text));
}

static void
write_sum (JsonObject *object, const char *amount, const char *id, const TillOpeningSum *sum)
{
  char text[TILL_ID_TEXT];

  if (sum->amount == 0)
    return;
  write_money (object, amount, sum->amount);
  json_object_set_string_member (object, id, till_id_print (&sum->id, text));
}

static JsonObject *
write_meter (TillOpeningMeter *item)
{
  JsonObject *object = json_object_new (), *limits = json_object_new ();
  g_autofree char *kw = item->overload_w != TILL_UNKNOWN
                          ? g_strdup_printf ("%" G_GINT64_FORMAT ".%03" G_GINT64_FORMAT, item->overload_w / 1000, item->overload_w % 1000) : NULL;

  json_object_set_int_member (object, "meter", till_record_int (item->meter, "id"));
  if (item->tariff > 0)
    json_object_set_int_member (object, "tariff", item->tariff);
  write_money (limits, "alarm1", item->alarm1);
  write_money (limits, "alarm2", item->alarm2);
  if (kw != NULL)
    json_object_set_string_member (limits, "overload_kw", kw);
  write_money (limits, "overdraft", item->overdraft);
  json_object_set_object_member (object, "limits", limits);
  write_sum (object, "opening_amount", "sale_id", &item->opening);
  write_sum (object, "carried_amount", "carried_sale_id", &item->carried);
  if (item->carried.amount != 0 && item->from != NULL && item->from[0] != '\0')
    json_object_set_string_member (object, "carried_from", item->from);
  return object;
}

JsonNode *
till_opening_write (TillOpening *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *body = json_object_new ();
  JsonArray *meters = json_array_new ();
  char id[TILL_ID_TEXT];

  json_object_set_string_member (body, "id", till_id_print (&self->id, id));
  json_object_set_int_member (body, "customer", till_record_int (self->customer, "id"));
  json_object_set_string_member (body, "settled", self->together ? "together" : "each");
  json_object_set_string_member (body, "channel", till_channel_word (self->channel));
  for (guint i = 0; i < till_opening_count (self); i++)
    json_array_add_object_element (meters, write_meter (till_opening_get (self, i)));
  json_object_set_array_member (body, "meters", meters);
  json_node_take_object (node, body);
  return node;
}

static gboolean
read_sum (JsonObject *object, const char *member, const char *error_member, TillOpeningSum *sum, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  sum_clear (sum);
  sum->error = g_strdup (json_object_get_string_member_with_default (object, error_member, NULL));
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  sum->sale = till_record_new_from_json (TILL_TYPE_SALE, node, error);
  return sum->sale != NULL;
}

gboolean
till_opening_read (TillOpening *self, JsonNode *answer, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (answer) ? json_node_get_object (answer) : NULL;
  JsonNode *list = object != NULL ? json_object_get_member (object, "meters") : NULL;
  JsonArray *meters = list != NULL && JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  if (meters == NULL || json_array_get_length (meters) != till_opening_count (self) ||
      json_object_get_int_member_with_default (object, "account", 0) <= 0)
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not an account that was opened");
      return FALSE;
    }
  self->account = json_object_get_int_member (object, "account");
  for (guint i = 0; i < json_array_get_length (meters); i++)
    {
      TillOpeningMeter *item = till_opening_get (self, i);
      JsonNode *node = json_array_get_element (meters, i);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        continue;
      if (!read_sum (json_node_get_object (node), "sale", "error", &item->opening, error) ||
          !read_sum (json_node_get_object (node), "carried", "carried_error", &item->carried, error))
        return FALSE;
      till_opening_meter_changed (item);
    }
  return TRUE;
}
