/* SPDX-License-Identifier: GPL-2.0-or-later
 * meters.c: three devices behind one line, as bytes see them, each with a journal of its own of what it was given. They know nothing of
 * the server's books. */
#include "tests/simulate/world.h"

#include <string.h>

#define AT_MONEY    0x10
#define AT_RECHARGE 0x100
#define AT_DEBIT    0x110
#define AT_RELAY    0x120
#define WORDS       18
#define STEP_WH     20 /* the registers move in such steps: 0.01 at the price of the place */

/* What hangs there now, consumption until now included. */
Device *
meter_device (World *world, guint meter)
{
  Meter *m = &world->meters[meter];
  Device *d = &m->devices[m->device];
  gboolean off = d->relay == TILLD_RELAY_OPEN || (m->meter_class != TILL_METER_CLASS_C && d->relay == TILLD_RELAY_AUTO && d->balance <= 0);
  gint64 whole, steps;

  whole = d->rest + (off ? 0 : d->power_w * (world->now - d->seen_us));
  steps = whole / (STEP_WH * 3600 * SECOND_US);
  d->rest = whole - steps * STEP_WH * 3600 * SECOND_US;
  d->seen_us = world->now;
  d->energy += steps * STEP_WH;
  if (m->meter_class != TILL_METER_CLASS_C)
    {
      gint64 cost = steps * (m->purse == TILL_PURSE_ENERGY ? STEP_WH : 100);

      d->used += cost;
      d->balance -= cost;
    }
  return d;
}

void
meter_take_new (World *world, guint meter)
{
  Meter *m = &world->meters[meter];
  Device *d;

  g_assert (m->n_devices < DEVICES);
  m->device = m->n_devices++;
  d = &m->devices[m->device];
  *d = (Device){ .seen_us = world->now, .power_w = 100 + random_below (world, 1900), .relay = TILLD_RELAY_AUTO };
  if (m->meter_class == TILL_METER_CLASS_C)
    d->relay = TILLD_RELAY_CLOSE;
  else if (chance (world, 500))
    {
      d->count = (gint32) random_below (world, 30);
      d->initial = d->balance = m->unit * random_below (world, 20000);
      d->total = chance (world, 300) ? m->modulus - m->unit * random_below (world, 20000) : d->balance;
    }
}

void
meters_make (World *world)
{
  static const guint32 money = TILLD_MONEY_BALANCE | TILLD_MONEY_SERIAL;
  Meter *a = &world->meters[0], *b = &world->meters[1], *c = &world->meters[2];

  *a = (Meter){ .meter_class = TILL_METER_CLASS_A, .purse = chance (world, 250) ? TILL_PURSE_ENERGY : TILL_PURSE_MONEY, .proof = TILLD_PROOF_COUNT_TOTAL,
                .have = money | TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_REFUNDS };
  if (chance (world, 250))
    {
      a->proof = TILLD_PROOF_COUNT_LAST;
      a->have = (a->have | TILLD_MONEY_LAST) & ~(guint32) TILLD_MONEY_TOTAL;
    }
  *b = (Meter){ .meter_class = TILL_METER_CLASS_B, .purse = chance (world, 250) ? TILL_PURSE_ENERGY : TILL_PURSE_MONEY, .proof = TILLD_PROOF_TOTAL,
                .have = money | TILLD_MONEY_TOTAL | TILLD_MONEY_REFUNDS };
  if (chance (world, 300))
    {
      b->purse = TILL_PURSE_MONEY;
      b->proof = TILLD_PROOF_BALANCE;
      b->have = money;
    }
  *c = (Meter){ .meter_class = TILL_METER_CLASS_C, .purse = TILL_PURSE_NONE };
  for (guint i = 0; i < METERS; i++)
    {
      world->meters[i].unit = world->meters[i].purse == TILL_PURSE_ENERGY ? 10 : 100;
      world->meters[i].modulus = world->meters[i].unit << 32;
      meter_take_new (world, i);
    }
}

static void
put32 (guint16 *words, gint64 value)
{
  words[0] = (guint16) ((guint64) value >> 16);
  words[1] = (guint16) value;
}

static gint64
get32 (const guint16 *words)
{
  return (gint64) words[0] << 16 | words[1];
}

