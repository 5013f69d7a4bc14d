/* SPDX-License-Identifier: GPL-2.0-or-later
 * campus.c: scripted replies. States follow a fixed pattern, so that tests know the counts. */
#include "config.h"
#include "tests/client/campus.h"
#include "shared/api/till-enums.h"

#define BUILDINGS 4
#define ROOMS     (CAMPUS_METERS / BUILDINGS)

static const char *const names[] = { "张伟", "王芳", "李娜", "刘洋", "陈静", "杨帆", "赵磊", "黄敏", "周杰", "吴丹" };

static int
state_of (guint i)
{
  return i % 29 == 7 ? TILL_METER_STATE_LOST : i % 31 == 3 ? TILL_METER_STATE_ARREARS : i % 23 == 5 ? TILL_METER_STATE_UNOPENED
         : i % 19 == 2 ? TILL_METER_STATE_ALARM2 : i % 13 == 1 ? TILL_METER_STATE_ALARM1 : TILL_METER_STATE_NORMAL;
}

static char *
room_of (guint i)
{
  guint in = i % ROOMS;
  return g_strdup_printf ("北校区/宿舍%u号楼/F%u/%u%02u", i / ROOMS + 1, in / 15 + 1, in / 15 + 1, in % 15 + 1);
}

static char *
now_minus (guint seconds)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc (), then = g_date_time_add_seconds (now, -(double) seconds);
  return g_date_time_format (then, "%Y-%m-%dT%H:%M:%SZ");
}

static char *
make_meter (guint i, gpointer data)
{
  g_autofree char *room = room_of (i), *read_at = now_minus (state_of (i) == TILL_METER_STATE_LOST ? 4000 : i % 120);
  gboolean open = state_of (i) != TILL_METER_STATE_UNOPENED;
  g_autofree char *owner = open ? g_strdup_printf ("\"account\":%u,\"account_code\":\"1%05u\",\"customer\":%u,\"customer_name\":\"%s\",\"customer_code\":\"C%05u\",",
                                                   i + 1, i, i + 1, names[i % 10], i) : g_strdup ("");
  const char *balance = state_of (i) == TILL_METER_STATE_ARREARS ? "-12.0000" : state_of (i) == TILL_METER_STATE_ALARM2 ? "5.0500"
                        : state_of (i) == TILL_METER_STATE_ALARM1 ? "38.2000" : "319.0100";

  return g_strdup_printf ("{\"id\":%u,\"code\":\"A%u-%04u\",\"serial\":\"2305%06u\",\"gateway\":%u,\"gateway_code\":\"GW-000%u\",\"port\":1,\"unit\":%u,"
                          "\"model\":\"adf400l-1p\",\"ct_ratio\":1,\"area\":%u,\"room\":\"%s\",\"use_class\":\"dormitory\",\"settlement\":\"meter\",\"purse\":\"money\","
                          "\"tariff\":1,\"tariff_name\":\"宿舍分时电价\",\"alarm1\":\"50.0000\",\"alarm2\":\"10.0000\",\"overload_kw\":\"2.200\",\"overdraft\":\"0.0000\","
                          "\"hoard_limit\":\"1000.0000\",%s\"state\":\"%s\",\"mode\":\"%s\",\"relay\":\"%s\",\"flags\":[%s],\"balance\":\"%s\",\"energy_total\":\"1534.210\","
                          "\"energy_rates\":{\"tip\":\"120.100\",\"peak\":\"480.500\",\"flat\":\"613.410\",\"valley\":\"320.200\"},\"purchase_count\":12,"
                          "\"purchased_total\":\"1200.0000\",\"power_kw\":\"0.%u20\",\"u\":\"220.1\",\"i\":\"0.95\",\"read_at\":\"%s\",\"age_s\":%u,\"days_left\":%u}",
                          i + 1, i / ROOMS + 1, 201 + i % ROOMS, i, i / ROOMS + 1, i / ROOMS + 1, i % 36 + 1, 100 + i, room, owner, till_meter_state_word (state_of (i)),
                          i % 41 == 9 ? "forced_on" : i % 53 == 11 ? "forced_off" : "prepaid", state_of (i) == TILL_METER_STATE_ARREARS ? "open" : "closed",
                          i % 37 == 4 ? "\"overload\"" : "", balance, i % 9, read_at, state_of (i) == TILL_METER_STATE_LOST ? 4000 : i % 120, 13 + i % 20);
}

