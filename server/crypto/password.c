/* SPDX-License-Identifier: GPL-2.0-or-later
 * password.c: libsodium's Argon2id; the list of the commonest passwords of eight characters and more. */
#include "server/crypto/password.h"
#include <sodium.h>
#include <string.h>
#include "server/crypto/mac.h"
#include "shared/api/till-validate.h"

G_STATIC_ASSERT (TILLD_PASSWORD_HASH == crypto_pwhash_STRBYTES);

const TilldPasswordCost tilld_password_cost_default = { 65536, 2 };
const TilldPasswordCost tilld_password_cost_test = { 8, 1 };

/* Lower case, sorted: what guessing begins with, English and Chinese keyboards alike. */
static const char *const common[] = {
  "00000000",   "0123456789", "11111111",   "111111111",  "1111111111", "11223344",   "12121212",   "123123123",  "12341234",
  "1234512345", "12344321",   "123456123",  "12345678",   "12345679",   "123456789",  "1234567890", "123456789a", "123456abc",
  "1234abcd",   "1234qwer",   "123654789",  "123698745",  "12qwaszx",   "147258369",  "1q2w3e4r",   "1q2w3e4r5t", "1qaz2wsx",
  "22222222",   "31415926",   "5201314520", "55555555",   "66666666",   "66668888",   "77777777",   "78945612",   "87654321",
  "88888888",   "963852741",  "98765432",   "987654321",  "99999999",   "a12345678",  "a123456789", "aa123456",   "aa12345678",
  "aaaaaaaa",   "abc12345",   "abc123456",  "abcd1234",   "abcdefgh",   "admin123",   "admin1234",  "admin888",   "administrator",
  "as123456",   "asd123456",  "asdasdasd",  "asdf1234",   "asdfasdf",   "asdfghjk",   "asdfghjkl",  "baseball",   "changeme",
  "computer",   "dearbook",   "football",   "iloveyou",   "internet",   "letmein1",   "michelle",   "ms0083jxj",  "p@ssw0rd",
  "passw0rd",   "password",   "password1",  "password12", "password123", "princess",  "q1w2e3r4",   "q1w2e3r4t5", "qazwsxedc",
  "qq123456",   "qq123456789", "qwer1234",  "qwerasdf",   "qwerqwer",   "qwerty12",   "qwerty123",  "qwertyui",   "qwertyuiop",
  "sunshine",   "superman",   "test1234",   "trustno1",   "wang1234",   "welcome1",   "woaini1314", "woaini520",  "woaini521",
  "wojiushiwo", "xiaoxiao",   "zaq12wsx",   "zxc123456",  "zxcvbnm1",   "zxcvbnm123",
};

static void
set_up (void)
{
  int status = sodium_init (); /* 1 when it was done before */
  g_assert (status >= 0);
}

gboolean
tilld_password_hash (const char *password, const TilldPasswordCost *cost, char ret_hash[TILLD_PASSWORD_HASH], GError **error)
{
  set_up ();
  if (crypto_pwhash_str_alg (ret_hash, password, strlen (password), cost->passes, (size_t) cost->memory_kib * 1024,
                             crypto_pwhash_ALG_ARGON2ID13)
      != 0)
    return till_fail (error, TILL_ERROR_BUSY, "no memory for a password hash");
  return TRUE;
}

gboolean
tilld_password_verify (const char *hash, const char *password, const TilldPasswordCost *cost)
{
  char spent[TILLD_PASSWORD_HASH];

  set_up ();
  if (hash != NULL)
    return crypto_pwhash_str_verify (hash, password, strlen (password)) == 0;
  tilld_password_hash (password, cost, spent, NULL);
  return FALSE;
}

gboolean
tilld_password_needs_rehash (const char *hash, const TilldPasswordCost *cost)
{
  set_up ();
  return crypto_pwhash_str_needs_rehash (hash, cost->passes, (size_t) cost->memory_kib * 1024) != 0;
}

static gboolean
is_common (const char *lower)
{
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    if (strcmp (lower, common[i]) == 0)
      return TRUE;
  return FALSE;
}

gboolean
tilld_password_check (const char *password, const char *user, GError **error)
{
  g_autofree char *lower = NULL, *lower_user = NULL;
  gboolean common_one, has_name;

  if (!till_validate_password (password, error))
    return FALSE;
  lower = g_ascii_strdown (password, -1);
  lower_user = g_ascii_strdown (user != NULL ? user : "", -1);
  common_one = is_common (lower);
  has_name = strlen (lower_user) >= 4 && strstr (lower, lower_user) != NULL;
  tilld_wipe (lower, strlen (lower));
  if (common_one)
    return till_fail (error, TILL_ERROR_INVALID, "This password is one of the most common ones.");
  if (has_name)
    return till_fail (error, TILL_ERROR_INVALID, "The password contains the name of the user.");
  return TRUE;
}

char *
tilld_password_generate (void)
{
  static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz"; /* 31: none is mistaken for another */
  char *text = g_malloc (20);
  guint at = 0;

  G_STATIC_ASSERT (sizeof alphabet == 32);
  while (at < 19)
    {
      guint8 byte;
      tilld_random (&byte, 1);
      if (byte >= 248) /* 8 x 31: no letter is likelier */
        continue;
      text[at++] = alphabet[byte % 31];
      if (at % 5 == 4 && at < 19)
        text[at++] = '-';
    }
  text[19] = '\0';
  return text;
}
