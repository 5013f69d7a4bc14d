/* SPDX-License-Identifier: GPL-2.0-or-later
 * config.h: one ini file, then environment GRIDTILL_SECTION_KEY, then argv "section.key=value". The rows of
 * config-table.c say what exists; everything has a default that works for a single host. Immutable once loaded. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef enum { TILLD_CONFIG_TEXT, TILLD_CONFIG_INT, TILLD_CONFIG_BOOL, TILLD_CONFIG_LIST, TILLD_CONFIG_WORD } TilldConfigType;

typedef enum {
  TILLD_CONFIG_SECRET = 1 << 0, /* never printed */
  TILLD_CONFIG_RELOAD = 1 << 1, /* taken over at SIGHUP */
} TilldConfigFlags;

typedef struct {
  const char      *section, *key;
  TilldConfigType  type;
  const char      *value;    /* default */
  gint64           min, max; /* of an int */
  const char      *words;    /* of a word: "off,auto" */
  TilldConfigFlags flags;
  const char      *sentence;
} TilldConfigRow;

const TilldConfigRow *tilld_config_rows (guint *ret_n); /* alphabetical by section, key */

/* path NULL: no file. environment as from g_get_environ (), NULL: none. overrides NULL-terminated or NULL.
 * Every error at once, as field errors "section.key" of one INVALID error. */
TilldConfig *tilld_config_load (const char *path, char **environment, const char *const *overrides, GError **error);
TilldConfig *tilld_config_ref (TilldConfig *config);
void         tilld_config_unref (TilldConfig *config);

/* Asking for a key that is not in the table, or by another type, is a programmer error (asserted). */
const char        *tilld_config_text (const TilldConfig *config, const char *section, const char *key); /* "" when empty; text or word */
gint64             tilld_config_int (const TilldConfig *config, const char *section, const char *key);
gboolean           tilld_config_bool (const TilldConfig *config, const char *section, const char *key);
const char *const *tilld_config_list (const TilldConfig *config, const char *section, const char *key); /* comma-separated in the file */

char *tilld_config_print (const TilldConfig *config); /* effective values, secrets as "(set)" or "(empty)" */
char *tilld_config_sample (void);                     /* deploy/gridtill.conf.sample */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldConfig, tilld_config_unref)

G_END_DECLS
