#include <microhttpd.h>
#include <stdint.h>

// Swift cannot call variadic C functions.

/// Starts a server on one address with `threads` polling threads of its own (1: a single one). Port 0 picks a free one.
/// Connections may be suspended and resumed. NULL if the address cannot be had.
static inline struct MHD_Daemon *mhd_start(
    const struct sockaddr *address, unsigned int threads, unsigned int connections_max, unsigned int idle_timeout_s,
    MHD_AccessHandlerCallback handler, void *handler_context,
    MHD_RequestCompletedCallback completed, void *completed_context) {
  return MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler, handler_context,
      MHD_OPTION_SOCK_ADDR, address,
      MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0u,
      MHD_OPTION_CONNECTION_LIMIT, connections_max,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_timeout_s,
      MHD_OPTION_NOTIFY_COMPLETED, completed, completed_context,
      MHD_OPTION_END);
}

/// The port a server listens on, 0 if it has none.
static inline uint16_t mhd_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info == NULL ? 0 : info->port;
}
