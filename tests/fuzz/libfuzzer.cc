// The entry point of libFuzzer. The name of the program is `fuzz-` and that of the target.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "fuzz/targets.h"

namespace {

const fuzz::Target* target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** arguments) {
  std::string_view program = (*arguments)[0];
  for (const fuzz::Target& each : fuzz::targets()) {
    if (program.ends_with("fuzz-" + std::string(each.name))) target = &each;
  }
  if (target != nullptr) return 0;
  std::cerr << program << ": no such target; name the program fuzz-TARGET\n";
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  target->run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
