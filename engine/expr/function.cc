#include "expr/function.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "data/value.h"

namespace engine::expr {
namespace {

std::vector<FunctionSpec> all_functions() {
  std::vector<FunctionSpec> all;
  for (auto part : {text_functions, pattern_functions, number_functions, time_functions,
                    id_functions, json_functions}) {
    std::vector<FunctionSpec> specs = part();
    std::move(specs.begin(), specs.end(), std::back_inserter(all));
  }
  return all;
}

/// Arguments as the signature has them, or the first that does not fit.
std::variant<std::vector<NodePtr>, Problem> fit(const Signature& signature,
                                                const std::vector<NodePtr>& args) {
  std::vector<NodePtr> out;
  for (std::size_t i = 0; i < args.size(); ++i) {
    Outcome there = coerce(args[i], signature.args[i]);
    if (Problem* problem = std::get_if<Problem>(&there)) {
      problem->arg = static_cast<int>(i);
      return std::move(*problem);
    }
    out.push_back(std::get<NodePtr>(std::move(there)));
  }
  return out;
}

bool has_count(const Signature& signature, std::size_t count) {
  return count >= signature.required && count <= signature.args.size();
}

/// Typed arguments are of the signature's types as they stand.
bool fits_unchanged(const Signature& signature, const std::vector<NodePtr>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i]->untyped && args[i]->type != signature.args[i]) return false;
  }
  return true;
}

Outcome call_signature(const FunctionSpec& spec, const Signature& signature,
                       std::vector<NodePtr> args) {
  PreparedPtr prepared;
  if (spec.prepare != nullptr) {
    auto made = spec.prepare(args);
    if (Problem* problem = std::get_if<Problem>(&made)) return std::move(*problem);
    prepared = std::get<PreparedPtr>(made);
  }
  return make_call({.name = spec.doc.name,
                    .type = signature.result,
                    .kernel = signature.kernel,
                    .can_fail = signature.can_fail,
                    .of_run = signature.of_run,
                    .nulls = signature.nulls,
                    .prepared = std::move(prepared)},
                   std::move(args));
}

}  // namespace

const std::vector<FunctionSpec>& functions() {
  static const std::vector<FunctionSpec> all = all_functions();
  return all;
}

const FunctionSpec* find_function(std::string_view name) {
  for (const FunctionSpec& spec : functions()) {
    if (spec.doc.name == name) return &spec;
  }
  return nullptr;
}

const std::vector<FunctionDoc>& function_docs() {
  static const std::vector<FunctionDoc> docs = [] {
    std::vector<FunctionDoc> out;
    for (const FunctionSpec& spec : functions()) out.push_back(spec.doc);
    return out;
  }();
  return docs;
}

Outcome bind_function(const FunctionSpec& spec, std::vector<NodePtr> args,
                      const data::Type* wanted) {
  if (spec.resolve != nullptr) return spec.resolve(std::move(args), wanted);
  for (const Signature& signature : spec.signatures) {
    if (has_count(signature, args.size()) && fits_unchanged(signature, args)) {
      auto fitted = fit(signature, args);
      if (auto* ready = std::get_if<std::vector<NodePtr>>(&fitted)) {
        return call_signature(spec, signature, std::move(*ready));
      }
    }
  }
  std::optional<Problem> first;
  for (const Signature& signature : spec.signatures) {
    if (!has_count(signature, args.size())) continue;
    auto fitted = fit(signature, args);
    if (auto* ready = std::get_if<std::vector<NodePtr>>(&fitted)) {
      return call_signature(spec, signature, std::move(*ready));
    }
    if (!first) first = std::get<Problem>(std::move(fitted));
  }
  first->message = spec.doc.name + ": " + first->message;
  return std::move(*first);
}

std::optional<std::string> constant_text(const Node& node) {
  if (!node.is_constant() || node.is_null_constant()) return std::nullopt;
  if (node.type.kind != data::Kind::kText) return std::nullopt;
  return std::string(node.constant->bytes_at(0));
}

std::optional<std::int64_t> constant_int64(const Node& node) {
  if (!node.is_constant() || node.is_null_constant()) return std::nullopt;
  if (node.type.kind != data::Kind::kInt64) return std::nullopt;
  return node.constant->int64_at(0);
}

}  // namespace engine::expr
