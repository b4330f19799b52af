#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "contract/api_error.h"
#include "http/message.h"

/// Endpoints as tables of steps, checked by the compiler.
///
/// A step is a function. Its parameters are the call and the facts that it needs, which earlier
/// steps have found. It returns `std::optional<ApiError>` if it only checks, or `Found<Fact>`. Each
/// fact has its own type. A table in which a step needs a fact that no earlier step finds does not
/// compile.
namespace contract {

struct Call;

/// The fact that a step has found, or why it rejects the request.
template <typename Fact>
using Found = std::variant<Fact, ApiError>;

struct Step {
  /// As X-Mock-Reason reports it.
  std::string_view name;
  /// Equal for two steps if they are the same function.
  const void* function;
};

/// An error, and the step that returned it.
struct Rejection {
  std::string_view step;
  ApiError error;
};
using Outcome = std::variant<http::Response, Rejection>;

/// A method and a path of a contract.
struct Endpoint {
  std::string_view method;
  /// As in http::match_path.
  std::string_view pattern;
  std::span<const Step> steps;
  /// Runs the steps until one rejects; if none does, renders the response.
  Outcome (*run)(Call&);
  /// Errors for which this endpoint has its own template.
  std::span<const NamedError> errors = {};
  /// The fields of the body; other fields are ignored.
  std::span<const std::string_view> fields = {};
  /// Fields of earlier contracts that `bindings` replaced.
  std::span<const std::string_view> replaced_fields = {};
};

namespace detail {

template <auto function>
inline constexpr char kIdentity = 0;

template <typename R, typename... Parameters>
R result_of(R (*)(Parameters...));

/// The fact in a step's result; none if it only checks.
template <typename Result>
struct FactIn {
  using Type = std::monostate;
};
template <typename Fact>
struct FactIn<Found<Fact>> {
  using Type = Fact;
};
template <auto function>
using FactOf = typename FactIn<decltype(result_of(function))>::Type;

/// The index of a type among the first `end` types; `end` if it is not among them.
template <typename Wanted, typename... Types>
consteval size_t find_type(size_t end) {
  std::array<bool, sizeof...(Types)> is_wanted = {std::is_same_v<Wanted, Types>...};
  for (size_t i = 0; i < end; ++i) {
    if (is_wanted[i]) return i;
  }
  return end;
}

/// The argument for a parameter: the call, or the fact of one of the first `end` steps.
template <typename Parameter, size_t end, typename... Facts>
decltype(auto) argument(Call& call, const std::tuple<std::optional<Facts>...>& facts) {
  using Wanted = std::remove_cvref_t<Parameter>;
  if constexpr (std::is_same_v<Wanted, Call>) {
    return static_cast<Parameter>(call);
  } else {
    constexpr size_t kIndex = find_type<Wanted, Facts...>(end);
    static_assert(kIndex < end, "no earlier step finds what this function needs");
    return *std::get<kIndex>(facts);
  }
}

template <size_t end, typename R, typename... Parameters, typename Facts>
R call_function(R (*function)(Parameters...), Call& call, const Facts& facts) {
  return function(argument<Parameters, end>(call, facts)...);
}

/// Runs one step and stores its fact. Returns the error if it rejects.
template <auto function, size_t index, typename Facts>
std::optional<ApiError> run_step(Call& call, Facts& facts) {
  auto result = call_function<index>(function, call, facts);
  if constexpr (std::is_same_v<decltype(result), std::optional<ApiError>>) {
    return result;
  } else {
    if (auto* error = std::get_if<ApiError>(&result)) return std::move(*error);
    std::get<index>(facts).emplace(std::get<0>(std::move(result)));
    return std::nullopt;
  }
}

}  // namespace detail

template <auto function>
struct NamedStep {
  std::string_view name;

  constexpr operator Step() const { return {name, &detail::kIdentity<function>}; }
};

#define STEP(function) \
  contract::NamedStep<function> { #function }

/// The steps of an endpoint, in the order in which they run.
template <auto... functions>
struct Steps {
  std::array<Step, sizeof...(functions)> table;

  constexpr explicit Steps(NamedStep<functions>... steps) : table{steps...} {}

  /// The steps of `first`, then `steps`.
  template <auto... others>
  constexpr explicit Steps(const Steps<others...>& first, const auto&... steps) : table{} {
    auto* next = std::copy(first.table.begin(), first.table.end(), table.begin());
    ((*next++ = steps), ...);
  }
};
template <auto... f, auto... g>
Steps(const Steps<f...>&, NamedStep<g>...) -> Steps<f..., g...>;

/// Runs `functions` and then `render`.
template <auto render, auto... functions>
Outcome run_steps(Call& call, std::span<const Step> steps) {
  std::tuple<std::optional<detail::FactOf<functions>>...> facts;
  std::optional<ApiError> error;
  size_t last = 0;
  [&]<size_t... indexes>(std::index_sequence<indexes...>) {
    (void)((last = indexes, error = detail::run_step<functions, indexes>(call, facts),
            !error.has_value()) &&
           ...);
  }
  (std::make_index_sequence<sizeof...(functions)>());
  if (error) return Rejection{steps[last].name, *std::move(error)};
  return detail::call_function<sizeof...(functions)>(render, call, facts);
}

/// An endpoint that runs `steps`, an object with static storage, and then `render`, which takes the
/// call and facts as a step does.
template <const auto& steps, auto render>
struct MakeEndpoint;
template <auto... functions, const Steps<functions...>& steps, auto render>
struct MakeEndpoint<steps, render> {
  static Outcome run(Call& call) { return run_steps<render, functions...>(call, steps.table); }
};
template <const auto& steps, auto render>
constexpr Endpoint endpoint(std::string_view method, std::string_view pattern,
                            std::span<const NamedError> errors = {},
                            std::span<const std::string_view> fields = {},
                            std::span<const std::string_view> replaced_fields = {}) {
  return {method, pattern, steps.table,    MakeEndpoint<steps, render>::run,
          errors, fields,  replaced_fields};
}

}  // namespace contract
