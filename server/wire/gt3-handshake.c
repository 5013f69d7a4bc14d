/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-handshake.c: two tags under a key that only the two ends can derive. The server answers before it knows who asks: an answer
 * tells nothing without the key, and a hello that is sent again gets another nonce. */
#include "server/wire/gt3-handshake.h"
#include <string.h>
#include "server/crypto/mac.h"

static const guint8 magic[3] = { 'G', 'T', 1 };

static gboolean
is_id_char (guint8 c)
{
  return g_ascii_isalnum ((char) c) || c == '.' || c == '_' || c == '-';
}

gboolean
tilld_gt3_id_pack (const char *code, guint8 ret_id[TILLD_GT3_ID])
{
  gsize len = strlen (code);

  if (len == 0 || len > TILLD_GT3_ID)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    if (!is_id_char ((guint8) code[i]))
      return FALSE;
  memset (ret_id, 0, TILLD_GT3_ID);
  memcpy (ret_id, code, len);
  return TRUE;
}

gboolean
tilld_gt3_id_unpack (const guint8 id[TILLD_GT3_ID], char ret_code[TILLD_GT3_ID + 1])
{
  guint len = 0;

  while (len < TILLD_GT3_ID && is_id_char (id[len]))
    len++;
  if (len == 0)
    return FALSE;
  for (guint i = len; i < TILLD_GT3_ID; i++)
    if (id[i] != 0)
      return FALSE;
  memcpy (ret_code, id, len);
  ret_code[len] = '\0';
  return TRUE;
}

gboolean
tilld_gt3_hello_begins (const guint8 *bytes, gsize len)
{
  if (memcmp (bytes, magic, MIN (len, sizeof magic)) != 0)
    return FALSE;
  if (len > 3 && bytes[3] != TILLD_GT3_3DES && bytes[3] != TILLD_GT3_AES)
    return FALSE;
  return len <= 4 || is_id_char (bytes[4]);
}

gboolean
tilld_gt3_hello_read (const guint8 hello[TILLD_GT3_HELLO], TilldGt3Handshake *ret_handshake, char ret_code[TILLD_GT3_ID + 1])
{
  char code[TILLD_GT3_ID + 1];

  if (!tilld_gt3_hello_begins (hello, TILLD_GT3_HELLO) || !tilld_gt3_id_unpack (hello + 4, code))
    return FALSE;
  memset (ret_handshake, 0, sizeof *ret_handshake);
  memcpy (ret_handshake->hello, hello, TILLD_GT3_HELLO);
  memcpy (ret_code, code, sizeof code);
  return TRUE;
}

gboolean
tilld_gt3_hello_write (TilldGt3Handshake *handshake, const char *code, TilldGt3Suite suite, const guint8 nonce[TILLD_GT3_NONCE])
{
  memset (handshake, 0, sizeof *handshake);
  memcpy (handshake->hello, magic, sizeof magic);
  handshake->hello[3] = (guint8) suite;
  memcpy (handshake->hello + 20, nonce, TILLD_GT3_NONCE);
  return tilld_gt3_id_pack (code, handshake->hello + 4);
}

TilldGt3Suite
tilld_gt3_suite (const TilldGt3Handshake *handshake)
{
  return (TilldGt3Suite) handshake->hello[3];
}

/* HKDF-Expand (HKDF-Extract ("gridtill/gt3/1", master), label | id16, 32) */
static void
derive (const guint8 *master, const char *label, const guint8 *id, guint8 ret[32])
{
  static const char salt[] = "gridtill/gt3/1";
  guint8 k0[TILLD_SHA256], info[16 + TILLD_GT3_ID];
  gsize  label_len = strlen (label);

  g_assert (label_len <= 16);
  memcpy (info, label, label_len);
  memcpy (info + label_len, id, TILLD_GT3_ID);
  tilld_hkdf_extract (salt, sizeof salt - 1, master, TILLD_GT3_MASTER, k0);
  tilld_hkdf_expand (k0, info, label_len + TILLD_GT3_ID, ret, 32);
  tilld_wipe (k0, sizeof k0);
}

/* Of who ('S', 'G'): over the hello and so much of the answer. */
static void
make_tag (const TilldGt3Handshake *handshake, const guint8 *master, char who, guint8 ret_tag[16])
{
  guint8 kauth[32], tag[TILLD_SHA256], text[1 + TILLD_GT3_HELLO + TILLD_GT3_ANSWER];
  gsize  answer_len = who == 'S' ? 20 : TILLD_GT3_ANSWER;

  derive (master, "auth", handshake->hello + 4, kauth);
  text[0] = (guint8) who;
  memcpy (text + 1, handshake->hello, TILLD_GT3_HELLO);
  memcpy (text + 1 + TILLD_GT3_HELLO, handshake->answer, answer_len);
  tilld_hmac (kauth, sizeof kauth, text, 1 + TILLD_GT3_HELLO + answer_len, tag);
  memcpy (ret_tag, tag, 16);
  tilld_wipe (kauth, sizeof kauth);
  tilld_wipe (tag, sizeof tag);
}

void
tilld_gt3_answer_write (TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 nonce[TILLD_GT3_NONCE])
{
  memcpy (handshake->answer, handshake->hello, 4);
  memcpy (handshake->answer + 4, nonce, TILLD_GT3_NONCE);
  make_tag (handshake, master, 'S', handshake->answer + 20);
}

gboolean
tilld_gt3_answer_read (TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 answer[TILLD_GT3_ANSWER])
{
  guint8   tag[16];
  gboolean right;

  memcpy (handshake->answer, answer, TILLD_GT3_ANSWER);
  make_tag (handshake, master, 'S', tag);
  right = memcmp (answer, handshake->hello, 4) == 0; /* version and suite: no secrets */
  right = tilld_equal (tag, answer + 20, sizeof tag) && right;
  tilld_wipe (tag, sizeof tag);
  return right;
}

void
tilld_gt3_prove_write (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], guint8 ret_prove[TILLD_GT3_PROVE])
{
  make_tag (handshake, master, 'G', ret_prove);
}

gboolean
tilld_gt3_prove_check (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], const guint8 prove[TILLD_GT3_PROVE])
{
  guint8   tag[16];
  gboolean right;

  make_tag (handshake, master, 'G', tag);
  right = tilld_equal (tag, prove, sizeof tag);
  tilld_wipe (tag, sizeof tag);
  return right;
}

void
tilld_gt3_first_prk (const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER], guint8 ret_prk[32])
{
  guint8 salt[2 * TILLD_GT3_NONCE];

  memcpy (salt, handshake->hello + 20, TILLD_GT3_NONCE);
  memcpy (salt + TILLD_GT3_NONCE, handshake->answer + 4, TILLD_GT3_NONCE);
  tilld_hkdf_extract (salt, sizeof salt, master, TILLD_GT3_MASTER, ret_prk);
}

gboolean
tilld_gt3_psk (const char *code, const guint8 master[TILLD_GT3_MASTER], guint8 ret_psk[TILLD_GT3_PSK])
{
  guint8 id[TILLD_GT3_ID];

  if (!tilld_gt3_id_pack (code, id))
    return FALSE;
  derive (master, "tls-psk", id, ret_psk);
  return TRUE;
}
