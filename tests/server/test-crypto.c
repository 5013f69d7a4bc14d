/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-crypto.c: the gateway envelope's published vectors bind cipher and MAC; the rest refuses what it must refuse. */
#include <string.h>
#include <sys/stat.h>
#include <glib/gstdio.h>
#include "server/crypto/cipher.h"
#include "server/crypto/key-file.h"
#include "server/crypto/mac.h"
#include "server/crypto/password.h"
#include "server/crypto/pki.h"
#include "server/crypto/totp.h"
#include "tests/lib/test-main.h"

/* Caller frees; length is half that of text. */
static guint8 *
unhex (const char *text)
{
  gsize n = strlen (text) / 2;
  guint8 *bytes = g_malloc (n + 1);
  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 | g_ascii_xdigit_value (text[2 * i + 1]));
  return bytes;
}

static void
assert_hex (gconstpointer bytes, const char *wanted)
{
  g_autofree char *text = tilld_hex (bytes, strlen (wanted) / 2);
  g_assert_cmpstr (text, ==, wanted);
}

static void
hashes (void)
{
  guint8 hash[TILLD_SHA256], master[32], k0[32], key[32], nonces[32];
  char info[20] = "authGW-0001";

  tilld_sha256 ("abc", 3, hash);
  assert_hex (hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  tilld_hmac ("Jefe", 4, "what do ya want for nothing?", 28, hash);
  assert_hex (hash, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  for (guint8 i = 0; i < 32; i++)
    {
      master[i] = i;
      nonces[i] = (guint8) ((i < 16 ? 0xa0 : 0xb0) + i % 16);
    }
  tilld_hkdf_extract ("gridtill/gt3/1", 14, master, 32, k0);
  assert_hex (k0, "254459c2c8630046fd0db29a61e13d4c5cd1dba3f820fc454c75bc41486dac7b");
  tilld_hkdf_expand (k0, info, 20, key, 32); /* "auth" and the code padded to 16 */
  assert_hex (key, "70c40d8db3a2d7050c6d7ae23f2bcaa3ac33b2de35d1a2b3a9061d5cab0b678e");
  tilld_hkdf_extract (nonces, 32, master, 32, key);
  assert_hex (key, "417e7502c38837c356dc6d3f1c84cfac0efea0e929628cb89ce52f74716620ad");
  g_assert_true (tilld_equal (k0, k0, 32));
  g_assert_false (tilld_equal (k0, key, 32));
}

static void
tokens (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < 1000; i++)
    {
      char token[TILLD_TOKEN_TEXT];
      tilld_random_token (token);
      g_assert_cmpuint (strlen (token), ==, TILLD_TOKEN_TEXT - 1);
      g_assert_cmpuint (strspn (token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), ==, strlen (token));
      g_assert_true (g_hash_table_add (seen, g_strdup (token)));
    }
}

static void
des_vector (void)
{
  g_autofree guint8 *key = unhex ("41e89b056d850baf557f88719cbdf43a6b6a5bce439449cf"), *iv = unhex ("1011121314151617");
  g_autofree guint8 *data = unhex ("0001010003e807d0010303060002244e0808080808080808");
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldDes) des = tilld_des_new (key, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++) /* the IV is set anew: a second frame must not chain on the first */
    {
      g_assert_true (tilld_des_encrypt (des, iv, data, 24, NULL));
      assert_hex (data, "d4480027e6dbf86454f747f15947f85b23fbd5fa27cd8117");
      g_assert_true (tilld_des_decrypt (des, iv, data, 24, NULL));
      assert_hex (data, "0001010003e807d0010303060002244e0808080808080808");
    }
  for (gsize len = 0; len < 24; len++)
    if (len == 0 || len % 8 != 0)
      {
        g_autoptr (GError) refused = NULL;
        g_assert_false (tilld_des_decrypt (des, iv, data, len, &refused)); /* the library would abort */
        g_assert_error (refused, TILL_ERROR, TILL_ERROR_INVALID);
      }
}