static char *
make_sale (guint i, gpointer data)
{
  g_autofree char *room = room_of (i), *at = now_minus (i * 900 + 60);
  static const char *const states[] = { "verified", "verified", "verified", "sent", "held", "verified", "queued" };
  static const char *const channels[] = { "cash", "wechat", "alipay", "card" };

  return g_strdup_printf ("{\"id\":\"01890000-0000-7000-8000-%012u\",\"number\":\"%u\",\"kind\":\"sale\",\"meter\":%u,\"meter_code\":\"A1-%04u\",\"room\":\"%s\","
                          "\"account\":1,\"account_code\":\"1%05u\",\"customer\":1,\"customer_name\":\"%s\",\"amount\":\"%u.0000\",\"channel\":\"%s\",\"operator\":2,"
                          "\"operator_name\":\"陈收银\",\"state\":\"%s\",\"count\":13,\"balance_before\":\"71.0900\",\"balance_after\":\"171.0900\",\"created_at\":\"%s\"}",
                          i, 20250301 + i, i + 1, 201 + i, room, i, names[i % 10], 50 * (i % 4 + 1), channels[i % 4], states[i % 7], at);
}

static char *
make_alarm (guint i, gpointer data)
{
  g_autofree char *room = room_of (i * 7), *at = now_minus (i * 600 + 120);
  static const char *const kinds[] = { "arrears", "meter_lost", "low2", "overload", "low1" };

  return g_strdup_printf ("{\"id\":%u,\"severity\":\"%s\",\"kind\":\"%s\",\"meter\":%u,\"meter_code\":\"A1-%04u\",\"room\":\"%s\",\"customer_name\":\"%s\",\"balance\":\"-12.0000\","
                          "\"raised_at\":\"%s\"}", i + 1, i % 3 == 0 ? "high" : "low", kinds[i % 5], i + 1, 201 + i, room, names[i % 10], at);
}

static char *
make_customer (guint i, gpointer data)
{
  g_autofree char *room = room_of (i);
  return g_strdup_printf ("{\"id\":%u,\"code\":\"C%05u\",\"name\":\"%s\",\"kind\":\"household\",\"phones\":[\"139****5566\"],\"area\":%u,\"room\":\"%s\",\"class\":\"dormitory\","
                          "\"account\":%u,\"account_code\":\"1%05u\",\"meters\":1,\"balance\":\"319.0100\"}", i + 1, i, names[i % 10], 100 + i, room, i + 1, i);
}

static char *
make_gateway (guint i, gpointer data)
{
  static const char *const links[] = { "modbus_tcp", "rtu_tcp", "dial_in", "dial_in" }, *const classes[] = { "clear", "clear", "gt3_aes", "tls" };
  g_autofree char *at = now_minus (i == 3 ? 7200 : 2);

  return g_strdup_printf ("{\"id\":%u,\"code\":\"GW-%04u\",\"name\":\"%u号楼网关\",\"room\":\"北校区/宿舍%u号楼\",\"link\":\"%s\",\"address\":\"%s\",\"online\":%s,"
                          "\"link_class\":\"%s\",\"last_seen\":\"%s\",\"meters\":%u,\"lost\":%u,\"age_s\":%u,\"rtt_ms\":\"%u.250\",\"requests\":%u,\"failures\":%u,"
                          "\"error_rate\":\"0.%03u\",\"status_interval_s\":150,\"simulated\":true,\"version\":1}",
                          i + 1, i + 1, i + 1, i + 1, links[i % 4], i < 2 ? "10.0.3.11:502" : "", i == 3 ? "false" : "true", classes[i % 4], at, 90 + i,
                          i == 3 ? 1u : 0u, 12 + i * 7, 3 + i, 120000 + i * 991, i * 13, i * 11);
}

