/* SPDX-License-Identifier: GPL-2.0-or-later
 * serial-bus.c: the thread of one tty. Only the four register functions of libmodbus are used: its coil readers overflow a buffer. */
#include "server/field/serial-bus.h"
#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "shared/base/till-error.h"

#define BYTE_TIMEOUT_US 50000
#define QUIET_MS        300
#define QUIET_LIMIT_US  3000000

/* What both threads see, under the lock. */
typedef struct {
  guint64          opening; /* rises with every open and close: work of an older one is void */
  gboolean         wanted, stop, has_job, has_answer, has_state;
  TilldMbRequest   job;
  guint            timeout_ms;
  TilldSerialEvent answer, state; /* an answer came before the state */
} Shared;

struct _TilldSerialBus {
  gint            refs;
  TilldReactor   *reactor;
  TilldWatch      watch;
  TilldSerialLine line;
  TilldSerialFunc func;
  gpointer        data;
  gboolean        asked;    /* field thread: a request is out */
  int             wake_fd, done_fd, reserved_fd;
  GMutex          lock;
  Shared          shared;
  modbus_t       *ctx;      /* the tty's thread alone; NULL = closed */
  guint64         serving;  /* opening of ctx */
};

/* --- descriptors below 1024 --- */

static GMutex reserve_lock;
static int    reserved[FD_SETSIZE];
static guint  n_reserved;

static int
low_null (GError **error)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC), low = null;

  if (null >= FD_SETSIZE)
    {
      low = fcntl (null, F_DUPFD_CLOEXEC, 0); /* gives the lowest free one */
      close (null);
    }
  if (low >= 0 && low < FD_SETSIZE)
    return low;
  if (low >= 0)
    close (low);
  till_fail (error, TILL_ERROR_CONFLICT, "no descriptor below %d is left for a serial line: list it in [field] serial and start again", FD_SETSIZE);
  return -1;
}

gboolean
tilld_serial_reserve (guint n, GError **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&reserve_lock);

  while (n_reserved < MIN (n, G_N_ELEMENTS (reserved)))
    {
      int fd = low_null (error);

      if (fd < 0)
        return FALSE;
      reserved[n_reserved++] = fd;
    }
  return TRUE;
}

static int
take_reserved (GError **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&reserve_lock);

  return n_reserved > 0 ? reserved[--n_reserved] : low_null (error);
}

static void
give_reserved (int fd)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&reserve_lock);

  g_assert (n_reserved < G_N_ELEMENTS (reserved));
  reserved[n_reserved++] = fd;
}

/* --- the tty's thread --- */

static void
ring (int fd)
{
  const guint64 one = 1;
  gssize        n = write (fd, &one, sizeof one);

  g_assert (n == sizeof one || errno == EAGAIN);
}

static void
hush (int fd)
{
  guint64 count;
  gssize  n = read (fd, &count, sizeof count);

  g_assert (n == sizeof count || errno == EAGAIN);
}

static void
post (TilldSerialBus *serial, guint64 opening, const TilldSerialEvent *event)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&serial->lock);
  Shared                 *shared = &serial->shared;

  if (opening != shared->opening || shared->stop)
    return;
  if (event->kind == TILLD_SERIAL_ANSWERED)
    {
      shared->answer = *event;
      shared->has_answer = TRUE;
    }
  else
    {
      shared->state = *event;
      shared->has_state = TRUE;
    }
  ring (serial->done_fd);
}

/* The number stays ours: /dev/null takes the place of the tty in one step. */
static void
close_tty (TilldSerialBus *serial)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

  ioctl (serial->reserved_fd, TIOCNXCL); /* somebody else may still hold it open */
  if (null >= 0)
    {
      dup3 (null, serial->reserved_fd, O_CLOEXEC);
      close (null);
    }
  modbus_free (serial->ctx);
  serial->ctx = NULL;
}

