/* SPDX-License-Identifier: GPL-2.0-or-later
 * window-fixture.h: the main window, signed in to a fake campus, and what window tests do to it: find, wait, press keys, destroy. */
#pragma once
#include <adwaita.h>
#include "client/app/till-window.h"
#include "tests/client/campus.h"

G_BEGIN_DECLS

#define CASHIER "meters.view,meters.read,sales.sell,sales.view,reports.money,alarms.acknowledge,meters.export"

typedef struct {
  TillFakeServer *server;
  TillContext    *context;
  TillWindow     *window; /* NULL after window_fixture_close */
} WindowFixture;

/* Instead of till_test_init: GTK, the types and resources of the client, no animations. */
void window_fixture_init (int *argc, char ***argv);

/* permissions NULL: of a cashier. */
void      window_fixture_set_up (WindowFixture *f, gconstpointer permissions);
TillPage *window_fixture_show (WindowFixture *f, const char *page, const char *target);
/* Destroys the window and waits until window and page are finalized. */
void      window_fixture_close (WindowFixture *f, const char *page);
void      window_fixture_tear_down (WindowFixture *f, gconstpointer data);

/* Children of the tree of root (GtkWidget); NULL when there is none. */
gpointer  window_find_type (gpointer root, GType type);
gpointer  window_find_id (gpointer root, const char *id); /* as in the .ui file; fails when there is none */
GtkWindow *window_find_toplevel (GType type);
gpointer  window_await_toplevel (GType type);
GtkWidget *window_find_row (gpointer root, const char *title); /* the preferences row of that title; fails when there is none */
gboolean  window_shows (gpointer root, const char *text);  /* in a mapped label */
void      window_await_text (gpointer root, const char *text);
void      window_await_no_text (gpointer root, const char *text);
GtkWidget *window_find_button (gpointer root, const char *label); /* mapped; fails when there is none */
/* Clicks the mapped button that says so. */
void      window_click (gpointer root, const char *label);

/* What a key does from the focus upwards, through the shortcuts of each widget; fails when nobody takes it. */
void      window_press (gpointer window, guint key, GdkModifierType modifiers);
void      window_type (gpointer window, const char *text); /* into the entry with the focus */

/* With GRIDTILL_LOOK=DIR: a picture of the window of that widget as DIR/NAME.png, for people. */
void      window_look (gpointer widget, const char *name);

void      window_await_count (TillFakeServer *server, const char *method, const char *path, guint count);
/* The window is destroyed and must be finalized. */
void      window_destroy_and_await (gpointer window);

G_END_DECLS
