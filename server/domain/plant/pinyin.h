/* SPDX-License-Identifier: GPL-2.0-or-later
 * pinyin.h: how a name is spelled in Latin letters, for searching. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Lower-case syllables with one blank between: "张伟" -> "zhang wei", "A栋2号" -> "a dong 2 hao"; readings of family names come first ("单" at
 * the beginning is shan). "" when nothing can be spelled. Owned by the caller. Any thread. Readings: ICU, transform Han-Latin/Names. */
char *tilld_pinyin (const char *name);

G_END_DECLS
