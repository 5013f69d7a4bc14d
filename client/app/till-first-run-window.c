/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-first-run-window.c: see till-first-run-window.h. Counts are asked for again whenever a step is shown or the window is come back to. */
#define G_LOG_DOMAIN "till-first-run"
#include "config.h"
#include <glib/gi18n.h>
#include "client/app/till-first-run-window.h"
#include "client/app/till-page-registry.h"
#include "client/pages/config/till-import-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-steps.h"
#include "shared/api/till-paths.h"

typedef struct {
  const char *name, *title, *icon, *heading, *text, *action;
  const char *page, *target; /* where it is done */
  const char *path;          /* whose records say how far it is */
  guint       enough;
  const char *permission;    /* of that list */
  const char *count_1, *count_n, *none;
} Step;

static const Step steps[] = {
  { "site", NC_ ("first-run", "Site"), "till-area-symbolic", N_ ("Name your site"),
    N_ ("Its name and service phone stand on every receipt. Here is also set how often meters are polled and whether a sale may wait for a silent meter."),
    N_ ("Set up the site…"), "config", "areas:site", TILL_PATH_AREAS, 1, "meters.view", N_ ("%u area so far."), N_ ("%u areas so far."),
    N_ ("There is no area yet: an import makes them, or you do.") },
  { "operators", NC_ ("first-run", "Operators"), "till-operator-symbolic", N_ ("Let others in"),
    N_ ("A cashier sells, finance sets prices, an engineer looks after meters. Each signs in with a name of their own "
        "and begins with a one-time password that you hand over."),
    N_ ("New operator…"), "config", "operators:new", TILL_PATH_OPERATORS, 2, "operators.edit", N_ ("%u operator so far: you."),
      N_ ("%u operators so far."), N_ ("No operator yet.") },
  { "gateways", NC_ ("first-run", "Gateways"), "till-connected-symbolic", N_ ("Connect the first gateway"),
    N_ ("A gateway brings the meters of a building to this server. Its master key is shown once: put it into the gateway."), N_ ("New gateway…"), "config",
    "gateways:new", TILL_PATH_GATEWAYS, 1, "meters.view", N_ ("%u gateway so far."), N_ ("%u gateways so far."), N_ ("No gateway yet.") },
  { "meters", NC_ ("first-run", "Meters"), "till-meters-symbolic", N_ ("Bring in meters, customers and accounts"),
    N_ ("Import lists of gateways and meters, then of customers, then of accounts with the money of old meters. Or ask a gateway which circuits it has."),
    N_ ("Import…"), "config", "areas:import", TILL_PATH_METERS, 1, "meters.view", N_ ("%u meter so far."), N_ ("%u meters so far."), N_ ("No meter yet.") },
  { "tariff", NC_ ("first-run", "Tariff"), "till-tariffs-symbolic", N_ ("Set a price"),
    N_ ("One price for all hours, or a price for each part of the day. Meters get it before their first sale."), N_ ("Go to tariffs"), "tariffs", "",
    TILL_PATH_TARIFFS, 1, "meters.view", N_ ("%u tariff so far."), N_ ("%u tariffs so far."), N_ ("No tariff yet.") },
  { "sale", NC_ ("first-run", "First sale"), "till-sales-symbolic", N_ ("Sell"),
    N_ ("Find a meter, type an amount, take the money. The receipt says when the meter has it."), N_ ("Go to the counter"), "sales", "counter",
    TILL_PATH_SALES, 1, "sales.view", N_ ("%u sale so far."), N_ ("%u sales so far."), N_ ("No sale yet.") },
};

typedef struct { GtkLabel *state; GtkWidget *action; } View;

struct _TillFirstRunWindow {
  AdwWindow     parent_instance;
  TillContext  *context;
  GCancellable *cancellable;
  TillSteps    *steps;
  View          views[G_N_ELEMENTS (steps)];
  gboolean      known[G_N_ELEMENTS (steps)], done[G_N_ELEMENTS (steps)];
  gboolean      placed; /* at the first step that is not done; from then on people go where they want */
};

G_DEFINE_FINAL_TYPE (TillFirstRunWindow, till_first_run_window, ADW_TYPE_WINDOW)