static void
lose (TilldSerialBus *serial, int status)
{
  TilldSerialEvent event = { .kind = TILLD_SERIAL_LOST, .status = status };
  guint64          opening = serial->serving;

  if (serial->ctx != NULL)
    close_tty (serial);
  g_mutex_lock (&serial->lock);
  if (serial->shared.opening == opening)
    serial->shared.wanted = FALSE; /* until its owner asks again */
  g_mutex_unlock (&serial->lock);
  post (serial, opening, &event);
}

static gboolean
connect_tty (TilldSerialBus *serial)
{
  modbus_t *ctx = modbus_new_rtu (serial->line.path, (int) serial->line.baud, serial->line.parity, 8, 1);
  int       status, fd;

  if (ctx == NULL)
    return FALSE;
  modbus_set_error_recovery (ctx, MODBUS_ERROR_RECOVERY_NONE);
  if (modbus_connect (ctx) < 0)
    {
      status = errno;
      modbus_free (ctx);
      errno = status;
      return FALSE;
    }
  fd = modbus_get_socket (ctx);
  status = ioctl (fd, TIOCEXCL) < 0 || dup3 (fd, serial->reserved_fd, O_CLOEXEC) < 0 ? errno : 0;
  close (fd);
  if (status != 0)
    {
      modbus_free (ctx);
      errno = status;
      return FALSE;
    }
  modbus_set_socket (ctx, serial->reserved_fd);
  modbus_set_byte_timeout (ctx, 0, BYTE_TIMEOUT_US);
  serial->ctx = ctx;
  return TRUE;
}

static void
open_tty (TilldSerialBus *serial, guint64 opening)
{
  static const TilldSerialEvent opened = { .kind = TILLD_SERIAL_OPENED };

  serial->serving = opening;
  if (connect_tty (serial))
    post (serial, opening, &opened);
  else
    lose (serial, errno);
}

/* After a failure nothing is sent until the line was silent: what comes late must not answer the next request. FALSE: it never is. */
static gboolean
wait_silence (TilldSerialBus *serial)
{
  gint64 until = tilld_clock_boot_us (tilld_clock_system ()) + QUIET_LIMIT_US;
  guint8 bytes[256];

  for (;;)
    {
      struct pollfd p = { .fd = serial->reserved_fd, .events = POLLIN };
      int           n = poll (&p, 1, QUIET_MS);

      if (n == 0)
        return modbus_flush (serial->ctx) >= 0;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || (p.revents & (POLLHUP | POLLERR | POLLNVAL)) || read (serial->reserved_fd, bytes, sizeof bytes) == 0 ||
          tilld_clock_boot_us (tilld_clock_system ()) > until)
        return FALSE;
    }
}

static int
ask (TilldSerialBus *serial, const TilldMbRequest *request, guint16 *regs)
{
  if (request->fc == 3)
    return modbus_read_registers (serial->ctx, request->at, request->count, regs);
  if (request->fc == 4)
    return modbus_read_input_registers (serial->ctx, request->at, request->count, regs);
  if (request->fc == 6)
    return modbus_write_register (serial->ctx, request->at, request->pdu[3] << 8 | request->pdu[4]);
  g_assert (request->fc == 16);
  for (guint i = 0; i < request->count; i++)
    regs[i] = (guint16) (request->pdu[6 + 2 * i] << 8 | request->pdu[7 + 2 * i]);
  return modbus_write_registers (serial->ctx, request->at, request->count, regs);
}

/* libmodbus has checked unit, function, length and CRC; the answer is spelled again, as every other link brings it. */
static void
spell (const TilldMbRequest *request, const guint16 *regs, TilldSerialEvent *event)
{
  event->outcome = TILLD_BUS_OK;
  event->pdu_len = tilld_mb_reply_len (request);
  memcpy (event->pdu, request->pdu, MIN (event->pdu_len, request->len));
  if (tilld_mb_is_write (request))
    return;
  event->pdu[1] = (guint8) (2 * request->count);
  for (guint i = 0; i < request->count; i++)
    {
      event->pdu[2 + 2 * i] = (guint8) (regs[i] >> 8);
      event->pdu[3 + 2 * i] = (guint8) regs[i];
    }
}

