#include "json/value.h"

template class nlohmann::basic_json<>;
template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace json {

Value parse(std::string_view text) { return Value::parse(text); }

Ordered parse_ordered(std::string_view text) { return Ordered::parse(text); }

}  // namespace json
