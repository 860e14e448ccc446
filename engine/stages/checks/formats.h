#pragma once

#include <span>
#include <string_view>

namespace engine::stages {

/// A named format of the language. The whole value must have it; letters are as written unless the
/// description says otherwise.
struct BuiltinFormat {
  std::string_view name;
  std::string_view description;
  bool (*matches)(std::string_view text);
  std::span<const std::string_view> valid;
  std::span<const std::string_view> invalid;
};

std::span<const BuiltinFormat> builtin_formats();
/// nullptr when there is none of that name.
const BuiltinFormat* find_builtin_format(std::string_view name);

bool is_vin(std::string_view text);
bool is_dtc(std::string_view text);
bool is_url(std::string_view text);
bool is_email(std::string_view text);
bool is_uuid(std::string_view text);
bool is_iso8601(std::string_view text);
bool is_e164(std::string_view text);

}  // namespace engine::stages
