/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-case-dialog.c: see till-case-dialog.h. Reads the meter first; choices that the reading contradicts cannot be chosen and say why.
 * The server judges again, twice. */
#define G_LOG_DOMAIN "till-case-dialog"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-case.h"
#include "client/pages/alarms/till-case-dialog.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"

typedef struct {
  TillPage      *page;
  TillCase      *record;
  TillAskWindow *window;
  void         (*done) (TillPage *page);
  gboolean       unreadable; /* the meter did not answer */
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  g_object_unref (self->page);
  g_object_unref (self->record);
  g_free (self);
}

/* --- proposing --- */

static void
proposed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Dialog *self = g_object_get_data (G_OBJECT (window), "till-dialog");
  g_autoptr (GError) error = NULL;
  g_autoptr (TillCase) record = till_alarm_service_decide_finish (TILL_ALARM_SERVICE (source), result, &error);

  if (record == NULL && !g_error_matches (error, TILL_ERROR, TILL_ERROR_APPROVAL_REQUIRED))
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (GTK_WIDGET (self->page), _ ("Sent for approval"));
  self->done (self->page);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
answered_cb (TillAskWindow *window, const char *answer, Dialog *self)
{
  TillCaseDecision decision = { till_record_int (self->record, "id"), till_ask_window_get_choice (window), till_ask_window_get_note (window),
                                self->unreadable ? till_ask_window_get_note (window) : NULL };

  till_alarm_service_decide_async (till_context_get_alarms (till_page_get_context (self->page)), &decision, NULL, proposed_cb, g_object_ref (window));
}

/* --- what is known --- */

static void
add_pair (TillAskWindow *window, const char *label, char *ledger, char *meter)
{
  g_autofree char *text = g_strdup_printf (_ ("ledger %s, meter %s"), ledger, meter);

  till_ask_window_add_fact (window, label, text);
  g_free (ledger);
  g_free (meter);
}

static gboolean
counts_energy (gpointer record)
{
  return till_record_int (record, "purse") == TILL_PURSE_ENERGY;
}

/* Of a total or balance: kWh, where the purse counts energy. */
static char *
format_units (gpointer record, gint64 value)
{
  g_autofree char *energy = NULL;

  if (!counts_energy (record) || value == TILL_UNKNOWN)
    return till_format_money (value);
  energy = till_format_energy (value / 10);
  return g_strdup_printf ("%s kWh", energy);
}

static char *
format_kwh (gpointer record, const char *field)
{
  g_autofree char *energy = till_format_energy (till_record_int (record, field));

  return g_strdup_printf ("%s kWh", energy);
}

/* The same in kWh: what was counted, what the purse lost. */
static void
add_energy_evidence (Dialog *self)
{
  gpointer record = self->record;
  gint64 difference = till_record_int (record, "energy-difference");
  g_autofree char *counted = format_kwh (record, "energy"), *taken = format_kwh (record, "energy-deducted"), *allowed = format_kwh (record, "energy-tolerance");
  g_autofree char *energy = till_format_energy (ABS (difference)), *amount = g_strdup_printf ("%s kWh", energy);
  g_autofree char *differs = g_strdup_printf (difference > 0 ? _ ("the meter took %s too much (allowed %s)") : _ ("the meter took %s too little (allowed %s)"),
                                              amount, allowed);

  till_ask_window_add_fact (self->window, _ ("Energy"), counted);
  till_ask_window_add_fact (self->window, _ ("Taken by the meter"), taken);
  till_ask_window_add_fact (self->window, _ ("Difference"), differs);
}

