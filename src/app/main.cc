#include <fcntl.h>
#ifdef MOCK_CAPGO_STATIC
#include <nss.h>
#endif
#include <unistd.h>

#include <iostream>

#include "app/nonblocking_buffer.h"
#include "app/run.h"
#include "app/terminal.h"

int main(int count, char** arguments) {
#ifdef MOCK_CAPGO_STATIC
  // The sources of host names that are linked in. glibc would load others that the system names,
  // and crash if they are from another version of glibc.
  __nss_configure_lookup("hosts", "files dns");
#endif
  // A caller may close these (`<&-`); the next file or socket would get their numbers.
  for (int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(standard, F_GETFD) < 0 && open("/dev/null", O_RDWR) != standard) return 1;
  }
  std::ios::sync_with_stdio(false);
  app::NonBlockingBuffer buffer(STDERR_FILENO);
  std::ostream err(&buffer);
  err << std::unitbuf;  // Flushes after each output, as std::cerr does.
  return app::run({arguments + 1, arguments + count}, STDIN_FILENO, std::cout, err,
                  {isatty(STDERR_FILENO) == 1, app::is_color_terminal(STDERR_FILENO)});
}
