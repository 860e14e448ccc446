#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "plan/option_spec.h"

namespace engine::plan {

/// Writes one OptionSpec in a readable line: `Declare("path", OptionKind::kText, "The
/// file.").required()`. Options are available since 0.1 unless they say otherwise.
class Declare {
 public:
  Declare(std::string name, OptionKind kind, std::string doc);

  Declare& since(std::string version);
  Declare& standard(std::string text);  ///< the default, as it would be written
  Declare& example(std::string text);
  Declare& required();
  Declare& secret();
  Declare& path();
  Declare& range(double minimum, double maximum);
  Declare& at_least(double minimum);
  /// Choices with the version each works since.
  Declare& choices(std::initializer_list<std::pair<const char*, const char*>> values);
  Declare& object(ObjectSpec spec);
  Declare& object(std::shared_ptr<const ObjectSpec> spec);
  Declare& element(OptionSpec spec);
  Declare& either(std::vector<OptionSpec> alternatives);

  operator OptionSpec() const { return spec_; }  // NOLINT: reads as the declaration it stands for

 private:
  OptionSpec spec_;
};

/// Short forms for what plans hold most often.
Declare text_option(std::string name, std::string doc);
Declare bool_option(std::string name, std::string doc);
/// One name or several: `key: id` is `key: [id]`.
Declare names_option(std::string name, std::string doc);

}  // namespace engine::plan
