#include "plan/option_spec.h"

#include <charconv>

#include "plan/declare.h"

namespace engine::plan {

namespace {

std::pair<int, int> version_pair(std::string_view version) {
  std::pair<int, int> out;
  const char* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, out.first);
  if (major.ptr != end) std::from_chars(major.ptr + 1, end, out.second);
  return out;
}

template <typename Entry, typename Field>
const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name, Field field) {
  for (const Entry& entry : entries) {
    if (entry.*field == name) return &entry;
  }
  return nullptr;
}

}  // namespace

bool is_available(std::string_view since) {
  return version_pair(since) <= version_pair(kVersion);
}

const OptionSpec* ObjectSpec::find(std::string_view option) const {
  return find_entry(options, option, &OptionSpec::name);
}

OptionFields::OptionFields() = default;
OptionFields::OptionFields(const OptionFields&) = default;
OptionFields::OptionFields(OptionFields&&) noexcept = default;
OptionFields& OptionFields::operator=(const OptionFields&) = default;
OptionFields& OptionFields::operator=(OptionFields&&) noexcept = default;
OptionFields::~OptionFields() = default;

OptionValue& OptionFields::operator[](std::string_view name) {
  std::vector<OptionField>& entries = entries_.make();
  for (OptionField& entry : entries) {
    if (entry.name == name) return entry.value;
  }
  return entries.emplace_back(OptionField{std::string(name), {}}).value;
}

const OptionValue* OptionFields::find(std::string_view name) const {
  const OptionField* entry = find_entry(entries_.list(), name, &OptionField::name);
  return entry == nullptr ? nullptr : &entry->value;
}

const OptionField* OptionFields::begin() const {
  return entries_.list().data();
}
const OptionField* OptionFields::end() const {
  return begin() + size();
}
std::size_t OptionFields::size() const {
  return entries_.size();
}

const OptionValue* OptionValue::find(std::string_view name) const {
  return fields.find(name);
}

const ConnectorDecl* Registry::connector(std::string_view type) const {
  return find_entry(connectors, type, &ConnectorDecl::type);
}

const CheckDecl* Registry::check(std::string_view name) const {
  return find_entry(checks, name, &CheckDecl::name);
}

Declare::Declare(std::string name, OptionKind kind, std::string doc) {
  spec_.name = std::move(name);
  spec_.kind = kind;
  spec_.doc = std::move(doc);
  spec_.available_since = "0.1";
}

Declare& Declare::since(std::string version) {
  spec_.available_since = std::move(version);
  return *this;
}

Declare& Declare::standard(std::string text) {
  spec_.default_text = std::move(text);
  return *this;
}

Declare& Declare::example(std::string text) {
  spec_.example = std::move(text);
  return *this;
}

Declare& Declare::required() {
  spec_.required = true;
  return *this;
}

Declare& Declare::secret() {
  spec_.secret = true;
  return *this;
}

Declare& Declare::path() {
  spec_.path = true;
  return *this;
}

Declare& Declare::range(double minimum, double maximum) {
  spec_.minimum = minimum;
  spec_.maximum = maximum;
  return *this;
}

Declare& Declare::at_least(double minimum) {
  spec_.minimum = minimum;
  return *this;
}

Declare& Declare::choices(std::initializer_list<std::pair<const char*, const char*>> values) {
  for (const auto& [choice, version] : values) {
    spec_.choices.emplace_back(choice);
    if (!is_available(version)) spec_.choices_since[choice] = version;
  }
  return *this;
}

Declare& Declare::object(ObjectSpec spec) {
  return object(std::make_shared<const ObjectSpec>(std::move(spec)));
}

Declare& Declare::object(std::shared_ptr<const ObjectSpec> spec) {
  spec_.object = std::move(spec);
  return *this;
}

Declare& Declare::element(OptionSpec spec) {
  spec_.element = std::make_shared<const OptionSpec>(std::move(spec));
  return *this;
}

Declare& Declare::either(std::vector<OptionSpec> alternatives) {
  spec_.alternatives = std::move(alternatives);
  return *this;
}

Declare text_option(std::string name, std::string doc) {
  return {std::move(name), OptionKind::kText, std::move(doc)};
}

Declare bool_option(std::string name, std::string doc) {
  return {std::move(name), OptionKind::kBool, std::move(doc)};
}

Declare names_option(std::string name, std::string doc) {
  Declare out(std::move(name), OptionKind::kList, std::move(doc));
  out.element(text_option("name", "A name."));
  return out;
}

}  // namespace engine::plan
