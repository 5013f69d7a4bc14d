/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-remote-sorter.c: the probe sorter. GTK 4.8 cannot be asked for the primary sort column, but it compares two objects
 * with that column's sorter first: the sorter that is called notes its key, the sign tells the direction. */
#define G_LOG_DOMAIN "till-remote-sorter"
#include "config.h"
#include "client/widgets/till-remote-sorter.h"

struct _TillRemoteSorter {
  GObject        parent_instance;
  GtkColumnView *view;      /* weak: it owns us through the table */
  GtkSorter     *sorter;
  const char    *noted_key; /* by the first column sorter of one comparison */
  const char    *key;
  gboolean       descending;
};

G_DEFINE_FINAL_TYPE (TillRemoteSorter, till_remote_sorter, G_TYPE_OBJECT)

static guint changed_signal;

typedef struct { TillRemoteSorter *sorter; const char *key; } Probe; /* sorter: weak pointer */

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  g_clear_weak_pointer (&probe->sorter);
  g_free (probe);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  Probe *probe = user_data;

  if (probe->sorter != NULL && probe->sorter->noted_key == NULL)
    probe->sorter->noted_key = probe->key;
  return a < b ? -1 : a > b;
}

static void
ask (TillRemoteSorter *self)
{
  g_autoptr(GObject) a = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr(GObject) b = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *low = MIN (a, b), *high = MAX (a, b);
  int sign;

  self->noted_key = NULL;
  sign = gtk_sorter_compare (self->sorter, low, high);
  self->key = self->noted_key;
  self->descending = self->key != NULL && sign > 0;
}

static void
changed_cb (GtkSorter *sorter, GtkSorterChange change, TillRemoteSorter *self)
{
  const char *key = self->key;
  gboolean descending = self->descending;

  ask (self);
  if (key != self->key || descending != self->descending)
    g_signal_emit (self, changed_signal, 0, self->key, self->descending);
}

static void
till_remote_sorter_dispose (GObject *object)
{
  TillRemoteSorter *self = TILL_REMOTE_SORTER (object);

  if (self->sorter != NULL)
    g_signal_handlers_disconnect_by_data (self->sorter, self);
  g_clear_object (&self->sorter);
  g_clear_weak_pointer (&self->view);
  G_OBJECT_CLASS (till_remote_sorter_parent_class)->dispose (object);
}

static void
till_remote_sorter_class_init (TillRemoteSorterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_remote_sorter_dispose;
  changed_signal = g_signal_new ("changed", TILL_TYPE_REMOTE_SORTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                 G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_BOOLEAN);
}

static void
till_remote_sorter_init (TillRemoteSorter *self)
{
}

TillRemoteSorter *
till_remote_sorter_new (GtkColumnView *view)
{
  TillRemoteSorter *self = g_object_new (TILL_TYPE_REMOTE_SORTER, NULL);

  g_set_weak_pointer (&self->view, view);
  self->sorter = g_object_ref (gtk_column_view_get_sorter (view));
  g_signal_connect (self->sorter, "changed", G_CALLBACK (changed_cb), self);
  return self;
}

void
till_remote_sorter_add_column (TillRemoteSorter *self, GtkColumnViewColumn *column, const char *key)
{
  Probe *probe = g_new0 (Probe, 1);
  g_autoptr(GtkSorter) sorter = NULL;

  g_set_weak_pointer (&probe->sorter, self);
  probe->key = g_intern_string (key);
  sorter = GTK_SORTER (gtk_custom_sorter_new (compare_cb, probe, probe_free));
  gtk_column_view_column_set_sorter (column, sorter);
}

const char *
till_remote_sorter_get_key (TillRemoteSorter *self, gboolean *ret_descending)
{
  if (ret_descending != NULL)
    *ret_descending = self->descending;
  return self->key;
}
