// Expected failure as a value: Result<T> holds either a T or an Error.
//
// A verdict (policy says no) is not an Error. A broken invariant of our own is not an Error either:
// TG_CHECK terminates with a message. A fault of a peer, a file or a user always is an Error.
// Threading: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tracegate {

// What went wrong, in words that a person who runs the gateway, or a client of it, can act on.
// `sqlstate` is the code under which a client sees it; empty means that it is never shown to one.
struct Error {
  std::string message;
  std::string hint;
  std::string sqlstate;

  Error() = default;
  explicit Error(std::string text) : message(std::move(text)) {}
  Error(std::string state, std::string text, std::string advice = {})
      : message(std::move(text)), hint(std::move(advice)), sqlstate(std::move(state)) {}

  // "context: message", for adding what was being attempted on the way up.
  [[nodiscard]] Error with_context(std::string_view context) && {
    message.insert(0, ": ").insert(0, context);
    return std::move(*this);
  }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Each of these requires the matching ok(); the wrong one terminates (std::get throws nothing we
  // catch), which is what a broken invariant deserves.
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] Error& error() & { return std::get<1>(state_); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value.
struct Ok {};
using Status = Result<Ok>;

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               std::string_view message);

}  // namespace tracegate

// Our own invariant. Terminates with a message in every build type; never used on what a peer, a
// file or a user controls.
#define TG_CHECK(condition, message)                                        \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::tracegate::check_failed(#condition, __FILE__, __LINE__, (message)); \
  } while (false)

// Returns the error of `expression` from the enclosing function, else evaluates to nothing.
#define TG_TRY(expression)                                                                   \
  do {                                                                                       \
    if (auto tg_status = (expression); !tg_status.ok()) return std::move(tg_status).error(); \
  } while (false)
