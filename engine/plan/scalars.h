#pragma once

#include <memory>

#include "expr/expression.h"
#include "plan/option_spec.h"
#include "plan/variables.h"
#include "plan/yaml_tree.h"

namespace engine::plan {

/// Reads scalars as the kind their option declares, never guessed. With diagnostics every mistake
/// is reported (E104, E110, E112, E115, E117); without, it was reported before.
class ScalarReader {
 public:
  ScalarReader(YamlTree& tree, Variables& variables, base::Diagnostics* diagnostics)
      : tree_(tree), variables_(variables), diagnostics_(diagnostics) {}

  /// False after a mistake. `out.unknown` is set where offline a value is missing; then nothing
  /// else in it counts.
  bool read(const OptionSpec& spec, const YamlNode& node, OptionValue& out);

  /// The text with variables; secrets in it are refused (E118), for this place has no way to hide
  /// them.
  base::Located text(const YamlNode& node);

  /// Reads an expression and marks the variables it uses; reports to `diagnostics` in any case.
  expr::SyntaxPtr expression(const std::shared_ptr<const base::Located>& text,
                             base::Diagnostics& diagnostics);

 private:
  bool read_kind(const OptionSpec& spec, OptionValue& out);
  bool read_text(const OptionSpec& spec, const YamlNode& node, OptionValue& out);
  bool read_bool(const OptionSpec& spec, OptionValue& out);
  bool read_int(const OptionSpec& spec, OptionValue& out);
  bool read_real(const OptionSpec& spec, OptionValue& out);
  bool read_duration(const OptionSpec& spec, OptionValue& out);
  bool read_size(const OptionSpec& spec, OptionValue& out);
  bool read_choice(const OptionSpec& spec, OptionValue& out);
  bool read_type(const OptionSpec& spec, OptionValue& out);
  bool in_range(const OptionSpec& spec, const OptionValue& out, double value);
  bool check_secret(const OptionSpec& spec, const YamlNode& node, const Expansion& expansion,
                    OptionValue& out);
  bool refuse_literal(const OptionSpec& spec, const YamlNode& node, const OptionValue& out);
  bool wrong(const OptionSpec& spec, const OptionValue& out, std::string help = {});
  void report(const char* code, base::Span span, std::string message, std::string help);

  YamlTree& tree_;
  Variables& variables_;
  base::Diagnostics* diagnostics_;
};

/// "a duration", "one of auto, full", "a list of text": what messages and the reference call a
/// kind.
std::string kind_text(const OptionSpec& spec);

/// "> 10" or "> 0.5%"; nullopt when the text is none.
struct ThresholdParts {
  std::string comparison;
  double value = 0;
  bool relative = false;
};
std::optional<ThresholdParts> parse_threshold(std::string_view text);

/// A whole number of text, or nullopt; a ratio ("0.1%" or 0.001), or nullopt.
std::optional<std::int64_t> parse_whole(std::string_view text);
std::optional<double> parse_ratio(std::string_view text);

}  // namespace engine::plan
