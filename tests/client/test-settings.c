/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-settings.c: the key file: defaults, round trip, a file that is damaged. */
#include "config.h"
#include "client/core/till-settings.h"
#include "tests/lib/test-main.h"

static void
test_round_trip (void)
{
  g_autofree char *path = g_build_filename (till_test_dir (), "deep", "client.ini", NULL);
  const gint64 amounts[] = { 10000, 25000 };

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr(TillSettings) settings = till_settings_new (path);
      g_auto(GStrv) servers = till_settings_dup_servers (settings);
      g_autofree char *layout = till_settings_dup_view (settings, &(TillViewKey){ "zhang [1]", "meters", "layout" });
      g_autofree gint64 *quick = NULL;
      guint n;
      int width;

      quick = till_settings_dup_quick_amounts (settings, &n);
      g_object_get (settings, "window-width", &width, NULL);
      if (round == 0)
        {
          g_assert_cmpint (width, ==, 1280);
          g_assert_cmpuint (g_strv_length (servers), ==, 0);
          g_assert_cmpuint (n, ==, 4);
          g_assert_null (layout);
          g_assert_cmpstr (till_settings_get_text (settings, "theme"), ==, "system");
          till_settings_add_server (settings, "a:1");
          till_settings_add_server (settings, "b:2");
          till_settings_add_server (settings, "a:1");
          till_settings_set_quick_amounts (settings, amounts, 2);
          till_settings_set_view (settings, &(TillViewKey){ "zhang [1]", "meters", "layout" }, "code:96;state:104");
          g_object_set (settings, "window-width", 1440, "theme", "dark", "user", "", "remember", FALSE, NULL);
          continue; /* written when it goes */
        }
      g_assert_cmpint (width, ==, 1440);
      g_assert_cmpstr (till_settings_get_text (settings, "theme"), ==, "dark");
      g_assert_null (till_settings_get_text (settings, "user"));
      g_assert_cmpstr (servers[0], ==, "a:1");
      g_assert_cmpstr (servers[1], ==, "b:2");
      g_assert_null (servers[2]);
      g_assert_cmpuint (n, ==, 2);
      g_assert_cmpint (quick[1], ==, 25000);
      g_assert_cmpstr (layout, ==, "code:96;state:104");
    }
}

static void
count_cb (GObject *object, GParamSpec *pspec, guint *count)
{
  ++*count;
}

static void
test_notify (void)
{
  g_autofree char *path = g_build_filename (till_test_dir (), "notify.ini", NULL);
  g_autoptr(TillSettings) settings = till_settings_new (path);
  guint count = 0;

  g_signal_connect (settings, "notify::theme", G_CALLBACK (count_cb), &count);
  g_object_set (settings, "theme", "dark", NULL);
  g_object_set (settings, "theme", "dark", NULL);
  g_assert_cmpuint (count, ==, 1);
}

static void
test_damaged (void)
{
  g_autofree char *path = till_test_file ("damaged.ini", "]]] this is no key file\n");
  g_autoptr(TillSettings) settings = till_settings_new (path);

  g_assert_cmpstr (till_settings_get_text (settings, "density"), ==, "compact");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/settings/round-trip", test_round_trip);
  g_test_add_func ("/settings/notify", test_notify);
  g_test_add_func ("/settings/damaged", test_damaged);
  return till_test_run ();
}
