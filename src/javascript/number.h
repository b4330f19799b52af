#pragma once

#include <string>
#include <string_view>

namespace javascript {

/// The number as `String(number)` gives it (ECMAScript, Number::toString with radix 10): the fewest
/// digits that tell it from its neighbours; `1e+21` and `1e-7` where it is very great or small.
std::string number_text(double number);

/// The number that `Number(text)` gives for text in UTF-8 (ECMAScript, StringToNumber); NaN if the
/// text is no number. White space around it does not count, and nothing but that is 0.
double to_number(std::string_view text);

}  // namespace javascript
