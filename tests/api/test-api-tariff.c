/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-api-tariff.c: tariffs over HTTP: made, read back, changed for a day to come, tried on meters, refused when wrong. */
#include <string.h>
#include "server/api/api.h"
#include "tests/lib/app-fixture.h"
#include "tests/lib/test-main.h"

#define BODY "\"prices\":{\"peak\":\"0.9000\",\"flat\":\"0.6000\"},\"seasons\":[{\"workday\":[{\"from\":\"00:00\",\"rate\":\"flat\"}," \
             "{\"from\":\"08:00\",\"rate\":\"peak\"}]}],\"tiers\":{\"steps\":[{\"to\":\"200\"},{\"add\":\"0.05\"}]}"

static void
make_finance (TestApp *app)
{
  test_pg_run (app->pg, "INSERT INTO operator_role (operator, role) SELECT o.id, r.id FROM operator o, role r WHERE o.account = 'engineer' AND r.name = 'finance'"
                        " ON CONFLICT DO NOTHING");
}

static guint
expect (TestApp *app, const char *method, const char *path, const char *token, const char *body, const char *contains)
{
  g_autoptr (TestReply) reply = test_app_call (app, method, path, token, body);

  if (contains != NULL && (reply->text == NULL || strstr (reply->text, contains) == NULL))
    g_error ("%s %s: %u %s, but should say %s", method, path, reply->status, reply->text, contains);
  return reply->status;
}

static void
test_make_and_change (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *viewer = test_app_log_in (app, "viewer");
  g_autofree char *body = NULL, *assign = NULL, *simulate = NULL;
  g_autofree char *finance = NULL;

  make_finance (app);
  finance = test_app_log_in (app, "engineer");
  g_assert_cmpuint (expect (app, "POST", "/tariffs", viewer, "{\"name\":\"TOU\",\"effective\":\"2026-01-01\"," BODY "}", "forbidden"), ==, 403);
  g_assert_cmpuint (expect (app, "POST", "/tariffs", finance, "{\"name\":\"TOU\",\"effective\":\"2026-01-01\"," BODY "}", "\"state\":\"in_force\""), ==, 201);
  g_assert_cmpuint (expect (app, "POST", "/tariffs", finance, "{\"name\":\"TOU\",\"effective\":\"2026-01-01\"," BODY "}", "there is a tariff of this name"),
                    ==, 409);
  g_assert_cmpuint (expect (app, "GET", "/tariffs/2", viewer, NULL, "\"to\":\"200.000\""), ==, 200);
  g_assert_cmpuint (expect (app, "GET", "/tariffs/9", viewer, NULL, "not_found"), ==, 404);
  g_assert_cmpuint (expect (app, "GET", "/tariffs", viewer, NULL, "\"price_peak\":\"0.9000\""), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/2/versions", finance, "{\"effective\":\"2026-02-01\",\"dry_run\":true," BODY "}", "\"held\""), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/2/meters", finance, "{\"meters\":[1,2]}", "\"meters\":2"), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/2/meters", finance, "{}", "meters or an area"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/2/versions", finance, "{\"effective\":\"2026-02-01\"," BODY "}", "tomorrow or later"), ==, 400);
  body = g_strdup_printf ("{\"effective\":\"2090-01-01\"," BODY "}");
  g_assert_cmpuint (expect (app, "POST", "/tariffs/2/versions", finance, body, "\"state\":\"planned\""), ==, 201);
  g_assert_cmpuint (expect (app, "DELETE", "/tariffs/2/versions?effective=2090-01-01", finance, NULL, NULL), ==, 204);
  g_assert_cmpuint (expect (app, "DELETE", "/tariffs/2/versions", finance, NULL, "is required"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/simulate", finance, "{\"tariff\":2,\"from\":\"2026-01-01\",\"to\":\"2026-01-31\"}", "\"items\""), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/tariffs/simulate", finance, "{\"from\":\"2026-01-01\",\"to\":\"2026-01-31\"}", "a tariff or a version"), ==, 400);
}

/* A price order without a value carries what the tariff of the meter makes of its model. */
static void
test_price_order (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  static const char order[] = "{\"id\":\"0190a000-0000-7000-8000-0000000000d1\",\"meter\":1,\"kind\":\"set_price\"}";

  g_assert_cmpuint (expect (app, "POST", "/commands", engineer, order, "\"valley\": \"0.6000\""), ==, 201);
  g_assert_cmpuint (expect (app, "POST", "/commands", engineer, order, "set_price"), ==, 200); /* the same again */
}

