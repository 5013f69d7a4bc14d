/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-customer.c: customers made, changed and deleted; what finds them, and what must not. */
#include "server/db/db-tx.h"
#include "server/domain/plant/customer-edit.h"
#include "server/domain/plant/customer.h"
#include "server/domain/plant/meter.h"
#include "server/domain/plant/pinyin.h"
#include "shared/base/till-error.h"
#include "tests/db/plant-fixture.h"

#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static void
test_pinyin (void)
{
  static const struct { const char *name, *spelled; } cases[] = {
    { "张伟", "zhang wei" }, { "单伟", "shan wei" }, { "曾国藩", "zeng guo fan" }, { "欧阳锋", "ou yang feng" }, { "吕布", "lu bu" }, { "Li 雷", "li lei" },
    { "A栋2号", "a dong 2 hao" }, { "学生服务中心（一楼）", "xue sheng fu wu zhong xin yi lou" }, { "Ünal", "unal" }, { "·", "" }, { "C-17", "c 17" },
    /* as long as a name may be */
    { "庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄庄",
      "zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang "
      "zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang "
      "zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang zhuang" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *spelled = tilld_pinyin (cases[i].name);
      g_assert_cmpstr (spelled, ==, cases[i].spelled);
    }
}

static gboolean
do_spell (TilldDb *db, gpointer data, GError **error)
{
  return tilld_customer_spell (db, data, error);
}

static char *
found (TestPg *pg, PlantList list, const TilldActor *who, const char *text)
{
  g_autofree char *query = g_strconcat ("sort=code&q=", text, NULL);
  g_autoptr (JsonObject) page = plant_list (pg, list, who, query);
  g_autofree char *codes = plant_pluck (page, "code");

  return g_strdup_printf ("%s", codes);
}

static const char more_sql[] =
  "RESET ROLE; INSERT INTO customer (code, name, area, phones) VALUES ('C-3', '张小伟', 5, '{13800001111,057412345}'), ('C-4', 'O''Neil\\', 6, '{}');"
  "INSERT INTO account (code, site, customer) VALUES ('100005', 1, 3); INSERT INTO account_meter (account, meter) VALUES (5, 5);"
  "UPDATE meter SET serial = '24030120260101' WHERE id = 6; SET ROLE gridtill_server";

static void
test_search (void)
{
  static const struct { const char *text, *customers, *meters; } cases[] = {
    { "张", "C-1,C-3", "M-1,M-2,M-3,M-5" }, { "伟", "C-1,C-3", "M-1,M-2,M-3,M-5" }, { "小伟", "C-3", "M-5" }, { "张伟", "C-1", "M-1,M-2,M-3" },
    { "zw", "C-1", "M-1,M-2,M-3" }, { "zxw", "C-3", "M-5" }, { "ZX", "C-3", "M-5" }, { "zhangw", "C-1", "M-1,M-2,M-3" }, { "xiaowei", "C-3", "M-5" },
    { "c-1", "C-1", "M-1,M-2,M-3" }, { "A-3", "C-1", "M-3" }, { "100005", "C-3", "M-5" }, { "0005", "C-3", "M-5" }, { "m-4", "C-2", "M-4" },
    { "13912345566", "C-1", "M-1,M-2,M-3" }, { "101", "C-1", "M-1,M-2" }, { "B1", "C-1,C-3", "M-1,M-2,M-3" }, { "B2/201", "C-2,C-4", "M-4,M-5,M-6" },
    { "b1 zx", "C-3", "" }, { "zhang 101", "C-1", "M-1,M-2" }, { "260101", "", "M-6" }, { "2403", "", "M-6" }, { "o'n", "C-4", "" }, { "o'neil\\", "C-4", "" },
    { "zz", "", "" }, { "张 王", "", "" }, { "%", "", "" }, { "':*", "", "" }, { "t139", "", "" },
  };
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) all = plant_actor (1, 0), house = plant_actor (1, 3);
  g_autoptr (GError) error = NULL;
  guint n;

  test_pg_run (pg, more_sql);
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, do_spell, &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 4);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *customers = found (pg, tilld_customer_list, &all, cases[i].text), *meters = found (pg, tilld_meter_list, &all, cases[i].text);

      g_test_message ("%s: %s; %s", cases[i].text, customers, meters);
      g_assert_cmpstr (customers, ==, cases[i].customers);
      g_assert_cmpstr (meters, ==, cases[i].meters);
    }
  /* The total of a page is that of all that was found. */
  {
    g_autoptr (JsonObject) page = plant_list (pg, tilld_customer_list, &all, "q=张&limit=1&sort=code"), last = plant_list (pg, tilld_customer_list, &all, "q=张&limit=1&offset=1");

    g_assert_cmpint (json_object_get_int_member (page, "total"), ==, 2);
    g_assert_cmpint (json_object_get_int_member (last, "total"), ==, 2);
  }
  /* The scope stays: who sees B2 only does not find C-1 by anything. */
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *customers = found (pg, tilld_customer_list, &house, ((const char *[]){ "张伟", "zw", "13912345566", "101" })[i]);
      g_assert_cmpstr (customers, ==, "");
    }
}

