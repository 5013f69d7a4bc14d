/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-http.c: the parts of HTTP that need no socket: query strings, routes, throttle, tokens. */
#include <string.h>
#include "server/core/clock.h"
#include "server/http/login.h"
#include "server/http/query.h"
#include "server/http/route.h"
#include "server/http/throttle.h"
#include "shared/api/till-enums.h"
#include "tests/lib/test-main.h"

static void
test_query (void)
{
  static const char *const bad[] = { "a=1&a=2", "a=%00", "a=%zz", "a=%ff", "a=1%0a" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = NULL, words = NULL;
  TilldQuery q;
  gint64 number = 7;

  g_assert_true (tilld_query_init (&q, "id=1,2,3&state=lost,normal&q=%E5%BC%A0+1&n=", &error));
  g_assert_true (tilld_query_int_list (&q, "id", 5, &ids));
  g_assert_cmpuint (ids->len, ==, 3);
  g_assert_true (tilld_query_word_list (&q, "state", till_meter_state_from_word, &words));
  g_assert_cmpint (g_array_index (words, gint64, 0), ==, TILL_METER_STATE_LOST);
  g_assert_cmpstr (tilld_query_text (&q, "q", 64), ==, "\xe5\xbc\xa0 1");
  g_assert_false (tilld_query_int (&q, "n", 0, 9, &number)); /* empty is absent */
  g_assert_cmpint (number, ==, 7);
  g_assert_true (tilld_query_finish (&q, &error));
  tilld_query_clear (&q);

  g_assert_true (tilld_query_init (&q, "n=12&stranger=1", &error));
  g_assert_false (tilld_query_int (&q, "n", 0, 9, &number));
  g_assert_false (tilld_query_finish (&q, &error));
  g_assert_cmpuint (till_error_get_fields (error)->len, ==, 2); /* both at once */
  tilld_query_clear (&q);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_clear_error (&error);
      if (tilld_query_init (&q, bad[i], &error))
        g_error ("%s was taken", bad[i]);
      g_assert_true (till_error_is (error, TILL_ERROR_INVALID));
      tilld_query_clear (&q);
    }
}

static gboolean
nothing (TilldRequest *request, TilldDb *db, GError **error)
{
  return TRUE;
}

static void
test_routes (void)
{
  static const TilldRoute rows[] = {
    { "GET", "/meters", TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, nothing },
    { "GET", "/meters/{id}", TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, nothing },
    { "POST", "/meters/{id}/read", TILL_PERMISSION_METERS_READ, TILLD_ROUTE_WRITES, 0, TILLD_RUN_HERE, 0, NULL, nothing },
    { NULL },
  };
  static const TilldRoute *const tables[] = { rows, NULL };
  static const struct {
    const char *method, *path, *param;
    int         row;  /* -1 = refused */
    TillError   code;
  } cases[] = {
    { "GET", "/api/v1/meters", NULL, 0 }, { "GET", "/api/v1/meters/17", "17", 1 }, { "GET", "/api/v1/meters/a%20b", "a b", 1 },
    { "POST", "/api/v1/meters/17/read", "17", 2 }, { "GET", "/api/v1/meters/17/read", NULL, -1, TILL_ERROR_METHOD },
    { "GET", "/api/v1/meters/", NULL, -1, TILL_ERROR_NOT_FOUND }, { "GET", "/api/v1/meters/a%2fb", NULL, -1, TILL_ERROR_NOT_FOUND },
    { "GET", "/api/v1/meters/%00", NULL, -1, TILL_ERROR_NOT_FOUND }, { "GET", "/api/v1/meters/%c3", NULL, -1, TILL_ERROR_NOT_FOUND },
    { "GET", "/api/v1/meters/1/read/x", NULL, -1, TILL_ERROR_NOT_FOUND }, { "GET", "/meters", NULL, -1, TILL_ERROR_NOT_FOUND },
    { "GET", "/api/v12/meters", NULL, -1, TILL_ERROR_NOT_FOUND }, { "get", "/api/v1/meters", NULL, -1, TILL_ERROR_METHOD },
  };
  g_autoptr (TilldRoutes) routes = tilld_routes_new ("/api/v1", tables);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *param = NULL, *allow = NULL;
      g_autoptr (GError) error = NULL;
      const TilldRoute *found = tilld_routes_match (routes, cases[i].method, cases[i].path, &param, &allow, &error);

      if (found != (cases[i].row < 0 ? NULL : &rows[cases[i].row]))
        g_error ("%s %s: another row", cases[i].method, cases[i].path);
      if (found != NULL)
        g_assert_cmpstr (param, ==, cases[i].param);
      else
        g_assert_true (till_error_is (error, cases[i].code));
    }
}

