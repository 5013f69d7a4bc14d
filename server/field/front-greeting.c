/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-greeting.c: the first bytes of a caller choose the front; what came so far is the front's first food. */
#include <string.h>
#include "server/field/greeting.h"
#include "server/field/transport-tls.h"
#include "server/wire/sniff.h"

#define SNIFFED 3

typedef struct {
  guint8 bytes[SNIFFED];
  guint  len;
} State;

/* Of each front end. TLS is a transport: it is put under the greeting, which goes on inside. */
static const TilldFront *
front_of (TilldSniff kind)
{
  switch (kind)
    {
    case TILLD_SNIFF_TEXT:
      return &tilld_front_dtu;
    case TILLD_SNIFF_GT3:
      return &tilld_front_gt3;
    case TILLD_SNIFF_7B7B:
      return &tilld_front_7b7b;
    case TILLD_SNIFF_1F1F:
      return &tilld_front_1f1f;
    case TILLD_SNIFF_TLS:
    case TILLD_SNIFF_MORE:
    case TILLD_SNIFF_KINDS:
      break;
    }
  return NULL;
}

static void
begin_front (TilldLink *link, TilldSniff kind, const guint8 *first, guint n_first, const guint8 *rest, guint n_rest)
{
  const TilldFront *front = front_of (kind);
  gint64            instance = link->instance;

  tilld_greeting_heard (link, tilld_sniff_word (kind));
  if (kind == TILLD_SNIFF_TLS && tilld_greeting_tls (link) != NULL)
    {
      g_autoptr(GByteArray) all = g_byte_array_new ();

      g_byte_array_append (all, first, n_first);
      g_byte_array_append (all, rest, n_rest);
      tilld_tls_accept (tilld_greeting_tls (link), link, all->data, all->len);
      return;
    }
  if (front == NULL)
    {
      tilld_greeting_refuse (link, NULL, "no front end for these bytes");
      return;
    }
  tilld_link_set_front (link, front);
  link->front->feed (link, first, n_first);
  /* The front may have changed again, or closed. */
  if (n_rest > 0 && tilld_link_holds (link, instance) && !link->deaf)
    link->front->feed (link, rest, n_rest);
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  State     *s = link->front_state;
  guint8     first[SNIFFED];
  guint      used = 0, n;
  TilldSniff kind = TILLD_SNIFF_MORE;

  tilld_greeting_heard (link, NULL);
  while (kind == TILLD_SNIFF_MORE && used < len)
    {
      s->bytes[s->len++] = bytes[used++];
      kind = tilld_sniff (s->bytes, s->len);
    }
  if (kind == TILLD_SNIFF_MORE)
    return;
  n = s->len;
  memcpy (first, s->bytes, n); /* the state goes with this front */
  begin_front (link, kind, first, n, bytes + used, len - used);
}

const TilldFront tilld_front_greeting = { .name = "greeting", .state_size = sizeof (State), .pace = TILLD_PACE_MOBILE, .feed = feed };
