# Writes OUTPUT, a C++ file with the contents of all FILES.
set(entries "")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  get_filename_component(name ${file} NAME)
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(folder ${folder} NAME)
  string(APPEND entries "    {\"${folder}/${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(
  WRITE ${OUTPUT}
  "#include \"base/embedded_files.h\"

#include <algorithm>

namespace base {
namespace {

constexpr EmbeddedFile kFiles[] = {
${entries}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

std::string_view embedded_file(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFiles), std::end(kFiles),
                                   [&](const auto& file) { return file.name == name; });
  return found == std::end(kFiles) ? std::string_view() : found->content;
}

}  // namespace base
")
