/* SPDX-License-Identifier: GPL-2.0-or-later
 * config-table.c: every key of the configuration, alphabetical by section and key. deploy/gridtill.conf.sample is this table
 * as text; a test compares them. A row that nothing reads does not belong here. */
#include "server/core/config.h"

#define TEXT(section, key, value, flags, sentence)          { section, key, TILLD_CONFIG_TEXT, value, 0, 0, NULL, flags, sentence }
#define INT(section, key, value, min, max, flags, sentence) { section, key, TILLD_CONFIG_INT, value, min, max, NULL, flags, sentence }
#define BOOL(section, key, value, flags, sentence)          { section, key, TILLD_CONFIG_BOOL, value, 0, 0, NULL, flags, sentence }
#define LIST(section, key, value, flags, sentence)          { section, key, TILLD_CONFIG_LIST, value, 0, 0, NULL, flags, sentence }
#define WORD(section, key, value, words, flags, sentence)   { section, key, TILLD_CONFIG_WORD, value, 0, 0, words, flags, sentence }

static const TilldConfigRow rows[] = {
  INT ("database", "batch_threads", "2", 1, 8, 0, "Connections for reports, exports and nightly work."),
  INT ("database", "connect_timeout_s", "5", 1, 60, 0, "How long one attempt to reach PostgreSQL may take."),
  INT ("database", "delivery_threads", "2", 1, 8, 0, "Connections that commit the delivery of money to meters."),
  TEXT ("database", "host", "", 0, "Host of PostgreSQL; empty: the Unix socket in socket_dir."),
  INT ("database", "interactive_threads", "5", 1, 32, 0, "Connections that answer requests of people."),
  INT ("database", "keep_readings_months", "36", 0, 1200, 0, "Full months of readings kept before this one; 0: all. Older ones are dropped at night."),
  WORD ("database", "migrate", "off", "off,auto", 0, "auto: bring an older schema up to date at start (single host)."),
  TEXT ("database", "name", "gridtill", 0, "Name of the database."),
  TEXT ("database", "password_file", "", 0, "File whose first line is the password; empty: none, as with peer log-in."),
  INT ("database", "port", "5432", 1, 65535, 0, "Port of PostgreSQL, also part of the socket's name."),
  TEXT ("database", "socket_dir", "/var/run/postgresql", 0, "Directory of PostgreSQL's Unix socket."),
  TEXT ("database", "user", "", 0, "Database role; empty: the name of the operating system's user."),
  INT ("field", "address_failures_max", "60", 1, 100000, 0, "Failed calls of gateways from one address in a minute; then it is shut out for one."),
  INT ("field", "full_interval_s", "1800", 300, 86400, 0, "Interval of full readings where neither gateway nor meter sets one."),
  INT ("field", "greetings_max", "2048", 16, 100000, 0, "Callers at once that have not said who they are; the oldest gives way."),
  LIST ("field", "listen", "", 0, "Addresses for gateways that dial in, ADDRESS:PORT, comma-separated, such as 0.0.0.0:7503; empty: none."),
  LIST ("field", "serial", "", 0, "Serial lines of this machine that this process reads: paths of ttys, comma-separated."),
  INT ("http", "connections_max", "4000", 16, 100000, 0, "Connections at once; at the limit the longest idle one gives way."),
  INT ("http", "idle_max", "64", 1, 10000, 0, "Connections kept open between requests."),
  LIST ("http", "listen", "0.0.0.0:8443", 0, "Addresses of the HTTPS listener, ADDRESS:PORT, comma-separated."),
  INT ("http", "per_address_max", "256", 0, 100000, 0, "Connections at once of one address; 0: no limit, for a listener behind a proxy."),
  TEXT ("http", "public_url", "", 0, "Address under which customers reach the server, for the code on receipts; empty: the code alone."),
  BOOL ("log", "debug", "no", 0, "Log every step; never in production."),
  INT ("login", "password_memory_kib", "65536", 8, 1048576, 0, "Memory of one password hash (Argon2id)."),
  INT ("login", "password_passes", "2", 1, 10, 0, "Passes of one password hash (Argon2id)."),
  INT ("server", "descriptors", "4096", 256, 1048576, 0, "Open files the process asks the system for at start."),
  INT ("server", "drain_timeout_s", "30", 1, 300, 0, "How long a stop waits for running work."),
  TEXT ("server", "journal", "", 0, "File on another disk that gets a line of each sale and delivery before it is acknowledged; empty: none."),
  TEXT ("server", "node", "", 0, "Name of this process among those on the same database; empty: host and roles."),
  TEXT ("server", "profiles_dir", "", 0, "Directory of meter models of this site; empty: profiles in state_dir, where there is one."),
  LIST ("server", "roles", "api,field,notify", 0, "What this process does."),
  TEXT ("server", "state_dir", "/var/lib/gridtill", 0, "Directory of keys, certificates and the state file."),
  TEXT ("tls", "certificate", "", TILLD_CONFIG_RELOAD, "PEM file of the server's certificate and chain; empty: one of the own CA."),
  TEXT ("tls", "key", "", TILLD_CONFIG_RELOAD, "PEM file of the private key that belongs to the certificate."),
  LIST ("tls", "names", "localhost,127.0.0.1", 0, "Names and addresses in the certificate of the own CA."),
};

const TilldConfigRow *
tilld_config_rows (guint *ret_n)
{
  *ret_n = G_N_ELEMENTS (rows);
  return rows;
}