static char *
areas_json (gboolean list)
{
  GString *text = g_string_new ("{\"id\":1,\"parent\":null,\"name\":\"北校区\",\"path\":\"北校区\",\"kind\":\"campus\",\"site\":1,\"meters\":360,\"version\":1}");
  guint n = 1;

  for (guint b = 0; b < BUILDINGS; b++, n++)
    g_string_append_printf (text, ",{\"id\":%u,\"parent\":1,\"name\":\"宿舍%u号楼\",\"path\":\"北校区/宿舍%u号楼\",\"kind\":\"building\",\"site\":1,\"meters\":90,\"version\":3}", 2 + b, b + 1, b + 1);
  for (guint b = 0; b < BUILDINGS; b++)
    for (guint f = 0; f < 6; f++, n++)
      g_string_append_printf (text, ",{\"id\":%u,\"parent\":%u,\"name\":\"F%u\",\"path\":\"北校区/宿舍%u号楼/F%u\",\"kind\":\"floor\"}", 10 + b * 6 + f, 2 + b, f + 1, b + 1, f + 1);
  for (guint i = 0; i < CAMPUS_METERS; i++, n++)
    {
      g_autofree char *room = room_of (i);
      g_string_append_printf (text, ",{\"id\":%u,\"parent\":%u,\"name\":\"%s\",\"path\":\"%s\",\"kind\":\"room\"}", 100 + i, 10 + i / ROOMS * 6 + i % ROOMS / 15, strrchr (room, '/') + 1, room);
    }
  if (list)
    {
      g_string_prepend (text, "\"items\":[");
      g_string_append_printf (text, "],\"total\":%u", n);
    }
  return g_string_free (text, FALSE);
}