/* Digit by digit a masked number would come out. */
static void
test_masked (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) may = plant_actor (1, 0), may_not = plant_actor (1, 0);
  static const struct { const char *text, *whole, *masked; } cases[] = {
    { "13912345566", "C-1", "C-1" }, { "1391", "C-1", "" }, { "5566", "C-1", "" }, { "12345566", "C-1", "" }, { "139123455660", "", "" },
  };

  may_not.permissions &= ~((TillPermissionSet) 1 << TILL_PERMISSION_CUSTOMER_PRIVATE);
  g_assert_false (till_permission_set_has (may_not.permissions, TILL_PERMISSION_CUSTOMER_PRIVATE));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *whole = found (pg, tilld_customer_list, &may, cases[i].text), *masked = found (pg, tilld_customer_list, &may_not, cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (whole, ==, cases[i].whole);
      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
}

/* --- edits --- */

typedef struct {
  const TilldActor   *who;
  TilldCustomerRecord record;
  gint64              id, version;
} Edit;

static gboolean
do_create (TilldDb *db, gpointer data, GError **error)
{
  Edit *edit = data;
  return tilld_customer_create (db, edit->who, &edit->record, &edit->id, error);
}

static gboolean
do_change (TilldDb *db, gpointer data, GError **error)
{
  Edit *edit = data;
  return tilld_customer_change (db, edit->who, edit->id, &edit->record, edit->version, error);
}

static gboolean
do_delete (TilldDb *db, gpointer data, GError **error)
{
  Edit *edit = data;
  return tilld_customer_delete (db, edit->who, edit->id, edit->version, error);
}

static void
expect (TestPg *pg, TilldTxFunc verb, Edit *edit, int code)
{
  g_autoptr (GError) error = NULL;
  gboolean good = tilld_tx_run (pg->db, TILLD_READ_COMMITTED, verb, edit, &error);

  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, TILL_ERROR, code);
  g_assert_true (good == (code < 0));
}

static void
test_edit (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_auto (TilldActor) all = plant_actor (1, 0), house = plant_actor (1, 3), no_phones = plant_actor (1, 0);
  Edit one = { .who = &all, .record = { .name = (char *) "王芳", .phones = { (char *) "13700001111" }, .n_phones = 1, .area = 5,
                                        .given = TILLD_CUSTOMER_NAME | TILLD_CUSTOMER_PHONES | TILLD_CUSTOMER_AREA } };
  Edit taken = { .who = &all, .record = { .name = (char *) "x", .code = (char *) "C-1", .given = TILLD_CUSTOMER_NAME | TILLD_CUSTOMER_CODE } };
  Edit far = { .who = &house, .record = { .name = (char *) "x", .area = 4 } }, nowhere = { .who = &house, .record = { .name = (char *) "x" } };
  Edit change;
  g_autofree char *who = NULL;

  expect (pg, do_create, &one, -1);
  assert_ask (pg, "SELECT code || ' ' || name || ' ' || pinyin || ' ' || phones::text || ' ' || version FROM customer ORDER BY id DESC LIMIT 1",
              "C-3 王芳 wang fang {13700001111} 1");
  who = found (pg, tilld_customer_list, &all, "wf");
  g_assert_cmpstr (who, ==, "C-3");
  expect (pg, do_create, &taken, TILL_ERROR_CONFLICT);
  expect (pg, do_create, &far, TILL_ERROR_INVALID);
  expect (pg, do_create, &nowhere, TILL_ERROR_INVALID);
  no_phones.permissions &= ~((TillPermissionSet) 1 << TILL_PERMISSION_CUSTOMER_PRIVATE);
  one.who = &no_phones;
  expect (pg, do_create, &one, TILL_ERROR_FORBIDDEN);
  assert_ask (pg, "SELECT count (*)::text FROM customer", "3");

  change = (Edit){ .who = &all, .id = 3, .version = 1, .record = { .name = (char *) "王小芳", .given = TILLD_CUSTOMER_NAME } };
  expect (pg, do_change, &change, -1);
  assert_ask (pg, "SELECT name || ' ' || pinyin || ' ' || phones::text || ' ' || area || ' ' || version FROM customer WHERE id = 3",
              "王小芳 wang xiao fang {13700001111} 5 2");
  expect (pg, do_change, &change, TILL_ERROR_STALE);
  change.version = 2;
  change.who = &house; /* 102 is in B1 */
  expect (pg, do_change, &change, TILL_ERROR_NOT_FOUND);
  change.who = &all;
  change.record = (TilldCustomerRecord){ .code = (char *) "C-2", .given = TILLD_CUSTOMER_CODE };
  expect (pg, do_change, &change, TILL_ERROR_CONFLICT);

  expect (pg, do_delete, &change, -1);
  change = (Edit){ .who = &all, .id = 1, .version = 1 };
  expect (pg, do_delete, &change, TILL_ERROR_CONFLICT); /* has accounts */
  assert_ask (pg, "SELECT string_agg (action, ' ' ORDER BY n) FROM audit", "customer.create customer.change customer.delete");
  assert_ask (pg, "SELECT count (*)::text FROM audit WHERE before::text || after::text LIKE '%137000%'", "0"); /* no phone in the log */
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/customer/pinyin", test_pinyin);
  g_test_add_func ("/customer/search", test_search);
  g_test_add_func ("/customer/masked", test_masked);
  g_test_add_func ("/customer/edit", test_edit);
  return till_test_run ();
}