static void
fail_once (TilldThrottle *throttle, const char *address, const char *account)
{
  guint wait_s;
  if (tilld_throttle_begin (throttle, address, account, &wait_s, NULL))
    tilld_throttle_end (throttle, address, account, FALSE);
}

static void
test_throttle (void)
{
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (TILL_SECOND, TILL_SECOND);
  g_autoptr (TilldThrottle) throttle = tilld_throttle_new (&tilld_throttle_default_limits, clock);
  guint wait_s = 0;

  for (guint i = 0; i < 40; i++)
    {
      fail_once (throttle, "192.0.2.1", "anna");
      tilld_clock_fake_advance (clock, TILL_SECOND / 10);
    }
  g_assert_false (tilld_throttle_begin (throttle, "192.0.2.1", "anna", &wait_s, NULL));
  g_assert_cmpuint (wait_s, >, 0);
  /* Anna herself, at another desk, is not locked out; nor is Bert at the first. */
  g_assert_true (tilld_throttle_begin (throttle, "192.0.2.2", "anna", &wait_s, NULL));
  tilld_throttle_end (throttle, "192.0.2.2", "anna", TRUE);
  g_assert_true (tilld_throttle_begin (throttle, "192.0.2.1", "bert", &wait_s, NULL));
  tilld_throttle_abandon (throttle, "192.0.2.1");
  /* The longest wait is bounded. */
  tilld_clock_fake_advance (clock, tilld_throttle_default_limits.longest_s * TILL_SECOND);
  g_assert_true (tilld_throttle_begin (throttle, "192.0.2.1", "anna", &wait_s, NULL));
  tilld_throttle_end (throttle, "192.0.2.1", "anna", TRUE);
  for (guint i = 0; i < tilld_throttle_default_limits.at_once; i++)
    g_assert_true (tilld_throttle_begin (throttle, "192.0.2.3", "carl", &wait_s, NULL));
  g_assert_false (tilld_throttle_begin (throttle, "192.0.2.3", "carl", &wait_s, NULL)); /* too many at once */
  for (guint i = 0; i < tilld_throttle_default_limits.at_once; i++)
    tilld_throttle_abandon (throttle, "192.0.2.3");
}

static void
test_tokens (void)
{
  static const char *const bad[] = { NULL, "", "Bearer", "Bearer ", "Basic abc", "Bearer short" };
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (TILL_SECOND, TILL_SECOND);
  g_autoptr (TilldLogin) login = tilld_login_new (clock);
  guint8 hash[TILLD_TOKEN_HASH], again[TILLD_TOKEN_HASH];
  g_autofree char *token = tilld_token_new (hash);
  g_autofree char *header = g_strconcat ("Bearer ", token, NULL);
  g_autoptr (TilldIdentity) identity = tilld_identity_new (hash);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (tilld_token_hash_of_header (bad[i], again));
  g_assert_true (tilld_token_hash_of_header (header, again));
  g_assert_cmpmem (hash, sizeof hash, again, sizeof again);
  identity->expires_at = 100 * TILL_SECOND;
  g_assert_null (tilld_login_cached (login, hash));
  tilld_login_remember (login, identity);
  tilld_identity_unref (tilld_login_cached (login, hash));
  tilld_clock_fake_advance (clock, 31 * TILL_SECOND); /* known too long ago: the database is asked again */
  g_assert_null (tilld_login_cached (login, hash));
  tilld_login_remember (login, identity);
  tilld_login_forget (login, hash);
  g_assert_null (tilld_login_cached (login, hash));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/http/query", test_query);
  g_test_add_func ("/http/routes", test_routes);
  g_test_add_func ("/http/throttle", test_throttle);
  g_test_add_func ("/http/tokens", test_tokens);
  return till_test_run ();
}
