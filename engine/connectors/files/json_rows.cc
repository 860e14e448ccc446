#include <simdjson.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/files/json_split.h"
#include "connectors/files/row_reader.h"
#include "expr/json_scan.h"

namespace engine::connectors::files {
namespace {

namespace ondemand = simdjson::ondemand;

/// How much of a file is looked at for the names of its attributes.
constexpr std::size_t kLookedAt = std::size_t{32} << 20;

static_assert(Window::kPadding >= simdjson::SIMDJSON_PADDING);

/// An attribute of a row. `text` of a string is what it means, of all else as it stands there.
struct Attribute {
  std::string_view name, text;
  ondemand::json_type type = ondemand::json_type::null;
};

std::string_view token(std::string_view raw) {
  while (!raw.empty() &&
         (raw.back() == ' ' || raw.back() == '\t' || raw.back() == '\n' || raw.back() == '\r')) {
    raw.remove_suffix(1);
  }
  return raw;
}

/// Numbers, true, false and null by RFC 8259; the parser has only found where they stand.
bool is_scalar(std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return true;
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
         expr::is_json(text);
}

/// Short numbers without a fraction need no closer look.
bool is_plain_integer(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Goes through the attributes of one row. `visit` says false to end it. Returns what is wrong with
/// the row, nullptr: nothing.
class JsonObject {
 public:
  template <typename Visit>
  const char* each(std::string_view text, const Visit& visit) {
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + simdjson::SIMDJSON_PADDING);
    ondemand::object object;
    if (parser_.iterate(padded).get(document_) != simdjson::SUCCESS) return kNotJson;
    const simdjson::error_code opened = document_.get_object().get(object);
    if (opened == simdjson::INCORRECT_TYPE) return "no JSON object";
    if (opened != simdjson::SUCCESS) return kNotJson;
    for (auto field : object) {
      Attribute attribute;
      if (field.error() != simdjson::SUCCESS) return kNotJson;
      if (field.unescaped_key().get(attribute.name) != simdjson::SUCCESS) return kNotJson;
      if (!read_value(field.value(), attribute)) return kNotJson;
      if (!visit(attribute)) return nullptr;
    }
    const bool ended = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return ended ? nullptr : "more than one JSON value";
  }

 private:
  static constexpr const char* kNotJson = "no valid JSON";

  static bool read_value(simdjson::simdjson_result<ondemand::value> found, Attribute& out) {
    ondemand::value value;
    if (std::move(found).get(value) != simdjson::SUCCESS) return false;
    if (value.type().get(out.type) != simdjson::SUCCESS) return false;
    switch (out.type) {
      case ondemand::json_type::string:
        return value.get_string().get(out.text) == simdjson::SUCCESS;
      case ondemand::json_type::object:
        return raw_of(value.get_object(), out.text);
      case ondemand::json_type::array:
        return raw_of(value.get_array(), out.text);
      default:
        out.text = token(value.raw_json_token());
        return is_plain_integer(out.text) || is_scalar(out.text);
    }
  }

  template <typename Nested>
  static bool raw_of(simdjson::simdjson_result<Nested> found, std::string_view& text) {
    Nested nested;
    if (std::move(found).get(nested) != simdjson::SUCCESS) return false;
    if (nested.raw_json().get(text) != simdjson::SUCCESS) return false;
    text = token(text);
    return expr::is_json(text);
  }

  ondemand::parser parser_;
  ondemand::document document_;
};

/// Attributes by name. Rows mostly have theirs in one order, so the one behind the last is tried
/// first.
class Names {
 public:
  explicit Names(const std::vector<std::string>& names) {
    for (const std::string& name : names) add(name);
  }
  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& all() const { return names_; }
  void start_row() { next_ = 0; }
  /// size() when there is none.
  std::size_t find(std::string_view name) {
    if (next_ < names_.size() && names_[next_] == name) return next_++;
    const auto found = positions_.find(std::string(name));
    if (found == positions_.end()) return names_.size();
    next_ = found->second + 1;
    return found->second;
  }
  void add(std::string_view name) {
    if (positions_.emplace(std::string(name), names_.size()).second) names_.emplace_back(name);
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> positions_;
  std::size_t next_ = 0;
};

class JsonRows final : public RowReader {
 public:
  JsonRows(const plan::FileShape& shape, const Layout& layout, std::string label,
           std::unique_ptr<ByteInput> input, const data::Schema& wanted)
      : every_attribute_(shape.every_attribute),
        label_(std::move(label)),
        window_(std::move(input)),
        records_(window_, layout.format == plan::FileFormat::kJson, label_),
        names_(layout.columns),
        seen_(layout.columns.size(), 0) {
    for (const std::string& column : layout.columns) {
      const auto position = wanted.find(column);
      targets_.push_back(position ? static_cast<int>(*position) : -1);
      is_json_.push_back(position && wanted.fields[*position].type.kind == data::Kind::kJson);
    }
  }