static char *
board_json (void)
{
  g_autofree char *areas = areas_json (FALSE);
  GString *text = g_string_new (NULL);

  g_string_printf (text, "{\"cursor\":\"c1\",\"areas\":[%s],\"meters\":[", areas);
  for (guint i = 0; i < CAMPUS_METERS; i++)
    g_string_append_printf (text, "%s[%u,%u,%d,%d,%d,%d]", i ? "," : "", i + 1, 100 + i, state_of (i), i % 41 == 9 ? 1 : i % 53 == 11 ? 2 : 0,
                            state_of (i) == TILL_METER_STATE_ARREARS ? 2 : 1, i % 37 == 4 ? 1 : 0);
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static char *
report_json (void)
{
  GString *text = g_string_new ("{\"columns\":[{\"name\":\"day\",\"title\":\"Day\",\"type\":\"day\",\"unit\":\"\"},{\"name\":\"sales\",\"title\":\"Sales\",\"type\":\"money\",\"unit\":\"\"},"
                                "{\"name\":\"reversed\",\"title\":\"Reversed\",\"type\":\"money\",\"unit\":\"\"},{\"name\":\"refunded\",\"title\":\"Refunded\",\"type\":\"money\",\"unit\":\"\"},"
                                "{\"name\":\"net\",\"title\":\"Net income\",\"type\":\"money\",\"unit\":\"\"},{\"name\":\"count\",\"title\":\"Count\",\"type\":\"int\",\"unit\":\"\"}],\"rows\":[");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  for (int i = 29; i >= 0; i--)
    {
      g_autoptr (GDateTime) day = g_date_time_add_days (now, -i);
      g_autofree char *name = g_date_time_format (day, "%Y-%m-%d");
      int sales = 4200 + (i * 7919) % 5300, refunds = i % 6 == 0 ? 320 : 0;
      g_string_append_printf (text, "[\"%s\",\"%d.0000\",\"%d.0000\",\"%d.0000\",\"%d.0000\",%d]%s", name, sales, i % 9 == 0 ? 100 : 0, refunds, sales - refunds, sales / 90, i ? "," : "");
    }
  g_string_append (text, "],\"totals\":[null,\"200000.0000\",\"400.0000\",\"1600.0000\",\"198000.0000\",2222],\"series\":[]}");
  return g_string_free (text, FALSE);
}

static char *
readings_json (void)
{
  GString *text = g_string_new ("{\"items\":[");
  guint n = 0;

  for (int i = 31 * 12; i >= 0; i--)
    {
      g_autofree char *at = now_minus ((guint) i * 7200);
      if (i > 140 && i < 160)
        continue; /* a gap */
      g_string_append_printf (text, "%s{\"time\":\"%s\",\"energy_total\":\"%d.500\",\"energy_rates\":{\"tip\":\"1.0\"},\"balance\":\"%d.2500\",\"power_kw\":\"0.%03d\",\"relay\":\"closed\",\"mode\":\"prepaid\"}",
                              n++ ? "," : "", at, 1534 - i / 3, 20 + i % 200, 100 + (i * 37) % 700);
    }
  g_string_append_printf (text, "],\"total\":%u}", n);
  return g_string_free (text, FALSE);
}

void
campus_fill (TillFakeServer *server, const char *permissions)
{
  g_auto (GStrv) words = g_strsplit (permissions, ",", -1);
  g_autofree char *list = g_strjoinv ("\",\"", words), *now = now_minus (0), *board = board_json (), *areas = areas_json (TRUE), *report = report_json (),
                  *readings = readings_json (), *meter = make_meter (0, NULL), *area_list = g_strdup_printf ("{%s}", areas);
  g_autofree char *session = g_strdup_printf ("{\"token\":\"t\",\"expires_at\":\"2099-01-01T00:00:00Z\",\"operator\":{\"id\":2,\"name\":\"陈收银\",\"roles\":[\"cashier\"],\"permissions\":[\"%s\"],"
                                              "\"areas\":[]}}", list);
  g_autofree char *info = g_strdup_printf ("{\"version\":\"0.1.0\",\"site\":\"北校区\",\"zone\":\"Asia/Shanghai\",\"currency\":\"CNY\",\"time\":\"%s\"}", now);

  till_fake_server_reply (server, "POST", "/session", 201, session);
  till_fake_server_reply (server, "DELETE", "/session", 204, NULL);
  till_fake_server_reply (server, "GET", "/server", 200, info);
  till_fake_server_reply (server, "GET", "/board", 200, board);
  till_fake_server_reply (server, "GET", "/areas", 200, area_list);
  till_fake_server_reply (server, "GET", "/sites", 200, "{\"total\":1,\"items\":[{\"id\":1,\"code\":\"N\",\"name\":\"北校区\",\"version\":2}]}");
  till_fake_server_reply (server, "GET", "/reports", 200, "{\"total\":1,\"items\":[{\"name\":\"sales_daily\",\"title\":\"Daily sales\"}]}");
  till_fake_server_reply (server, "GET", "/reports/sales_daily", 200, report);
  till_fake_server_reply (server, "GET", "/meters/1", 200, meter);
  till_fake_server_reply (server, "POST", "/meters/1/read", 200, meter);
  till_fake_server_reply (server, "GET", "/meters/1/readings", 200, readings);
  till_fake_server_list (server, "/meters", CAMPUS_METERS, make_meter, NULL);
  till_fake_server_list (server, "/sales", 41, make_sale, NULL);
  till_fake_server_list (server, "/alarms", 9, make_alarm, NULL);
  till_fake_server_list (server, "/gateways", 4, make_gateway, NULL);
  till_fake_server_reply (server, "GET", "/reports/freshness", 200,
                          "{\"columns\":[{\"name\":\"gateway\",\"title\":\"Gateway\",\"type\":\"text\",\"unit\":\"\"},{\"name\":\"online\",\"title\":\"Online\",\"type\":\"bool\",\"unit\":\"\"},"
                          "{\"name\":\"circuits\",\"title\":\"Meters\",\"type\":\"int\",\"unit\":\"\"},{\"name\":\"fresh\",\"title\":\"Fresh\",\"type\":\"int\",\"unit\":\"\"},"
                          "{\"name\":\"stale\",\"title\":\"Old\",\"type\":\"int\",\"unit\":\"\"},{\"name\":\"lost\",\"title\":\"Lost\",\"type\":\"int\",\"unit\":\"\"},"
                          "{\"name\":\"never\",\"title\":\"Never\",\"type\":\"int\",\"unit\":\"\"},{\"name\":\"age_max\",\"title\":\"Oldest\",\"type\":\"int\",\"unit\":\"s\"}],"
                          "\"rows\":[[\"GW-0001\",true,90,90,0,0,0,31],[\"GW-0002\",true,91,89,2,0,0,412],[\"GW-0003\",true,92,92,0,0,0,40],[\"GW-0004\",false,93,92,0,1,0,38]],"
                          "\"totals\":[null,null,366,363,2,1,0,null],\"series\":[]}");
  till_fake_server_list (server, "/customers", 340, make_customer, NULL);
}