/* What the conservation check found: the day, what should have been taken, what was. */
static void
add_evidence (Dialog *self)
{
  gpointer record = self->record;
  gint64 difference = till_record_int (record, "difference");
  g_autofree char *day = till_format_day (till_record_int (record, "day")), *energy = till_format_energy (till_record_int (record, "energy"));
  g_autofree char *charge = till_format_price (till_record_int (record, "charge")), *deducted = till_format_price (till_record_int (record, "deducted"));
  g_autofree char *bought = till_format_price (till_record_int (record, "bought")), *amount = till_format_price (ABS (difference));
  g_autofree char *tolerance = till_format_price (till_record_int (record, "tolerance"));
  g_autofree char *expected = g_strdup_printf (_ ("%s for %s kWh by the tariff"), charge, energy);
  g_autofree char *differs = g_strdup_printf (difference > 0 ? _ ("the meter took %s too much (allowed %s)") : _ ("the meter took %s too little (allowed %s)"),
                                              amount, tolerance);
  guint n = (guint) till_record_int (record, "readings");
  g_autofree char *period = g_strdup_printf (ngettext ("%s, %u reading", "%s, %u readings", n), day, n);

  till_ask_window_add_fact (self->window, _ ("Period"), period);
  if (till_record_known (record, "energy-difference"))
    {
      add_energy_evidence (self);
      return;
    }
  till_ask_window_add_fact (self->window, _ ("Expected charge"), expected);
  till_ask_window_add_fact (self->window, _ ("Taken by the meter"), deducted);
  till_ask_window_add_fact (self->window, _ ("Purchased in it"), bought);
  till_ask_window_add_fact (self->window, _ ("Difference"), differs);
}

/* The newest that the meter said: read for this decision, else what opened the case. */
static gint64
said (gpointer record, const char *seen, const char *reading)
{
  return till_record_known (record, seen) ? till_record_int (record, seen) : till_record_int (record, reading);
}

static void
add_facts (Dialog *self)
{
  gpointer record = self->record;
  g_autofree char *amount = till_format_money_sign (till_record_int (record, "amount")), *at = till_format_time_seconds (said (record, "seen-at", "read-at"));

  till_ask_window_add_fact (self->window, _ ("Meter No."), till_record_text (record, "meter-code"));
  till_ask_window_add_fact (self->window, _ ("Room"), till_record_text (record, "room"));
  till_ask_window_add_fact (self->window, _ ("Reason"), till_format_word (&till_words_case_reason, till_record_int (record, "reason")));
  if (till_record_known (record, "difference"))
    add_evidence (self);
  if (till_record_known (record, "amount"))
    till_ask_window_add_fact (self->window, _ ("Amount"), amount);
  add_pair (self->window, _ ("Purchase count"), till_format_int (till_record_int (record, "believed-count")),
            till_format_int (said (record, "seen-count", "reading-count")));
  add_pair (self->window, _ ("Total purchased"), format_units (record, till_record_int (record, "believed-total")),
            format_units (record, said (record, "seen-total", "reading-total")));
  add_pair (self->window, _ ("Balance"), format_units (record, till_record_int (record, "believed-balance")),
            format_units (record, said (record, "seen-balance", "reading-balance")));
  till_ask_window_add_fact (self->window, _ ("Read at"), at);
}

/* Count and total of meter and ledger: the same, or the meter is ahead by exactly this sale. */
static gboolean
is_read (gpointer record)
{
  return said (record, "seen-count", "reading-count") != TILL_UNKNOWN;
}

static gboolean
is_same (gpointer record)
{
  return is_read (record) && said (record, "seen-count", "reading-count") == till_record_int (record, "believed-count") &&
         said (record, "seen-total", "reading-total") == till_record_int (record, "believed-total");
}

static gboolean
has_arrived (gpointer record)
{
  gint64 sold = counts_energy (record) ? till_record_int (record, "sale-energy") * 10 : till_record_int (record, "amount");

  return is_read (record) && said (record, "seen-count", "reading-count") == till_record_int (record, "believed-count") + 1 &&
         said (record, "seen-total", "reading-total") == till_record_int (record, "believed-total") + sold;
}

