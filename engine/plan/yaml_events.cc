#include "plan/yaml_events.h"

#include <fmt/format.h>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>

#include "base/text.h"

// The only file that knows the YAML library, and only its event interface: its node interface takes
// the last of two equal keys in silence and loses places. Events carry start marks only, so lengths
// are found in the text.

namespace engine::plan {

namespace {

/// Ends the reading of one file; the mistake was reported.
struct StopReading {};

/// A stream over the text without a copy of it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

std::string whole_text(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlTree& tree, std::uint16_t file, const YamlLimits& limits, YamlUse& use,
              base::Diagnostics& diagnostics)
      : tree_(tree),
        text_(tree.file(file).text.text()),
        file_(file),
        limits_(limits),
        use_(use),
        diagnostics_(diagnostics) {}

  const YamlNode* root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ < 2) return;
    diagnostics_.error("E108", place(mark), "a second document begins here",
                       "a plan is one document; split it with 'include' or into two files");
    throw StopReading{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode* node = start(mark, YamlKind::kNull, anchor);
    node->bytes = text_.data() + node->offset;
    for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
      if (text_.substr(node->offset).starts_with(word)) {
        node->size = static_cast<std::uint32_t>(word.size());
      }
    }
    finish(node, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto [target, weight] = anchor < anchors_.size() ? anchors_[anchor] : Weighed{};
    if (target == nullptr)
      fail(mark, "E105", "the alias stands inside the value it names",
           "a plan cannot contain itself; write the value out");
    if (static_cast<int>(frames_.size()) + target->height >= limits_.depth) too_deep(mark);
    expanded_ += weight;
    if (expanded_ > limits_.small_expansion &&
        expanded_ > limits_.alias_expansion * (written_ + 1)) {
      fail(mark, "E105", "aliases blow the plan up to more than 10 times what is written",
           "write the repeated part once, in 'defaults'");
    }
    push({target, weight});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    YamlNode* node = start(mark, YamlKind::kPlain, anchor);
    if (tag == "!") node->kind = quoted_kind(node->offset);
    const std::size_t at = node->offset + (node->is_quoted() ? 1U : 0U);
    const bool as_written = text_.size() >= at && text_.substr(at, value.size()) == value;
    const std::string_view text = as_written ? text_.substr(at, value.size()) : tree_.keep(value);
    node->bytes = text.data();
    node->size = static_cast<std::uint32_t>(text.size());
    finish(node, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, YamlKind::kSequence, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(mark, YamlKind::kMapping, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Weighed {
    const YamlNode* node = nullptr;
    std::uint64_t weight = 1;  ///< nodes of the subtree with its aliases written out
  };
  struct Frame {
    YamlNode* node;
    std::size_t first;  ///< of its children in pending_
    YAML::anchor_t anchor;
    std::uint64_t weight = 1;
  };

  base::Span place(const YAML::Mark& mark) const {
    return {.file = tree_.file(file_).name, .line = mark.line + 1, .column = mark.column + 1};
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const char* code, std::string message,
                         std::string help) {
    diagnostics_.error(code, place(mark), std::move(message), std::move(help));
    throw StopReading{};
  }

  [[noreturn]] void too_deep(const YAML::Mark& mark) {
    fail(mark, "E105", fmt::format("the plan is nested deeper than {} levels", limits_.depth),
         "flatten it");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    base::Span span = place(mark);
    diagnostics_.error("E108", span, "tags are not part of the plan language",
                       "remove the tag; every value is read as its option declares");
  }

  YamlNode* start(const YAML::Mark& mark, YamlKind kind, YAML::anchor_t anchor) {
    if (++use_.nodes > limits_.nodes) {
      fail(mark, "E105", fmt::format("the plan has more than {} values", limits_.nodes),
           "split it into several plans, or name tables by a pattern");
    }
    ++written_;
    YamlNode* node = tree_.make_node();
    node->kind = kind;
    node->file = file_;
    node->offset = static_cast<std::uint32_t>(mark.pos);
    node->line = static_cast<std::uint32_t>(mark.line + 1);
    if (anchor != 0 && kind != YamlKind::kMapping && kind != YamlKind::kSequence) {
      skip_anchor(*node);
    }
    return node;
  }

  /// The mark of an anchored scalar is that of its anchor.
  void skip_anchor(YamlNode& node) {
    std::size_t at = node.offset;
    if (at >= text_.size() || text_[at] != '&') return;
    while (at < text_.size() && text_[at] != ' ' && text_[at] != '\n') ++at;
    while (at < text_.size() && text_[at] == ' ') ++at;
    node.offset = static_cast<std::uint32_t>(at);
  }

  YamlKind quoted_kind(std::size_t offset) const {
    const char first = offset < text_.size() ? text_[offset] : '|';
    if (first == '"') return YamlKind::kDoubleQuoted;
    return first == '\'' ? YamlKind::kSingleQuoted : YamlKind::kBlockText;
  }

  void push(const Weighed& whole) {
    if (frames_.empty()) {
      root_ = whole.node;
    } else {
      pending_.push_back(whole.node);
      frames_.back().weight += whole.weight;
    }
  }

  void finish(const YamlNode* node, YAML::anchor_t anchor, std::uint64_t weight = 1) {
    if (anchor != 0) {
      if (anchors_.size() <= anchor) anchors_.resize(anchor + 1);
      anchors_[anchor] = {node, weight};
    }
    push({node, weight});
  }

  void open(const YAML::Mark& mark, YamlKind kind, YAML::anchor_t anchor) {
    if (static_cast<int>(frames_.size()) >= limits_.depth) too_deep(mark);
    frames_.push_back({start(mark, kind, anchor), pending_.size(), anchor, 1});
  }

  void close() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    std::span<const YamlNode*> children(pending_.begin() + static_cast<std::ptrdiff_t>(frame.first),
                                        pending_.end());
    if (frame.node->is_mapping()) children = children.first(check_keys(children));
    for (const YamlNode* child : children) {
      frame.node->height =
          std::max(frame.node->height, static_cast<std::uint8_t>(child->height + 1));
    }
    frame.node->size = static_cast<std::uint32_t>(children.size());
    frame.node->children = tree_.keep_children(children);
    pending_.resize(frame.first);
    finish(frame.node, frame.anchor, frame.weight);
  }

  /// Reports bad and repeated keys and moves the good pairs to the front; returns how many pointers
  /// those are.
  std::size_t check_keys(std::span<const YamlNode*> children) {
    std::size_t kept = 0;
    const bool large = children.size() > 32;
    seen_.clear();
    for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
      const YamlNode& key = *children[i];
      if (!is_good_key(key)) continue;
      const YamlNode* first = large ? seen_large(key) : seen_small(children.first(kept), key);
      if (first != nullptr) {
        report_duplicate(key, *first);
        continue;
      }
      children[kept] = children[i];
      children[kept + 1] = children[i + 1];
      kept += 2;
    }
    return kept;
  }

  bool is_good_key(const YamlNode& key) {
    if (!key.is_scalar() || key.is_null()) {
      diagnostics_.error("E101", tree_.span(key), "a key must be a plain name",
                         "lists, mappings and null cannot be keys");
      return false;
    }
    if (key.kind == YamlKind::kPlain && key.text() == "<<") {
      diagnostics_.error("E108", tree_.span(key),
                         "merge keys '<<' are not part of the plan language",
                         "put what tables share into 'defaults', or into a file of 'include'");
      return false;
    }
    return true;
  }

  const YamlNode* seen_small(std::span<const YamlNode* const> before, const YamlNode& key) const {
    for (std::size_t i = 0; i < before.size(); i += 2) {
      if (before[i]->text() == key.text()) return before[i];
    }
    return nullptr;
  }

  const YamlNode* seen_large(const YamlNode& key) {
    const auto [place_of_first, is_new] = seen_.try_emplace(key.text(), &key);
    return is_new ? nullptr : place_of_first->second;
  }

  void report_duplicate(const YamlNode& key, const YamlNode& first) {
    diagnostics_.add({.severity = base::Severity::kError,
                      .code = "E103",
                      .message = fmt::format("duplicate key {}", base::quoted(key.text())),
                      .span = tree_.span(key),
                      .help = fmt::format("it stands on line {} too; keep one of them", first.line),
                      .also = {tree_.span(first)}});
  }

  YamlTree& tree_;
  std::string_view text_;
  std::uint16_t file_;
  const YamlLimits& limits_;
  YamlUse& use_;
  base::Diagnostics& diagnostics_;
  const YamlNode* root_ = nullptr;
  int documents_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t expanded_ = 0;
  std::vector<Frame> frames_;
  std::vector<const YamlNode*> pending_;
  std::vector<Weighed> anchors_;
  std::unordered_map<std::string_view, const YamlNode*> seen_;
};

/// What the library says, and what a writer of plans should read instead.
struct Wording {
  std::string_view library;
  const char* message;
  const char* help;
};

constexpr Wording kWordings[] = {
    {"illegal EOF in scalar", "the quote that opens this text is never closed",
     "add the closing quote"},
    {"end of map not found", "this line does not fit the mapping around it",
     "check the indentation: keys of one mapping stand in one column"},
    {"end of map flow not found", "the '{' is never closed",
     "add '}', or a ',' between two entries"},
    {"end of sequence not found", "this line does not fit the list around it",
     "check the indentation: every item begins with '- ' in one column"},
    {"end of sequence flow not found", "the '[' is never closed",
     "add ']', or a ',' between two items"},
    {"illegal map value", "a ':' stands where no key can",
     "quote the text when the ':' belongs to it, or check the indentation"},
    {"illegal flow end", "a closing bracket stands here without its opening one",
     "remove it, or quote the text it belongs to"},
    {"unknown token", "no value can begin with this character", "put the text in quotes"},
    {"unknown escape character", "no such escape", "use single quotes, where '\\' is itself"},
    {"the referenced anchor is not defined", "no such anchor",
     "an alias '*name' needs '&name' before it in the same file"},
};

/// `${` outside quotes opens a mapping of its own where flow mappings are read.
bool is_bare_variable(std::string_view text, int offset) {
  const auto at = static_cast<std::size_t>(std::max(offset, 0));
  return at > 0 && text.substr(at - 1).starts_with("${");
}

void report_syntax(const YAML::Exception& error, const YamlTree::File& file,
                   base::Diagnostics& diagnostics) {
  base::Span span{.file = file.name, .line = error.mark.line + 1, .column = error.mark.column + 1};
  if (is_bare_variable(file.text.text(), error.mark.pos)) {
    span.column -= 1;
    span.length = 2;
    diagnostics.error("E101", span, "'${' stands outside quotes between '{' and '}'",
                      "put the text in double quotes: \"${NAME}\"");
    return;
  }
  for (const Wording& wording : kWordings) {
    if (!error.msg.starts_with(wording.library)) continue;
    const std::string rest(error.msg.substr(wording.library.size()));
    diagnostics.error("E101", span, wording.message + rest, wording.help);
    return;
  }
  diagnostics.error("E101", span, "not valid YAML: " + error.msg, "see the place shown");
}

bool check_size(const YamlTree::File& file, const YamlLimits& limits, YamlUse& use,
                base::Diagnostics& diagnostics) {
  use.bytes += file.text.text().size();
  if (use.bytes <= limits.bytes) return true;
  diagnostics.error(
      "E105", {.file = file.name, .line = 0},
      fmt::format("the plan and its includes are larger than {}", whole_text(limits.bytes)),
      "split it into several plans");
  return false;
}

}  // namespace

const YamlNode* read_yaml(YamlTree& tree, std::uint16_t file, const YamlLimits& limits,
                          YamlUse& use, base::Diagnostics& diagnostics) {
  const YamlTree::File& source = tree.file(file);
  if (!check_size(source, limits, use, diagnostics)) return nullptr;
  if (!check_bytes(source.name, source.text.text(), diagnostics)) return nullptr;
  ViewBuffer buffer(source.text.text());
  std::istream stream(&buffer);
  TreeBuilder builder(tree, file, limits, use, diagnostics);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const StopReading&) {
    return nullptr;
  } catch (const YAML::Exception& error) {
    report_syntax(error, source, diagnostics);
    return nullptr;
  }
  return builder.root();
}

}  // namespace engine::plan
