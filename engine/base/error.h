#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace engine::base {

/// Whose fault a failure is. It alone decides whether to retry and which exit code the process ends
/// with.
enum class Fault {
  kUsage,           ///< wrong command line
  kPlan,            ///< wrong plan file
  kData,            ///< a check, freshness limit, guard or row failed
  kTransient,       ///< may pass when tried again: busy, disk full, network
  kRemote,          ///< refused by a service or a file: needs a person
  kState,           ///< broken or conflicting state: needs a person
  kLocked,          ///< somebody else holds the lock, or a reviewed change is stale
  kUnknownOutcome,  ///< neither committed nor not committed could be proven
  kBug,             ///< ours
};

/// The process exit code of a fault, as documented for every command.
int exit_code(Fault fault);

/// The name of a fault in reports: "usage", "plan", "data", ...
std::string_view fault_name(Fault fault);

/// The one exception type. `code` is "E401" and the like (see `engine explain E401`); `message`
/// says what happened and why; context is added on the way up ("table orders"), outermost last;
/// `help` says what to do next, or is empty. Only kTransient is ever retried.
class Error : public std::exception {
 public:
  Error(Fault fault, std::string code, std::string message, std::string help = {});

  Fault fault() const { return fault_; }
  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& help() const { return help_; }
  const std::vector<std::string>& context() const { return context_; }

  /// Adds one level of context and returns *this, for `throw error.in("table orders")`.
  Error& in(std::string where);

  /// "message (table orders, chunk 17)", without the code.
  const char* what() const noexcept override { return text_.c_str(); }

  /// The whole text a person sees, without a newline at the end: "error[E401]: ...", a line "   =
  /// in: table orders" for each context, "   = help: ...".
  std::string render() const;

 private:
  void rebuild();

  Fault fault_;
  std::string code_;
  std::string message_;
  std::string help_;
  std::vector<std::string> context_;
  std::string text_;
};

/// Throws a kBug error "internal: <what>"; for states that the code itself must exclude.
[[noreturn]] void bug(std::string_view what);

}  // namespace engine::base