  bool row(RowSink& sink) override {
    if (!records_.next()) return false;
    ++number_;
    names_.start_row();
    sink.start_row(label_, records_.line(), records_.text().size());
    const char* wrong = object_.each(
        records_.text(), [&](const Attribute& attribute) { return take(sink, attribute); });
    if (wrong != nullptr) sink.refuse_row("E424", wrong, "");
    sink.end_row();
    return true;
  }

 private:
  bool take(RowSink& sink, const Attribute& attribute) {
    const std::size_t at = names_.find(attribute.name);
    if (at == names_.size()) {
      if (!every_attribute_) return true;
      sink.refuse_row("E425",
                      "attribute " + base::quoted(attribute.name) +
                          " has no column: it was not "
                          "among the first rows",
                      "");
      return false;
    }
    if (seen_[at] == number_) {
      sink.refuse_row("E424", "attribute " + base::quoted(attribute.name) + " stands there twice",
                      "");
      return false;
    }
    seen_[at] = number_;
    if (targets_[at] >= 0)
      fill(sink, static_cast<std::size_t>(targets_[at]), attribute, is_json_[at]);
    return true;
  }

  static void fill(RowSink& sink, std::size_t target, const Attribute& attribute, bool as_json) {
    if (attribute.type == ondemand::json_type::null) {
      sink.null(target);
    } else if (as_json && attribute.type == ondemand::json_type::string) {
      std::string quoted;
      expr::append_json_string(quoted, attribute.text);
      sink.text(target, quoted, true);
    } else {
      sink.text(target, attribute.text, true);
    }
  }

  bool every_attribute_;
  std::string label_;
  Window window_;
  JsonRecords records_;
  Names names_;
  JsonObject object_;
  std::vector<std::uint64_t> seen_;  ///< by attribute: number of the last row that had it
  std::uint64_t number_ = 0;
  std::vector<int> targets_;
  std::vector<bool> is_json_;
};

}  // namespace

// Rows that cannot be read say so when they are read as rows.
Layout lay_out_json(const plan::FileShape& shape, plan::FileFormat format, const std::string& label,
                    std::unique_ptr<ByteInput> input) {
  Names names({});
  for (const plan::FileColumn& column : shape.columns) names.add(column.name.text);
  Window window(std::move(input));
  JsonRecords records(window, format == plan::FileFormat::kJson, label);
  JsonObject object;
  std::size_t looked_at = 0;
  while (looked_at < kLookedAt && records.next()) {
    looked_at += records.text().size();
    names.start_row();
    object.each(records.text(), [&](const Attribute& attribute) {
      if (names.find(attribute.name) == names.size()) names.add(attribute.name);
      return true;
    });
  }
  return {format, {}, names.all(), ""};
}

std::unique_ptr<RowReader> json_rows(const plan::FileShape& shape, const Layout& layout,
                                     const std::string& label, std::unique_ptr<ByteInput> input,
                                     const data::Schema& wanted) {
  return std::make_unique<JsonRows>(shape, layout, label, std::move(input), wanted);
}

}  // namespace engine::connectors::files
