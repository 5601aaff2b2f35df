/* The first process of every pod: it holds the pod's namespaces open, collects
   processes that lost their parent, and ends when asked. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void stop(int number) {
  (void)number;
  _exit(0);
}

static void collect(int number) {
  (void)number;
  while (waitpid(-1, 0, WNOHANG) > 0) {
  }
}

int main(void) {
  signal(SIGTERM, stop);
  signal(SIGINT, stop);
  signal(SIGCHLD, collect);
  for (;;) {
    pause();
  }
}
