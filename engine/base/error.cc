#include "base/error.h"

#include <utility>

namespace engine::base {

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::kUsage:
    case Fault::kPlan:
      return 4;
    case Fault::kData:
      return 3;
    case Fault::kTransient:
      return 5;
    case Fault::kRemote:
    case Fault::kState:
    case Fault::kUnknownOutcome:
      return 6;
    case Fault::kLocked:
      return 7;
    case Fault::kBug:
      break;
  }
  return 1;
}

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::kUsage:
      return "usage";
    case Fault::kPlan:
      return "plan";
    case Fault::kData:
      return "data";
    case Fault::kTransient:
      return "transient";
    case Fault::kRemote:
      return "remote";
    case Fault::kState:
      return "state";
    case Fault::kLocked:
      return "locked";
    case Fault::kUnknownOutcome:
      return "unknown_outcome";
    case Fault::kBug:
      break;
  }
  return "bug";
}

Error::Error(Fault fault, std::string code, std::string message, std::string help)
    : fault_(fault), code_(std::move(code)), message_(std::move(message)), help_(std::move(help)) {
  rebuild();
}

Error& Error::in(std::string where) {
  context_.push_back(std::move(where));
  rebuild();
  return *this;
}

std::string Error::render() const {
  std::string out = "error[" + code_ + "]: " + message_;
  for (const auto& where : context_) out += "\n   = in: " + where;
  if (!help_.empty()) out += "\n   = help: " + help_;
  return out;
}

void Error::rebuild() {
  text_ = message_;
  for (std::size_t i = 0; i < context_.size(); ++i) {
    text_ += (i == 0 ? " (" : ", ") + context_[i];
  }
  if (!context_.empty()) text_ += ")";
}

void bug(std::string_view what) {
  throw Error(Fault::kBug, "E900", "internal: " + std::string(what),
              "this is a mistake in the engine; please report it with the plan and the log");
}

}  // namespace engine::base