static gboolean
is_gone (int status)
{
  return status == EIO || status == ENODEV || status == ENXIO || status == EBADF || status == ECONNRESET || status == EPIPE;
}

static void
serve (TilldSerialBus *serial, const TilldMbRequest *request, guint timeout_ms)
{
  TilldSerialEvent event = { .kind = TILLD_SERIAL_ANSWERED };
  guint16          regs[TILLD_MB_READ_MAX] = { 0 };
  int              status;

  modbus_set_slave (serial->ctx, request->unit);
  modbus_set_response_timeout (serial->ctx, timeout_ms / 1000, timeout_ms % 1000 * 1000);
  modbus_flush (serial->ctx); /* what came while idle answers nothing */
  if (ask (serial, request, regs) >= 0)
    {
      spell (request, regs, &event);
      post (serial, serial->serving, &event);
      return;
    }
  status = errno;
  if (is_gone (status))
    {
      lose (serial, status);
      return;
    }
  if (status > MODBUS_ENOBASE && status <= MODBUS_ENOBASE + TILLD_MB_EXCEPTION_LAST)
    {
      event.outcome = TILLD_BUS_EXCEPTION;
      event.pdu_len = 2;
      event.pdu[0] = request->fc | 0x80;
      event.pdu[1] = (guint8) (status - MODBUS_ENOBASE);
      modbus_flush (serial->ctx);
    }
  else
    {
      event.outcome = status == ETIMEDOUT ? TILLD_BUS_TIMEOUT : TILLD_BUS_GARBAGE;
      if (!wait_silence (serial))
        {
          lose (serial, EIO);
          return;
        }
    }
  post (serial, serial->serving, &event);
}

/* Waits for a word of the field thread, or for the tty to go away. */
static void
wait_word (TilldSerialBus *serial)
{
  struct pollfd p[2] = { { .fd = serial->wake_fd, .events = POLLIN }, { .fd = serial->reserved_fd, .events = 0 } };
  int           n = poll (p, serial->ctx != NULL ? 2 : 1, -1);

  if (n > 0 && (p[0].revents & POLLIN))
    hush (serial->wake_fd);
  else if (n > 0 && serial->ctx != NULL && p[1].revents != 0)
    lose (serial, ENODEV);
}

static void
unref (TilldSerialBus *serial)
{
  if (!g_atomic_int_dec_and_test (&serial->refs))
    return;
  close (serial->wake_fd);
  close (serial->done_fd);
  give_reserved (serial->reserved_fd);
  g_mutex_clear (&serial->lock);
  g_free (serial);
}

static gpointer
run (gpointer data)
{
  TilldSerialBus *serial = data;
  Shared          seen;

  for (;;)
    {
      g_mutex_lock (&serial->lock);
      seen = serial->shared;
      serial->shared.has_job = FALSE;
      g_mutex_unlock (&serial->lock);
      if (serial->ctx != NULL && (seen.stop || !seen.wanted || seen.opening != serial->serving))
        close_tty (serial);
      if (seen.stop)
        break;
      if (serial->ctx == NULL && seen.wanted)
        open_tty (serial, seen.opening);
      else if (serial->ctx != NULL && seen.has_job)
        serve (serial, &seen.job, seen.timeout_ms);
      else
        wait_word (serial);
    }
  unref (serial);
  return NULL;
}

/* --- the field thread --- */