static void
add_sale_choices (Dialog *self, gboolean read)
{
  gpointer record = self->record;
  gboolean command = till_record_text (record, "command") != NULL;
  const char *none = _ ("No sale is in doubt here."), *contradicts = _ ("The reading of the meter contradicts it.");
  const char *applied = !command ? none : read && is_same (record) ? contradicts : NULL;
  const char *again = !command ? none : !read ? _ ("Needs a fresh reading of the meter.") : !is_same (record) ? contradicts : NULL;
  const char *back = !command ? none : read && has_arrived (record) ? contradicts : NULL;

  till_ask_window_add_choice (self->window, &(TillAskChoice){ "applied", _ ("The meter has it"), _ ("Books the sale as delivered."), applied });
  till_ask_window_add_choice (self->window, &(TillAskChoice){ "send_again", _ ("Send again"), _ ("Nothing arrived: the same sale is sent once more."), again });
  till_ask_window_add_choice (self->window, &(TillAskChoice){ "return", _ ("Return to customer"),
                                                              _ ("Gives the delivery up; the money is owed to the customer."), back });
}

/* A difference of the books is explained or the meter is right; a doubt about a sale or a counter is never just explained. */
static void
add_choices (Dialog *self)
{
  gpointer record = self->record;
  gboolean read = is_read (record) && !self->unreadable, books = till_record_int (record, "reason") == TILL_CASE_REASON_DISCREPANCY;
  const char *values = till_record_text (record, "command") != NULL ? _ ("Decide about the sale first.")
                       : read ? NULL : _ ("Needs a fresh reading of the meter.");

  if (books)
    till_ask_window_add_choice (self->window, &(TillAskChoice){ "explained", _ ("Explained"), _ ("Nothing is booked; the note says why."), NULL });
  else
    add_sale_choices (self, read);
  till_ask_window_add_choice (self->window, &(TillAskChoice){ "accept_meter", _ ("Accept the meter's values"),
                                                              _ ("They are right from now on; the difference is booked to suspense."),
                                                              values });
}

static void
present (Dialog *self)
{
  TillAsk ask = { .title = _ ("Case"), .action = _ ("Propose"), .note_required = TRUE,
                  .note = self->unreadable ? _ ("Note: what was found, and why the meter cannot be read") : _ ("Note: what was found"),
                  .intro = self->unreadable ? _ ("The meter did not answer: what it said last is shown.") : NULL };

  self->window = till_ask_window_new (GTK_WIDGET (self->page), &ask);
  g_object_set_data_full (G_OBJECT (self->window), "till-dialog", self, dialog_free);
  add_facts (self);
  add_choices (self);
  g_signal_connect (self->window, "answered", G_CALLBACK (answered_cb), self);
  gtk_window_present (GTK_WINDOW (self->window));
}

/* --- the fresh reading, then the case as it is with it --- */

static void
case_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Dialog *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillCase) record = till_alarm_service_get_case_finish (TILL_ALARM_SERVICE (source), result, &error);

  if (record == NULL)
    {
      till_report_error (GTK_WIDGET (self->page), TILL_REPORT_ACTION, error);
      dialog_free (self);
      return;
    }
  g_set_object (&self->record, record);
  present (self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Dialog *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  if (meter == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      dialog_free (self);
      return;
    }
  self->unreadable = meter == NULL;
  till_alarm_service_get_case_async (till_context_get_alarms (till_page_get_context (self->page)), till_record_int (self->record, "id"),
                                     till_page_get_cancellable (self->page), case_cb, self);
}

void
till_case_dialog_show (TillPage *page, gpointer record, void (*done) (TillPage *page))
{
  Dialog *self = g_new0 (Dialog, 1);

  *self = (Dialog){ g_object_ref (page), g_object_ref (record), NULL, done, FALSE };
  till_meter_service_read_now_async (till_context_get_meters (till_page_get_context (page)), till_record_int (record, "meter"),
                                     till_page_get_cancellable (page), read_cb, self);
}