static guint
current (TillFirstRunWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_strcmp0 (steps[i].name, till_steps_get (self->steps)) == 0)
      return i;
  return 0;
}

static void
judge (TillFirstRunWindow *self)
{
  guint at = current (self);
  g_autofree char *next = NULL;

  if (at + 1 < G_N_ELEMENTS (steps))
    next = g_strdup_printf (_ ("Next: %s"), g_dpgettext2 (NULL, "first-run", steps[at + 1].title));
  till_steps_set_next (self->steps, next != NULL ? next : _ ("Close"), TRUE);
}

static void
place (TillFirstRunWindow *self)
{
  guint first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (!self->known[i])
      return;
  while (first + 1 < G_N_ELEMENTS (steps) && self->done[first])
    first++;
  self->placed = TRUE;
  till_steps_go (self->steps, steps[first].name);
}

/* --- how far it is --- */

typedef struct { TillFirstRunWindow *self; guint step; } Asked;

static void
show_count (TillFirstRunWindow *self, guint step, guint n)
{
  const Step *s = &steps[step];
  const char *format = n == 0 ? s->none : n == 1 ? s->count_1 : s->count_n;
  g_autofree char *number = till_format_int (n);
  g_autoptr (GString) text = g_string_new (_ (format));

  g_string_replace (text, "%u", number, 1);
  self->done[step] = n >= s->enough;
  gtk_label_set_text (self->views[step].state, text->str);
  till_steps_set_done (self->steps, s->name, self->done[step]);
}

static void
count_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asked *asked = user_data;
  g_autoptr (TillFirstRunWindow) self = asked->self;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (!till_plant_service_count_finish (TILL_PLANT_SERVICE (source), result, &n, &error))
    {
      g_autofree char *text = till_api_error_describe (error);

      if (g_cancellable_is_cancelled (self->cancellable))
        return;
      gtk_label_set_text (self->views[asked->step].state, text);
    }
  else
    show_count (self, asked->step, n);
  self->known[asked->step] = TRUE;
  if (!self->placed)
    place (self);
}

static void
ask (TillFirstRunWindow *self)
{
  TillSession *session = till_context_get_session (self->context);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      Asked *asked;

      if (!till_session_may_word (session, steps[i].permission))
        {
          self->known[i] = TRUE;
          gtk_label_set_text (self->views[i].state, _ ("You may not see this; somebody else does this step."));
          continue;
        }
      asked = g_new0 (Asked, 1);
      *asked = (Asked){ g_object_ref (self), i };
      till_plant_service_count_async (till_context_get_plant (self->context), steps[i].path, self->cancellable, count_cb, asked);
    }
}

/* --- doing a step --- */

static void
step_cb (GtkButton *button, TillFirstRunWindow *self)
{
  const Step *step = &steps[current (self)];
  GtkWindow *main_window = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (g_str_equal (step->name, "meters")) /* over this window, so that one goes on here */
    g_signal_connect_object (till_import_window_show (GTK_WIDGET (self), self->context, TILL_IMPORT_PLANT), "imported", G_CALLBACK (ask), self,
                             G_CONNECT_SWAPPED);
  else if (main_window != NULL)
    gtk_widget_activate_action (GTK_WIDGET (main_window), "win.show-page", "(ss)", step->page, step->target);
}

static void
next_cb (TillFirstRunWindow *self)
{
  guint at = current (self);

  if (at + 1 < G_N_ELEMENTS (steps))
    till_steps_go (self->steps, steps[at + 1].name);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
shown_cb (TillFirstRunWindow *self)
{
  judge (self);
  if (self->placed)
    ask (self);
}

static void
active_cb (TillFirstRunWindow *self)
{
  if (gtk_window_is_active (GTK_WINDOW (self)) && self->placed)
    ask (self);
}

/* --- window --- */

static void
till_first_run_window_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_FIRST_RUN_WINDOW (widget)->cancellable);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_first_run_window_parent_class)->unmap (widget);
}

static void
till_first_run_window_finalize (GObject *object)
{
  g_clear_object (&TILL_FIRST_RUN_WINDOW (object)->context);
  g_object_unref (TILL_FIRST_RUN_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_first_run_window_parent_class)->finalize (object);
}

