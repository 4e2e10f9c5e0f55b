#include "CJQ.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

/* Where the calling thread comes back to while it is inside of jq. */
static _Thread_local sigjmp_buf *way_back;
static struct sigaction previous_abort, previous_arithmetic;

/* Of the two signals' kind POSIX says that a handler may leave by a jump: both are raised by the thread's own doing, and
   jq holds no lock where it calls abort. Outside of jq all is as it was. */
static void came(int signal, siginfo_t *info, void *context) {
  (void)info;
  (void)context;
  if (way_back != NULL) siglongjmp(*way_back, 1);
  sigaction(signal, signal == SIGABRT ? &previous_abort : &previous_arithmetic, NULL);
  /* Unblocked and with the old action: it happens again, for good. */
  raise(signal);
}

static void install(void) {
  struct sigaction action = {0};
  action.sa_sigaction = came;
  /* Not blocked while handled: the mask is the same on either way out. */
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGABRT, &action, &previous_abort);
  sigaction(SIGFPE, &action, &previous_arithmetic);
}

static pthread_once_t installed = PTHREAD_ONCE_INIT;

int topictee_jq_compile(jq_state *state, const char *program) {
  sigjmp_buf here;
  pthread_once(&installed, install);
  if (sigsetjmp(here, 0) != 0) {
    way_back = NULL;
    return -1;
  }
  way_back = &here;
  int is_compiled = jq_compile(state, program) != 0;
  way_back = NULL;
  return is_compiled;
}

int topictee_jq_first(jq_state *state, jv input, jv *result) {
  sigjmp_buf here;
  if (sigsetjmp(here, 0) != 0) {
    way_back = NULL;
    return -1;
  }
  way_back = &here;
  jq_start(state, input, 0);
  *result = jq_next(state);
  /* jq 1.6 cannot be stopped amid a path: `paths` ends the process at the next start. */
  if (jv_is_valid(*result)) jv_free(jq_next(state));
  way_back = NULL;
  return 1;
}

int topictee_jq_recovers(jq_state *state) {
  sigjmp_buf here;
  if (sigsetjmp(here, 0) != 0) {
    way_back = NULL;
    return 0;
  }
  way_back = &here;
  /* Unwinds what is left of the last run. */
  jq_start(state, jv_null(), 0);
  way_back = NULL;
  return 1;
}
