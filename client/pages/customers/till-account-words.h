/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account-words.h: what stands in the way of a closing, in the language of the client; the methods of payment to choose from. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

char *till_account_blocker_words (const char *blocker); /* caller frees */
/* The position chosen is the TillChannel. */
void  till_account_fill_channels (GtkDropDown *channels);

G_END_DECLS
