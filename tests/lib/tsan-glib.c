/* SPDX-License-Identifier: GPL-2.0-or-later
 * tsan-glib.c: preloaded under the thread sanitizer: tells it of GLib's locks and of work handed to another thread's main loop, which
 * GLib does with bare futexes inside a library that is not instrumented. Every lock of ours would be a race without it. In programs
 * that are not instrumented the hooks are absent and it does nothing. Adds no order of its own: only what GLib promises. */
#include <dlfcn.h>
#include <gio/gio.h>

#define HOOK __attribute__ ((weak))
#define TRY_LOCK        (1u << 4)
#define TRY_LOCK_FAILED (1u << 5)
#define READ_LOCK       (1u << 3)

HOOK void __tsan_acquire (void *at);
HOOK void __tsan_release (void *at);
HOOK void __tsan_mutex_pre_lock (void *at, unsigned flags);
HOOK void __tsan_mutex_post_lock (void *at, unsigned flags, int recursion);
HOOK int  __tsan_mutex_pre_unlock (void *at, unsigned flags);
HOOK void __tsan_mutex_post_unlock (void *at, unsigned flags);

/* The function of that name behind this one. */
#define REAL(name)                                                         \
  static __typeof__ (&(name)) real;                                        \
  if (__atomic_load_n (&real, __ATOMIC_ACQUIRE) == NULL)                   \
    __atomic_store_n (&real, (__typeof__ (&(name))) dlsym (RTLD_NEXT, #name), __ATOMIC_RELEASE)

static void
before_lock (void *at, unsigned flags)
{
  if (__tsan_mutex_pre_lock != NULL)
    __tsan_mutex_pre_lock (at, flags);
}

static void
after_lock (void *at, unsigned flags)
{
  if (__tsan_mutex_post_lock != NULL)
    __tsan_mutex_post_lock (at, flags, 0);
}

static void
before_unlock (void *at, unsigned flags)
{
  if (__tsan_mutex_pre_unlock != NULL)
    __tsan_mutex_pre_unlock (at, flags);
}

static void
after_unlock (void *at, unsigned flags)
{
  if (__tsan_mutex_post_unlock != NULL)
    __tsan_mutex_post_unlock (at, flags);
}

static void
handed_over (void *at)
{
  if (__tsan_release != NULL)
    __tsan_release (at);
}

static void
taken_over (void *at)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire (at);
}

/* --- locks --- */

#define LOCKS(type, lock, unlock, flags) \
  void                                   \
  lock (type *at)                        \
  {                                      \
    REAL (lock);                         \
    before_lock (at, flags);             \
    real (at);                           \
    after_lock (at, flags);              \
  }                                      \
                                         \
  void                                   \
  unlock (type *at)                      \
  {                                      \
    REAL (unlock);                       \
    before_unlock (at, flags);           \
    real (at);                           \
    after_unlock (at, flags);            \
  }

LOCKS (GMutex, g_mutex_lock, g_mutex_unlock, 0)
LOCKS (GRWLock, g_rw_lock_reader_lock, g_rw_lock_reader_unlock, READ_LOCK)
LOCKS (GRWLock, g_rw_lock_writer_lock, g_rw_lock_writer_unlock, 0)

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean got;
  REAL (g_mutex_trylock);

  before_lock (mutex, TRY_LOCK);
  got = real (mutex);
  after_lock (mutex, got ? TRY_LOCK : TRY_LOCK | TRY_LOCK_FAILED);
  return got;
}

/* While it waits the mutex is another's. */
void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);

  before_unlock (mutex, 0);
  after_unlock (mutex, 0);
  real (cond, mutex);
  before_lock (mutex, 0);
  after_lock (mutex, 0);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;
  REAL (g_cond_wait_until);

  before_unlock (mutex, 0);
  after_unlock (mutex, 0);
  signalled = real (cond, mutex, end_time);
  before_lock (mutex, 0);
  after_lock (mutex, 0);
  return signalled;
}

/* --- values made once --- */

void
(g_once_init_leave) (volatile void *location, gsize result)
{
  static void (*real) (volatile void *, gsize);

  if (real == NULL)
    real = (void (*) (volatile void *, gsize)) dlsym (RTLD_NEXT, "g_once_init_leave");
  handed_over ((void *) location);
  real (location, result);
}

/* --- work for another thread's loop --- */

typedef struct {
  GSourceFunc    func;
  gpointer       data;
  GDestroyNotify notify;
} Call;

static gboolean
call (gpointer data)
{
  Call *c = data;

  taken_over (c);
  taken_over (g_main_current_source ());
  return c->func (c->data);
}

static void
call_over (gpointer data)
{
  Call *c = data;

  taken_over (c);
  if (c->notify != NULL)
    c->notify (c->data);
  g_free (c);
}

void
g_main_context_invoke_full (GMainContext *context, int priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Call *c = g_new (Call, 1);
  REAL (g_main_context_invoke_full);

  *c = (Call){ func, data, notify };
  handed_over (c);
  real (context, priority, call, c, call_over);
}

void
g_main_context_invoke (GMainContext *context, GSourceFunc func, gpointer data)
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

/* Idle and timeout sources: their functions have the plain form. */
void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Call *c;
  REAL (g_source_set_callback);

  if (source->source_funcs != &g_idle_funcs && source->source_funcs != &g_timeout_funcs)
    {
      real (source, func, data, notify);
      return;
    }
  c = g_new (Call, 1);
  *c = (Call){ func, data, notify };
  handed_over (c);
  real (source, call, c, call_over);
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  REAL (g_source_attach);

  handed_over (source);
  return real (source, context);
}

/* --- tasks in a thread of the pool: there and back --- */

static void
task_func (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GTaskThreadFunc func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "tsan-func");

  taken_over (task);
  func (task, source, data, cancellable);
}

void
g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
  REAL (g_task_run_in_thread);

  g_object_set_data (G_OBJECT (task), "tsan-func", (gpointer) func);
  handed_over (task);
  real (task, task_func);
}

void
g_task_return_pointer (GTask *task, gpointer result, GDestroyNotify notify)
{
  REAL (g_task_return_pointer);

  handed_over (task);
  real (task, result, notify);
}

gpointer
g_task_propagate_pointer (GTask *task, GError **error)
{
  REAL (g_task_propagate_pointer);

  taken_over (task);
  return real (task, error);
}
