#include "postgres/error.h"

namespace postgres {

Error no_row() {
  return {.code = "PGRST116",
          .message = "Cannot coerce the result to a single JSON object",
          .details = "The result contains 0 rows"};
}

Error nul_in_text() {
  return {.code = "22P05",
          .message = "unsupported Unicode escape sequence",
          .details = "\\u0000 cannot be converted to text."};
}

}  // namespace postgres