static void
des_keys (void)
{
  static const char *const bad[] = {
    "41e89b056d850baf41e89b056d850baf6b6a5bce439449cf", /* K1 = K2 */
    "41e89b056d850baf557f88719cbdf43a557f88719cbdf43a", /* K2 = K3 */
    "41e89b056d850baf557f88719cbdf43a41e89b056d850baf", /* K1 = K3 */
    "41e89b056d850baf40e99a046c840aae6b6a5bce439449cf", /* equal but for parity */
    "0101010101010101557f88719cbdf43a6b6a5bce439449cf", /* weak */
    "41e89b056d850baf1f1f1f1f0e0e0e0e6b6a5bce439449cf", /* weak */
    "41e89b056d850baf557f88719cbdf43afee0fee0fef1fef1", /* semi-weak */
    "001e001e000e000e557f88719cbdf43a6b6a5bce439449cf", /* semi-weak without parity */
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree guint8 *key = unhex (bad[i]);
      g_autoptr (GError) error = NULL;
      g_assert_null (tilld_des_new (key, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
    }
}

static void
gcm_vector (void)
{
  g_autofree guint8 *key = unhex ("ae8913cff8e3b3d55cd659a8c60a4efa6e71fadcb3e920922f21aac6c4eb30e7");
  g_autofree guint8 *nonce = unhex ("ece1a3f984c03321f8356437"); /* niv xor seq 0 */
  g_autofree guint8 *plain = unhex ("0001010003e807d0010303060002244e"), *aad = unhex ("530029010000000000000000");
  g_autoptr (TilldGcm) gcm = tilld_gcm_new (key, 32);
  guint8 sealed[32], opened[16];

  tilld_gcm_seal (gcm, nonce, (TilldBytes){ aad, 12 }, (TilldBytes){ plain, 16 }, sealed);
  assert_hex (sealed, "51c0576cfdc4b9c71590210454445bc6b9c9aa312e9ca88f8aea9e922e451b2a");
  g_assert_true (tilld_gcm_open (gcm, nonce, (TilldBytes){ aad, 12 }, (TilldBytes){ sealed, 32 }, opened, NULL));
  g_assert_cmpmem (opened, 16, plain, 16);
  for (guint i = 0; i < 32; i++)
    {
      g_autoptr (GError) error = NULL;
      sealed[i] ^= 0x40;
      g_assert_false (tilld_gcm_open (gcm, nonce, (TilldBytes){ aad, 12 }, (TilldBytes){ sealed, 32 }, opened, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_FORBIDDEN);
      sealed[i] ^= 0x40;
    }
  g_assert_false (tilld_gcm_open (gcm, nonce, (TilldBytes){ aad, 12 }, (TilldBytes){ sealed, 15 }, opened, NULL));
}

static void
key_file (void)
{
  g_autofree char *path = g_build_filename (till_test_dir (), "key", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldKeyFile) keys = tilld_key_file_open (path, &error), again = NULL;
  g_autoptr (GBytes) old = NULL, new = NULL, opened = NULL;
  GStatBuf info;

  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  old = tilld_key_file_wrap (keys, "gateway:GW-0001", "secret", 6);
  g_assert_true (tilld_key_file_rotate (keys, &error));
  new = tilld_key_file_wrap (keys, "gateway:GW-0001", "secret", 6);
  g_assert_false (tilld_key_file_is_current (keys, g_bytes_get_data (old, NULL), g_bytes_get_size (old)));
  g_assert_true (tilld_key_file_is_current (keys, g_bytes_get_data (new, NULL), g_bytes_get_size (new)));

  again = tilld_key_file_open (path, &error); /* a restart */
  g_assert_no_error (error);
  opened = tilld_key_file_unwrap (again, "gateway:GW-0001", g_bytes_get_data (old, NULL), g_bytes_get_size (old), &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (opened, NULL), g_bytes_get_size (opened), "secret", 6);
  g_assert_null (tilld_key_file_unwrap (again, "gateway:GW-0002", g_bytes_get_data (old, NULL), g_bytes_get_size (old), &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_FORBIDDEN);
  g_clear_error (&error);
  for (gsize len = 0; len < g_bytes_get_size (old); len++)
    g_assert_null (tilld_key_file_unwrap (again, "gateway:GW-0001", g_bytes_get_data (old, NULL), len, NULL));

  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  g_assert_null (tilld_key_file_open (path, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_FORBIDDEN);
}

static void
passwords (void)
{
  char hash[TILLD_PASSWORD_HASH];
  g_autofree char *first = tilld_password_generate (), *second = tilld_password_generate ();

  g_assert_true (tilld_password_hash ("correct horse", &tilld_password_cost_test, hash, NULL));
  g_assert_true (g_str_has_prefix (hash, "$argon2id$"));
  g_assert_true (tilld_password_verify (hash, "correct horse", &tilld_password_cost_test));
  g_assert_false (tilld_password_verify (hash, "correct horsf", &tilld_password_cost_test));
  g_assert_false (tilld_password_verify (NULL, "correct horse", &tilld_password_cost_test));
  g_assert_false (tilld_password_needs_rehash (hash, &tilld_password_cost_test));
  g_assert_true (tilld_password_needs_rehash (hash, &tilld_password_cost_default));
  g_assert_cmpuint (strlen (first), ==, 19);
  g_assert_cmpstr (first, !=, second);
  g_assert_true (tilld_password_check (first, "admin", NULL));
  g_assert_true (tilld_password_check ("四个汉字", "admin", NULL)); /* 12 bytes: no rule of composition */
  g_assert_false (tilld_password_check ("short77", "admin", NULL));
  g_assert_false (tilld_password_check ("PassWord1", "admin", NULL));
  g_assert_false (tilld_password_check ("xx-zhang.wei-1", "zhang.wei", NULL));
}

static void
pki (void)
{
  static const char *const names[] = { "localhost", "127.0.0.1", NULL }, *const more[] = { "localhost", "till.example", NULL };
  const TillTime now = 1790000000 * TILL_SECOND;
  g_autofree char *dir = g_build_filename (till_test_dir (), "pki", NULL);
  g_autofree char *one = NULL, *two = NULL, *print = NULL, *chain_print = NULL, *renewed = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (TilldPki) first = { NULL }, second = { NULL }, third = { NULL };

  g_assert_true (tilld_pki_ensure (dir, names, now, &first, &error));
  g_assert_no_error (error);
  print = tilld_pki_fingerprint (first.authority_path, &error);
  chain_print = tilld_pki_fingerprint (first.certificate_path, &error);
  g_assert_cmpuint (strlen (print), ==, 16 * 5 - 1);
  g_assert_cmpstr (print, ==, chain_print); /* the chain ends with the authority */
  g_assert_true (g_file_get_contents (first.certificate_path, &one, NULL, &error));

  g_assert_true (tilld_pki_ensure (dir, names, now + 300 * 86400 * TILL_SECOND, &second, &error));
  g_assert_true (g_file_get_contents (second.certificate_path, &two, NULL, &error));
  g_assert_cmpstr (one, ==, two); /* 97 days are left */
  g_clear_pointer (&two, g_free);
  g_assert_true (tilld_pki_ensure (dir, more, now, &third, &error));
  g_assert_true (g_file_get_contents (third.certificate_path, &two, NULL, &error));
  g_assert_cmpstr (one, !=, two); /* a name was missing */
  renewed = tilld_pki_fingerprint (third.certificate_path, &error);
  g_assert_cmpstr (renewed, ==, print); /* the authority stays: clients that pinned it go on */
  g_assert_null (tilld_pki_fingerprint ("/nowhere.pem", NULL));
}

/* RFC 6238 appendix B (SHA-1), the last six of its eight digits; RFC 4648 section 10. */
static void
totp (void)
{
  static const struct { gint64 at; const char *code; } vectors[] = {
    { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" }, { 2000000000, "279037" },
    { G_GINT64_CONSTANT (20000000000), "353130" },
  };
  static const char *const texts[][2] = { { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" }, { "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" },
                                          { "foobar", "MZXW6YTBOI" } };
  const guint8 *secret = (const guint8 *) "12345678901234567890";

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      gint64 step = vectors[i].at / TILLD_TOTP_STEP_S;
      char code[TILLD_TOTP_CODE];

      tilld_totp_code (secret, (guint64) step, code);
      g_assert_cmpstr (code, ==, vectors[i].code);
      g_assert_cmpint (tilld_totp_find (secret, code, vectors[i].at, 0), ==, step);
      g_assert_cmpint (tilld_totp_find (secret, code, vectors[i].at + 30, 0), ==, step);  /* a slow hand */
      g_assert_cmpint (tilld_totp_find (secret, code, vectors[i].at + 90, 0), ==, 0);     /* over */
      g_assert_cmpint (tilld_totp_find (secret, code, vectors[i].at, step), ==, 0);       /* taken before */
      g_assert_cmpint (tilld_totp_find (secret, code + 1, vectors[i].at, 0), ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = tilld_base32 (texts[i][0], strlen (texts[i][0]));
      g_assert_cmpstr (text, ==, texts[i][1]);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/crypto/hashes", hashes);
  g_test_add_func ("/crypto/tokens", tokens);
  g_test_add_func ("/crypto/3des/vector", des_vector);
  g_test_add_func ("/crypto/3des/keys", des_keys);
  g_test_add_func ("/crypto/gcm", gcm_vector);
  g_test_add_func ("/crypto/key-file", key_file);
  g_test_add_func ("/crypto/password", passwords);
  g_test_add_func ("/crypto/pki", pki);
  g_test_add_func ("/crypto/totp", totp);
  return till_test_run ();
}
