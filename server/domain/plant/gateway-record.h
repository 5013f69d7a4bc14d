/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-record.h: what an engineer says of a gateway: made, changed, adopted, retired. Keys are wrapped by the key file and never
 * leave again, but for a master key in the answer to its making. */
#pragma once
#include "server/crypto/key-file.h"
#include "server/domain/office/actor.h"
#include "server/domain/plant/field-plant.h"
#include "server/wire/dtu-text.h"

G_BEGIN_DECLS

#define TILLD_MASTER_KEY    32
#define TILLD_VENDOR_SECRET 16

typedef enum {
  TILLD_GATEWAY_NAME = 1 << 0, TILLD_GATEWAY_AREA = 1 << 1, TILLD_GATEWAY_LINK = 1 << 2, TILLD_GATEWAY_ADDRESS = 1 << 3,
  TILLD_GATEWAY_ALLOW_CLEAR = 1 << 4, TILLD_GATEWAY_PORTS = 1 << 5, TILLD_GATEWAY_REGISTRATIONS = 1 << 6, TILLD_GATEWAY_MODE = 1 << 7,
  TILLD_GATEWAY_HEARTBEAT = 1 << 8, TILLD_GATEWAY_SUITES = 1 << 9, TILLD_GATEWAY_FIXED_TID = 1 << 10, TILLD_GATEWAY_QUARANTINE = 1 << 11,
  TILLD_GATEWAY_WORD_ORDER = 1 << 12, TILLD_GATEWAY_SIMULATED = 1 << 13, TILLD_GATEWAY_STATUS = 1 << 14, TILLD_GATEWAY_FULL = 1 << 15,
  TILLD_GATEWAY_SECRET = 1 << 16, TILLD_GATEWAY_AUTHORITY = 1 << 17, TILLD_GATEWAY_PIN = 1 << 18,
} TilldGatewayMember;

typedef struct {
  gint64         id, site, area; /* area 0 = none */
  char           code[17], *name, *address;
  TillLinkKind   link;
  gboolean       allow_clear, fixed_tid, simulated, prefix_mode;
  TilldFieldPort ports[TILLD_FIELD_PORTS];
  guint          n_ports;
  TilldDtuText   registrations[TILLD_FIELD_PORTS]; /* of the ports, in their order */
  guint          n_registrations;
  TilldDtuText   heartbeat;
  guint8         suites;                           /* 1 << suite */
  gint64         quarantine_s, status_interval_s, full_interval_s, version; /* full 0 = the site's */
  gint           word_order;                       /* -1 as the profile says */
  char          *tls_authority;                    /* PEM, NULL = none */
  guint8         tls_pin[32];
  gboolean       tls_pinned;
} TilldGatewayRecord;

/* Members that has names are taken from record; the rest stays. */
typedef struct {
  TilldGatewayRecord record;
  guint32            has;
  char              *secret;      /* of the vendor's gateways: 16 bytes; with TILLD_GATEWAY_SECRET, NULL = taken away */
  gboolean           new_key;     /* another master key; the old one is void */
  gboolean           reset_class; /* a weaker link is accepted again */
  gint64             unknown;     /* of the caller to adopt */
} TilldGatewayEdit;

void tilld_gateway_edit_free (TilldGatewayEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldGatewayEdit, tilld_gateway_edit_free)
/* "GATE7" or "0x0d0a": bytes a DTU sends by itself; INVALID: empty or longer than 64 bytes. */
gboolean tilld_heartbeat_parse (const char *word, TilldDtuText *ret, GError **error);

/* All checks; the INVALID error names the members. creating: what is not given gets its default first. */
gboolean tilld_gateway_record_check (const TilldGatewayRecord *record, GError **error);
void     tilld_gateway_record_clear (TilldGatewayRecord *record);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldGatewayRecord, tilld_gateway_record_clear)

/* ret_master: hex of the new master key, NULL when none was made; wipe and free it. CONFLICT names code or registrations. */
gboolean tilld_gateway_create (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const TilldGatewayEdit *edit, gint64 *ret_id,
                               char **ret_master, GError **error);
/* STALE: version is not the record's. A port that meters sit on cannot go. */
gboolean tilld_gateway_update (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, const TilldGatewayEdit *edit, gint64 version,
                               char **ret_master, GError **error);
/* CONFLICT: it has meters. */
gboolean tilld_gateway_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error);
/* The unknown caller becomes the gateway that edit describes: its text is the first registration, or the code (gt3, tls). */
gboolean tilld_gateway_adopt (TilldDb *db, const TilldActor *who, TilldKeyFile *keys, TilldGatewayEdit *edit, gint64 *ret_id,
                              char **ret_master, GError **error);
/* Code of a gateway in scope that dials in, for a certificate; caller frees. */
gboolean tilld_gateway_certify (TilldDb *db, const TilldActor *who, gint64 id, guint port, char **ret_code, GError **error);

G_END_DECLS
