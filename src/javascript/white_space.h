#pragma once

#include <cstddef>
#include <string_view>

namespace javascript {

/// How many bytes long the white space character is that the text begins with, in UTF-8; 0 if it
/// begins with another character or is empty. White space are the characters that JavaScript trims:
/// WhiteSpace and LineTerminator (ECMAScript, sections 12.2 and 12.3).
size_t white_space_length(std::string_view text);

}  // namespace javascript
