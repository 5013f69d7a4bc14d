/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-record.h: one object of the server as GObject properties. A static field table gives properties, JSON loading and
 * notification; a subclass is its table. Numbers, times and enums that the server left out are TILL_UNKNOWN, texts NULL. */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum {
  TILL_FIELD_TEXT,   /* string property */
  TILL_FIELD_UUID,   /* string */
  TILL_FIELD_STRV,   /* GStrv */
  TILL_FIELD_INT,    /* int64, as all below */
  TILL_FIELD_BOOL,   /* 0, 1, TILL_UNKNOWN */
  TILL_FIELD_ENUM,   /* number of the word in TillWords; a word nobody knows is kept and shown raw */
  TILL_FIELD_FLAGS,  /* bit set of the words of a JSON array */
  TILL_FIELD_MONEY,  /* decimal string, 1/10000 of the unit */
  TILL_FIELD_PRICE,  /* the same, shown with four decimals */
  TILL_FIELD_ENERGY, /* decimal string in kWh -> Wh */
  TILL_FIELD_POWER,  /* decimal string or number in kW -> W */
  TILL_FIELD_DECIMAL,/* decimal string or number -> 1/1000 (volt, ampere, percent) */
  TILL_FIELD_TIME,   /* RFC 3339 -> µs */
  TILL_FIELD_DAY,    /* "YYYY-MM-DD" -> days since 1970 */
  TILL_FIELD_AGE,    /* seconds */
} TillFieldKind;

#define TILL_UNKNOWN G_MININT64

/* The words of one enum; name is also the msgctxt of its translations ("meter-state"). */
typedef struct {
  const char *name;
  const char *(*to_word) (int value);
  gboolean    (*from_word) (const char *word, int *ret_value);
} TillWords;

typedef struct {
  const char      *name;  /* property, "ct-ratio" */
  TillFieldKind    kind;
  const TillWords *words; /* ENUM and FLAGS */
  const char      *json;  /* NULL: the name with '_' for '-'; "energy_rates.tip" reaches into an object */
  const char      *sort;  /* sort key of the route; NULL: the json name; "" = cannot be sorted */
} TillField;

#define TILL_TYPE_RECORD (till_record_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillRecord, till_record, TILL, RECORD, GObject)

struct _TillRecordClass {
  GObjectClass      parent_class;
  const TillField  *fields;  /* of the subclass */
  guint             n_fields;
  GParamSpec      **pspecs;  /* one per field */
  char            **members; /* JSON member per field */
};

/* Call in class_init of the subclass; fields are static. "loaded" is a property of every record. */
void             till_record_class_set_fields (TillRecordClass *klass, const TillField *fields, guint n_fields);
const TillField *till_record_type_find_field (GType record_type, const char *name); /* NULL when there is none */
const TillField *till_record_type_get_fields (GType record_type, guint *ret_n);

/* INVALID when the node is no object or a known member has the wrong type; unknown members are left alone. */
gpointer     till_record_new_from_json (GType record_type, JsonNode *node, GError **error);
/* Changes only the members present; an absent or null one: partial leaves it, whole makes it unknown. */
gboolean     till_record_load (TillRecord *self, JsonObject *object, gboolean partial, GError **error);
gboolean     till_record_is_loaded (TillRecord *self);
void         till_record_set_failed (TillRecord *self, gboolean failed); /* property "failed": its page could not be had */

/* By property name; a name that is not in the table is a programmer's error. record may be NULL: unknown. */
gint64       till_record_int (gpointer record, const char *field);         /* every kind that is not text; TILL_UNKNOWN */
const char  *till_record_text (gpointer record, const char *field);        /* TEXT, UUID; the word of an ENUM */
const char *const *till_record_strv (gpointer record, const char *field);
gboolean     till_record_known (gpointer record, const char *field);
/* The member "id" as text: "12" or a UUID; NULL while not loaded. Borrowed. */
const char  *till_record_key (gpointer record);

/* Word of an ENUM value as stored in a property, also of a word nobody knows; NULL for TILL_UNKNOWN. */
const char  *till_words_get (const TillWords *words, gint64 value);

/* A record type is its table: it has no class structure of its own (and so no clash with the enum TillMeterClass). */
#define TILL_DECLARE_RECORD(TypeName, type_name, NAME)                                               \
  GType type_name##_get_type (void);                                                                 \
  typedef struct _##TypeName TypeName;                                                                 \
  G_DEFINE_AUTOPTR_CLEANUP_FUNC (TypeName, g_object_unref)                                           \
  G_GNUC_UNUSED static inline TypeName *TILL_##NAME (gpointer object)                                \
  { return G_TYPE_CHECK_INSTANCE_CAST (object, type_name##_get_type (), TypeName); }                 \
  G_GNUC_UNUSED static inline gboolean TILL_IS_##NAME (gpointer object)                              \
  { return G_TYPE_CHECK_INSTANCE_TYPE (object, type_name##_get_type ()); }

/* In the .c file, after its static table `fields`. */
#define TILL_DEFINE_RECORD(TypeName, type_name)                                                      \
  struct _##TypeName { TillRecord parent_instance; };                                                \
  static void type_name##_class_init (gpointer klass, gpointer data)                                 \
  { till_record_class_set_fields (klass, fields, G_N_ELEMENTS (fields)); }                           \
  GType type_name##_get_type (void)                                                                  \
  {                                                                                                  \
    static gsize type;                                                                               \
    if (g_once_init_enter (&type))                                                                   \
      g_once_init_leave (&type, g_type_register_static_simple (                                      \
        TILL_TYPE_RECORD, g_intern_static_string (#TypeName), sizeof (TillRecordClass),              \
        (GClassInitFunc) type_name##_class_init, sizeof (TypeName), NULL, G_TYPE_FLAG_FINAL));       \
    return type;                                                                                     \
  }

G_END_DECLS
