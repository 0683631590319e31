#include "app/oscard_application.hpp"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>

int main(int argc, char** argv) {
  // Before any thread: all of them inherit the mask, so that only the main thread, which waits for
  // these signals, ever gets them.
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) sigaddset(&ending, signal);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // Whatever this process writes is nobody else's to read.
  umask(077);
  // Passwords pass through this process's memory, so it leaves no core file.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  oscar::app::OscardApplication application;
  return application.run(argc, argv);
}