static void
test_statement (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *cashier = test_app_log_in (app, "cashier");
  g_autofree char *engineer = test_app_log_in (app, "engineer");

  g_assert_cmpuint (expect (app, "POST", "/sales", cashier,
                            "{\"id\":\"0190a000-0000-7000-8000-0000000000d2\",\"meter\":1,\"amount\":\"50.00\",\"channel\":\"cash\"}", NULL), ==, 201);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement", cashier, NULL, "\"kind\":\"sale\""), ==, 200);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?from=2026-01-01&to=2026-01-31", cashier, NULL, "\"opening\":\"0.0000\""), ==, 200);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?from=yesterday", cashier, NULL, "must be a day or a time"), ==, 400);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?from=2026-02-01&to=2026-01-01", cashier, NULL, "must be after from"), ==, 400);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?page=1", cashier, NULL, "is not known here"), ==, 400);
  g_assert_cmpuint (expect (app, "GET", "/meters/99/statement", cashier, NULL, "not_found"), ==, 404);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement", engineer, NULL, "forbidden"), ==, 403);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?format=csv", cashier, NULL, "50.00"), ==, 200);
  g_assert_cmpuint (expect (app, "GET", "/meters/1/statement?format=pdf", cashier, NULL, "%PDF"), ==, 200);
  g_assert_cmpuint (expect (app, "GET", "/meters/99/statement?format=pdf", cashier, NULL, "not_found"), ==, 404);
}

static void
test_hours_and_heads (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *engineer = test_app_log_in (app, "engineer");
  g_autofree char *cashier = test_app_log_in (app, "cashier");

  g_assert_cmpuint (expect (app, "POST", "/protected-hours", engineer, "{\"hours\":[{\"from\":\"22:00\",\"to\":\"06:00\",\"use_class\":\"dormitory\"}]}", NULL), ==,
                    204);
  g_assert_cmpuint (expect (app, "GET", "/protected-hours", engineer, NULL, "{\"use_class\":\"dormitory\",\"from\":\"22:00\",\"to\":\"06:00\"}"), ==, 200);
  g_assert_cmpuint (expect (app, "POST", "/protected-hours", engineer, "{\"hours\":[{\"from\":\"22:00\",\"to\":\"24:00\"}]}", "hours[0].to"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/protected-hours", engineer, "{\"hours\":[{\"from\":\"22:00\",\"to\":\"22:00\"}]}", "hours[0].to"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/protected-hours", cashier, "{\"hours\":[]}", "forbidden"), ==, 403);
  g_assert_cmpuint (expect (app, "GET", "/accounts/1", cashier, NULL, "\"heads\":1"), ==, 200);
  g_assert_cmpuint (expect (app, "PATCH", "/accounts/1", engineer, "{\"heads\":4}", "forbidden"), ==, 403);
}

static void
test_calendar (void)
{
  g_autoptr (TestApp) app = test_app_new ();
  g_autofree char *finance = NULL;

  make_finance (app);
  finance = test_app_log_in (app, "engineer");
  g_assert_cmpuint (expect (app, "POST", "/holidays", finance, "{\"days\":[{\"day\":\"2090-10-01\",\"kind\":\"holiday\",\"name\":\"National Day\"}]}", NULL), ==,
                    204);
  g_assert_cmpuint (expect (app, "POST", "/holidays", finance, "{\"days\":[{\"day\":\"2020-10-01\",\"kind\":\"holiday\"}]}", "days[0].day"), ==, 400);
  g_assert_cmpuint (expect (app, "POST", "/holidays", finance, "{\"days\":[{\"day\":\"2090-10-02\",\"kind\":\"feast\"}]}", "days[0].kind"), ==, 400);
  g_assert_cmpuint (expect (app, "GET", "/holidays?from=2090-01-01", finance, NULL, "National Day"), ==, 200);
  g_assert_cmpuint (expect (app, "DELETE", "/holidays/2090-10-01", finance, NULL, NULL), ==, 204);
  g_assert_cmpuint (expect (app, "DELETE", "/holidays/2090-10-01", finance, NULL, "not_found"), ==, 404);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/api-tariff/make-and-change", test_make_and_change);
  g_test_add_func ("/api-tariff/price-order", test_price_order);
  g_test_add_func ("/api-tariff/statement", test_statement);
  g_test_add_func ("/api-tariff/hours-and-heads", test_hours_and_heads);
  g_test_add_func ("/api-tariff/calendar", test_calendar);
  return till_test_run ();
}
