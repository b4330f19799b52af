#include <algorithm>

#include "base/ascii.h"
#include "base/time_format.h"
#include "control/control.h"

/// The control calls about a sandbox's journal.
namespace control {
namespace {

using journal::Entry;

/// Which requests to list.
struct Filter {
  std::optional<std::string> method;
  std::optional<std::string> path;
  std::optional<int64_t> status;
  std::optional<int64_t> after_id;
  std::optional<base::Time> since;
  std::optional<int64_t> limit;

  bool matches(const Entry& entry) const {
    return (method ? entry.request.method == *method : !entry.request.is_preflight()) &&
           (!path || http::match_path(*path, entry.exchange.path)) &&
           (!status || entry.response.status == *status) && (!after_id || entry.id > *after_id) &&
           (!since || entry.exchange.at >= *since);
  }
};

/// Reads one query parameter. Returns what its value must be if it is invalid.
std::optional<std::string> read_parameter(const std::string& name, const std::string& value,
                                          Filter& filter) {
  if (name == "method") {
    filter.method = value;
    std::transform(value.begin(), value.end(), filter.method->begin(), base::to_upper);
    if (!http::is_token(value)) return "a method, such as POST";
  } else if (name == "path") {
    filter.path = http::decode_path(value);
    if (!value.starts_with('/') && value != "*") return "a path, such as /apikey/:id/ or /apikey*";
  } else if (name == "status") {
    filter.status = base::parse_number<int64_t>(value, 100, 599);
    if (!filter.status) return "a number from 100 to 599";
  } else if (name == "since") {
    filter.after_id = base::parse_number<int64_t>(value, 0);
    if (!filter.after_id) filter.since = base::parse_time(value);
    if (!filter.after_id && !filter.since) {
      return "a request's id, or a time such as 2024-01-31T12:00:00Z (write a + as %2B)";
    }
  } else if (name == "limit") {
    filter.limit = base::parse_number<int64_t>(value, 1, 1'000'000);
    if (!filter.limit) return "a number from 1 to 1000000";
  }
  return std::nullopt;
}

}  // namespace

http::Response list_requests(const Call& call) {
  std::string_view query = call.request.query();
  std::vector<std::string> problems = check_query(call.route, query);
  Filter filter;
  for (const auto& [name, value] : http::query_fields(query)) {
    if (auto expected = read_parameter(name, value, filter)) {
      problems.push_back(name + ": " + json::quote(value) + " must be " + *expected);
    }
  }
  if (!problems.empty()) return reject(call, 400, "the query is invalid", problems);

  base::MutexLock lock(call.sandbox.mutex);
  auto limit = static_cast<size_t>(filter.limit.value_or(INT64_MAX));
  std::vector<Entry> found;  // In reverse order.
  for (size_t i = call.sandbox.journal.size(); i > 0 && found.size() < limit; --i) {
    Entry entry = call.sandbox.journal[i - 1];
    if (filter.matches(entry)) found.push_back(std::move(entry));
  }
  json::Writer body;
  body.open_object().name("requests").open_array();
  for (auto entry = found.rbegin(); entry != found.rend(); ++entry) {
    journal::write_entry(body, *entry);
  }
  body.close_array().member("dropped", call.sandbox.journal.dropped());
  return respond(body.close_object());
}

http::Response clear_requests(const Call& call) {
  base::MutexLock lock(call.sandbox.mutex);
  size_t removed = call.sandbox.journal.size();
  call.sandbox.journal.clear();
  return respond(json::Writer().open_object().member("removed", removed).close_object());
}

}  // namespace control