static void
ready (TilldReactor *reactor, TilldWatch *watch, TilldIo io, gpointer data)
{
  TilldSerialBus  *serial = data;
  TilldSerialEvent answer, state;
  gboolean         has_answer, has_state;
  guint64          opening;

  hush (serial->done_fd);
  g_mutex_lock (&serial->lock);
  has_answer = serial->shared.has_answer;
  has_state = serial->shared.has_state;
  answer = serial->shared.answer;
  state = serial->shared.state;
  opening = serial->shared.opening;
  serial->shared.has_answer = serial->shared.has_state = FALSE;
  g_mutex_unlock (&serial->lock);
  g_atomic_int_inc (&serial->refs); /* the owner may free it on the first of the two */
  if (has_answer || (has_state && state.kind == TILLD_SERIAL_LOST))
    serial->asked = FALSE;
  if (has_answer)
    serial->func (serial, &answer, serial->data);
  if (has_state && serial->shared.opening == opening && !serial->shared.stop) /* both are written by this thread alone */
    {
      serial->asked = FALSE;
      serial->func (serial, &state, serial->data);
    }
  unref (serial);
}

static gboolean
check_line (const TilldSerialLine *line, GError **error)
{
  static const guint speeds[] = { 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };

  if (line->path[0] != '/')
    return till_fail (error, TILL_ERROR_INVALID, "the address \"%s\" is not the path of a tty", line->path);
  if (line->parity != 'N' && line->parity != 'E' && line->parity != 'O')
    return till_fail (error, TILL_ERROR_INVALID, "parity of a serial line is N, E or O");
  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    if (speeds[i] == line->baud)
      return TRUE;
  return till_fail (error, TILL_ERROR_INVALID, "%u baud is not a speed of a serial line (1200 .. 115200)", line->baud);
}

TilldSerialBus *
tilld_serial_bus_new (TilldReactor *reactor, const TilldSerialLine *line, TilldSerialFunc func, gpointer data, GError **error)
{
  TilldSerialBus *serial;
  int             reserved_fd;

  if (!check_line (line, error))
    return NULL;
  reserved_fd = take_reserved (error);
  if (reserved_fd < 0)
    return NULL;
  serial = g_new0 (TilldSerialBus, 1);
  *serial = (TilldSerialBus){ .refs = 2, .reactor = reactor, .line = *line, .func = func, .data = data, .reserved_fd = reserved_fd };
  serial->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  serial->done_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_mutex_init (&serial->lock);
  tilld_watch_init (&serial->watch, ready, serial);
  if (serial->wake_fd < 0 || serial->done_fd < 0 || !tilld_reactor_add (reactor, &serial->watch, serial->done_fd, TILLD_READ, error))
    {
      if (error != NULL && *error == NULL)
        till_fail (error, TILL_ERROR_INTERNAL, "eventfd: %s", g_strerror (errno));
      serial->refs = 1;
      unref (serial);
      return NULL;
    }
  g_thread_unref (g_thread_new ("tty", run, serial));
  return serial;
}

static void
tell (TilldSerialBus *serial, gboolean wanted, gboolean stop)
{
  Shared *shared = &serial->shared;

  g_mutex_lock (&serial->lock);
  shared->opening++;
  shared->wanted = wanted;
  shared->stop = stop;
  shared->has_job = shared->has_answer = shared->has_state = FALSE;
  g_mutex_unlock (&serial->lock);
  serial->asked = FALSE;
  ring (serial->wake_fd);
}

void
tilld_serial_bus_open (TilldSerialBus *serial)
{
  tell (serial, TRUE, FALSE);
}

void
tilld_serial_bus_close (TilldSerialBus *serial)
{
  tell (serial, FALSE, FALSE);
}

void
tilld_serial_bus_send (TilldSerialBus *serial, const TilldMbRequest *request, guint timeout_ms)
{
  g_assert (!serial->asked);
  serial->asked = TRUE;
  g_mutex_lock (&serial->lock);
  serial->shared.job = *request;
  serial->shared.timeout_ms = timeout_ms;
  serial->shared.has_job = TRUE;
  g_mutex_unlock (&serial->lock);
  ring (serial->wake_fd);
}

void
tilld_serial_bus_free (TilldSerialBus *serial)
{
  if (serial == NULL)
    return;
  tilld_reactor_remove (serial->reactor, &serial->watch);
  tell (serial, FALSE, TRUE);
  unref (serial);
}