static void
registers (World *world, guint meter, guint16 words[WORDS])
{
  const Meter *m = &world->meters[meter];
  const Device *d = meter_device (world, meter);

  memset (words, 0, WORDS * sizeof (guint16));
  words[0] = (guint16) d->count;
  put32 (words + 1, d->total / m->unit);
  put32 (words + 3, d->balance / m->unit);
  put32 (words + 5, d->last_amount / m->unit);
  words[7] = (guint16) d->refund_count;
  put32 (words + 8, d->refunded_total / m->unit);
  words[10] = (guint16) d->relay;
  put32 (words + 11, d->energy / 10);
  words[13] = (guint16) m->device;
}

TilldMoneyReading
meter_decode (const Meter *meter, const guint16 *words, gint64 *ret_energy)
{
  TilldMoneyReading r = { .have = meter->have, .count = words[0], .total = get32 (words + 1) * meter->unit,
                          .balance = (gint32) get32 (words + 3) * meter->unit, .last_amount = get32 (words + 5) * meter->unit,
                          .refund_count = words[7], .refunded_total = get32 (words + 8) * meter->unit };

  g_snprintf (r.serial, sizeof r.serial, "S%u", words[13]);
  *ret_energy = get32 (words + 11) * 10;
  return r;
}

void
meter_money_words (const TilldDelivery *delivery, const Meter *meter, gint32 seq, guint16 ret_words[3])
{
  ret_words[0] = (guint16) seq;
  put32 (ret_words + 1, delivery->amount / meter->unit);
}

static void
recharge (World *world, guint meter, gint32 count, gint64 amount)
{
  const Meter *m = &world->meters[meter];
  Device *d = meter_device (world, meter);

  if (m->meter_class == TILL_METER_CLASS_A && count != d->count + 1)
    return; /* answers well and does nothing: seen in the field */
  d->count++;
  d->total = (d->total + amount) % m->modulus;
  d->balance += amount;
  d->last_amount = amount;
  d->credited += amount;
  note (world, "meter %u credits %" G_GINT64_FORMAT, meter, amount);
}

static void
debit (World *world, guint meter, gint64 amount)
{
  Device *d = meter_device (world, meter);

  if (amount > d->balance)
    return;
  d->refund_count++;
  d->refunded_total += amount;
  d->balance -= amount;
  d->debited += amount;
  note (world, "meter %u gives back %" G_GINT64_FORMAT, meter, amount);
}

static void
turn_relay (World *world, guint meter, guint wish, gint64 generation)
{
  Device *d = meter_device (world, meter);

  note (world, "meter %u relay %u of order %" G_GINT64_FORMAT, meter, wish, generation);
  if (generation < world->verified_generation[meter] && wish != order_wish (world->store.orders[world->verified_generation[meter]].kind))
    wrong (world, "I9 an older relay order acts after a newer one was verified");
  d->relay = (gint) wish;
  d->relay_generation = generation;
}

/* One request as the device executes it. */
guint
meter_answer (World *world, guint meter, const guint8 *pdu, guint len, gint64 generation, gboolean refuse, guint8 *ret_pdu)
{
  guint16 words[WORDS], in[3] = { 0 };
  guint at = (guint) (pdu[1] << 8 | pdu[2]), n = (guint) (pdu[3] << 8 | pdu[4]);

  if (pdu[0] == 3)
    {
      registers (world, meter, words);
      g_assert (at == AT_MONEY && n <= WORDS);
      ret_pdu[0] = 3;
      ret_pdu[1] = (guint8) (2 * n);
      for (guint i = 0; i < n; i++)
        {
          ret_pdu[2 + 2 * i] = (guint8) (words[i] >> 8);
          ret_pdu[3 + 2 * i] = (guint8) words[i];
        }
      return 2 + 2 * n;
    }
  if (refuse)
    {
      ret_pdu[0] = pdu[0] | 0x80;
      ret_pdu[1] = 3;
      return 2;
    }
  for (guint i = 0; i < n && i < G_N_ELEMENTS (in) && 7 + 2 * i < len; i++)
    in[i] = (guint16) (pdu[6 + 2 * i] << 8 | pdu[7 + 2 * i]);
  if (at == AT_RECHARGE)
    recharge (world, meter, in[0], get32 (in + 1) * world->meters[meter].unit);
  else if (at == AT_DEBIT)
    debit (world, meter, get32 (in + 1) * world->meters[meter].unit);
  else
    turn_relay (world, meter, in[0], generation);
  memcpy (ret_pdu, pdu, 5);
  return 5;
}
