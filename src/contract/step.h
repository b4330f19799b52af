#pragma once

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
/// A step is a function. What it needs are its parameters: the call, and facts that earlier steps
/// have established. It returns `std::optional<ApiError>` if it only checks, or `Found<Fact>` if it
/// establishes a fact. A fact is a type of its own. A table in which a step needs what no earlier
/// step establishes does not compile.
namespace contract {

struct Call;

/// What a step has found out, or why it rejects.
template <typename Fact>
using Found = std::variant<Fact, ApiError>;

/// What others see of a step.
struct Step {
  /// What X-Mock-Reason reports when it rejects.
  std::string_view name;
  /// The same for two steps exactly if they are one function.
  const void* function;
};

/// What comes of an endpoint: an answer, or an error and the step that found it.
struct Rejection {
  std::string_view step;
  ApiError error;
};
using Outcome = std::variant<http::Response, Rejection>;

/// One thing that can be asked of a contract.
struct Endpoint {
  std::string_view method;
  /// As in http::match_path.
  std::string_view pattern;
  /// In their order.
  std::span<const Step> steps;
  /// Runs the steps until one rejects, and else renders the answer.
  Outcome (*run)(Call&);
  /// Errors that this endpoint words in its own way.
  std::span<const NamedError> errors = {};
};

namespace detail {

template <auto function>
inline constexpr char kIdentity = 0;

template <typename R, typename... Parameters>
R result_of(R (*)(Parameters...));

/// What a step establishes, by what it returns: nothing for a mere check.
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

/// The place of a type among the first `end` ones; `end` if it is not there.
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
    constexpr size_t kPlace = find_type<Wanted, Facts...>(end);
    static_assert(kPlace < end, "no earlier step establishes what this function needs");
    return *std::get<kPlace>(facts);
  }
}

template <size_t end, typename R, typename... Parameters, typename Facts>
R call_function(R (*function)(Parameters...), Call& call, const Facts& facts) {
  return function(argument<Parameters, end>(call, facts)...);
}

/// Runs one step and keeps its fact; gives the error if it rejects.
template <auto function, size_t place, typename Facts>
std::optional<ApiError> run_step(Call& call, Facts& facts) {
  auto result = call_function<place>(function, call, facts);
  if constexpr (std::is_same_v<decltype(result), std::optional<ApiError>>) {
    return result;
  } else {
    if (auto* error = std::get_if<ApiError>(&result)) return std::move(*error);
    std::get<place>(facts).emplace(std::get<0>(std::move(result)));
    return std::nullopt;
  }
}

}  // namespace detail

/// A step with its name, as STEP makes it.
template <auto function>
struct NamedStep {
  std::string_view name;
};

#define STEP(function) \
  contract::NamedStep<function> { #function }

/// The steps of an endpoint, in their order.
template <auto... functions>
struct Steps {
  std::array<Step, sizeof...(functions)> table;

  constexpr explicit Steps(NamedStep<functions>... steps)
      : table{Step{steps.name, &detail::kIdentity<functions>}...} {}
};

/// Runs `functions` and then `render`.
template <auto render, auto... functions>
Outcome run_steps(Call& call, std::span<const Step> steps) {
  std::tuple<std::optional<detail::FactOf<functions>>...> facts;
  std::optional<ApiError> error;
  size_t last = 0;
  [&]<size_t... places>(std::index_sequence<places...>) {
    (void)((last = places, error = detail::run_step<functions, places>(call, facts),
            !error.has_value()) &&
           ...);
  }
  (std::make_index_sequence<sizeof...(functions)>());
  if (error) return Rejection{steps[last].name, *std::move(error)};
  return detail::call_function<sizeof...(functions)>(render, call, facts);
}

/// An endpoint that runs these steps, whose table must be static, and renders its answer by
/// `render`, whose parameters are the call and facts too.
template <const auto& steps, auto render>
struct MakeEndpoint;
template <auto... functions, const Steps<functions...>& steps, auto render>
struct MakeEndpoint<steps, render> {
  static Outcome run(Call& call) { return run_steps<render, functions...>(call, steps.table); }
};
template <const auto& steps, auto render>
constexpr Endpoint endpoint(std::string_view method, std::string_view pattern,
                            std::span<const NamedError> errors = {}) {
  return {method, pattern, steps.table, MakeEndpoint<steps, render>::run, errors};
}

}  // namespace contract
