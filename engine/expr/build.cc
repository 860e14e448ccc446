#include "expr/build.h"

#include "expr/casts.h"
#include "expr/function.h"
#include "expr/operators.h"
#include "expr/time_calls.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

NodePtr settle(Outcome outcome, std::string& problem) {
  if (const Problem* found = std::get_if<Problem>(&outcome)) {
    problem = found->message;
    if (!found->help.empty()) problem += " (" + found->help + ")";
    return nullptr;
  }
  return std::get<NodePtr>(std::move(outcome));
}

NodePtr constant_of(const data::Value& value, bool untyped) {
  data::ColumnBuilder builder(value.type, 1);
  data::append_value(builder, value);
  return make_constant(builder.finish(), untyped);
}

NodePtr text_constant(std::string_view text) {
  return constant_of(data::Value::of_text(std::string(text)), false);
}

/// The local or absolute time that was read, as what the column wants.
NodePtr as_wanted(const NodePtr& node, const Type& type, std::string& problem) {
  if (node->type == type) return node;
  if (node->type == types::local && type == types::instant) {
    problem = "the format reads a local time; say its zone (zone: Europe/Berlin, or UTC)";
    return nullptr;
  }
  if (node->type == types::instant) {
    problem = "the format and zone read an instant, the column is " + data::type_name(type) +
              "; leave the zone away";
    return nullptr;
  }
  return cast_node(node, type, problem);
}

}  // namespace

NodePtr cast_node(const NodePtr& node, const Type& type, std::string& problem) {
  return settle(bind_cast(node, type), problem);
}

NodePtr coalesce_node(const NodePtr& node, const data::Value& value, std::string& problem) {
  const bool open = value.null || value.type.kind == Kind::kText;
  Outcome other = coerce(constant_of(value, open), node->type);
  if (std::holds_alternative<Problem>(other)) return settle(std::move(other), problem);
  return settle(bind_coalesce({node, std::get<NodePtr>(other)}, nullptr), problem);
}

NodePtr parse_time_node(const NodePtr& node, std::string_view format, std::string_view zone,
                        std::string_view dst, const Type& type, std::string& problem) {
  const bool has_date = type.kind != Kind::kTime;
  if (format.empty() && zone.empty() && type != types::instant) {
    return cast_node(node, type, problem);
  }
  if (!dst.empty() && zone.empty()) {
    problem = "dst needs a zone";
    return nullptr;
  }
  std::vector<NodePtr> args = {node, text_constant(format.empty() ? "iso" : format)};
  if (!zone.empty()) args.push_back(text_constant(zone));
  if (!dst.empty()) args.push_back(text_constant(dst));
  const NodePtr time = settle(bind_parse_timestamp(std::move(args), has_date), problem);
  return time == nullptr ? nullptr : as_wanted(time, type, problem);
}

}  // namespace engine::expr