static void
till_first_run_window_class_init (TillFirstRunWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_first_run_window_finalize;
  GTK_WIDGET_CLASS (klass)->unmap = till_first_run_window_unmap;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
label_of (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
make_step (TillFirstRunWindow *self, guint i)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14), *clamp = adw_clamp_new (), *icon = gtk_image_new_from_icon_name (steps[i].icon);

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 64);
  gtk_widget_add_css_class (icon, "till-logo");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label_of (_ (steps[i].heading), "title-1"));
  gtk_box_append (GTK_BOX (box), label_of (_ (steps[i].text), "body"));
  self->views[i].state = GTK_LABEL (label_of ("", "till-strong"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->views[i].state));
  self->views[i].action = gtk_button_new_with_label (_ (steps[i].action));
  gtk_widget_set_halign (self->views[i].action, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->views[i].action, "clicked", G_CALLBACK (step_cb), self, 0);
  gtk_box_append (GTK_BOX (box), self->views[i].action);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  return clamp;
}

static void
till_first_run_window_init (TillFirstRunWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = adw_header_bar_new ();

  self->cancellable = g_cancellable_new ();
  self->steps = TILL_STEPS (till_steps_new ());
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (bar), adw_window_title_new (_ ("First steps"), NULL));
  gtk_window_set_title (GTK_WINDOW (self), _ ("First steps"));
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    till_steps_add (self->steps, steps[i].name, g_dpgettext2 (NULL, "first-run", steps[i].title), make_step (self, i));
  gtk_widget_set_vexpand (GTK_WIDGET (self->steps), TRUE);
  g_signal_connect_object (self->steps, "next", G_CALLBACK (next_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->steps, "shown", G_CALLBACK (shown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_cb), NULL);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps));
  gtk_window_set_default_size (GTK_WINDOW (self), 860, 560);
  adw_window_set_content (ADW_WINDOW (self), box);
  judge (self);
}

/* A page that this operator does not have offers no button. */
static void
show_actions (TillFirstRunWindow *self)
{
  TillSession *session = till_context_get_session (self->context);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      const TillPageInfo *info = till_page_registry_find (steps[i].page);

      gtk_widget_set_visible (self->views[i].action, info != NULL && till_page_registry_may (info, session));
    }
}

TillFirstRunWindow *
till_first_run_window_show (GtkWindow *parent, TillContext *context)
{
  TillFirstRunWindow *self = g_object_new (TILL_TYPE_FIRST_RUN_WINDOW, "transient-for", parent, "destroy-with-parent", TRUE, NULL);

  self->context = g_object_ref (context);
  show_actions (self);
  ask (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

/* --- the offer --- */

typedef struct { GWeakRef parent; TillContext *context; gboolean meters; } Offer;

static void
offer_free (Offer *offer)
{
  g_weak_ref_clear (&offer->parent);
  g_object_unref (offer->context);
  g_free (offer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Offer, offer_free)

static void
offer_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Offer) offer = user_data;
  g_autoptr (GtkWindow) parent = g_weak_ref_get (&offer->parent);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  if (!till_plant_service_count_finish (TILL_PLANT_SERVICE (source), result, &n, &error) || n > 0 || parent == NULL)
    return; /* not empty, or not known: nobody is bothered */
  if (offer->meters)
    {
      till_first_run_window_show (parent, offer->context);
      return;
    }
  offer->meters = TRUE;
  till_plant_service_count_async (TILL_PLANT_SERVICE (source), TILL_PATH_METERS, NULL, offer_cb, g_steal_pointer (&offer));
}

void
till_first_run_offer (GtkWindow *parent, TillContext *context)
{
  Offer *offer;

  if (!till_session_may (till_context_get_session (context), TILL_PERMISSION_PLANT_EDIT))
    return;
  offer = g_new0 (Offer, 1);
  g_weak_ref_init (&offer->parent, parent);
  offer->context = g_object_ref (context);
  till_plant_service_count_async (till_context_get_plant (context), TILL_PATH_GATEWAYS, NULL, offer_cb, offer);
}
