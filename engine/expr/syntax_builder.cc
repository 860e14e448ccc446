#include "expr/syntax_builder.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace engine::expr {
namespace {

// One block holds a whole expression: its pieces, then the pointers to their args, then those of
// their texts that do not stand in the source as they are. Nothing in it needs an end of its own.
static_assert(std::is_trivially_destructible_v<Syntax>);
static_assert(alignof(Syntax) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
static_assert(sizeof(Syntax) % alignof(const Syntax*) == 0);

/// Where in the source these bytes stand, be it in another piece; nullptr where they do not.
const char* in_source(std::string_view text, const base::Located& source) {
  const std::size_t at = source.text.find(text);
  return at == std::string::npos ? nullptr : source.text.data() + at;
}

}  // namespace

std::string_view SyntaxBuilder::text_of(const Draft& draft) const {
  return std::string_view(texts_).substr(draft.text, draft.text_size);
}

SyntaxBuilder::Place SyntaxBuilder::add(Syntax piece, std::string_view text,
                                        std::span<const Place> args) {
  drafts_.push_back({.piece = piece,
                     .text = static_cast<std::uint32_t>(texts_.size()),
                     .text_size = static_cast<std::uint32_t>(text.size()),
                     .args = static_cast<std::uint32_t>(args_.size()),
                     .arg_count = static_cast<std::uint32_t>(args.size())});
  texts_ += text;
  args_.insert(args_.end(), args.begin(), args.end());
  return static_cast<Place>(drafts_.size() - 1);
}

SyntaxPtr SyntaxBuilder::finish(Place root, std::shared_ptr<const base::Located> source) const {
  const std::size_t pieces_size = drafts_.size() * sizeof(Syntax);
  const std::size_t args_size = args_.size() * sizeof(const Syntax*);
  std::size_t texts_size = 0;
  for (const Draft& draft : drafts_) {
    if (!in_source(text_of(draft), *source)) texts_size += draft.text_size;
  }
  auto block = std::make_unique<std::byte[]>(pieces_size + args_size + texts_size);
  auto* const pieces = reinterpret_cast<Syntax*>(block.get());
  auto* const args = reinterpret_cast<const Syntax**>(block.get() + pieces_size);
  auto* texts = reinterpret_cast<char*>(block.get() + pieces_size + args_size);
  for (std::size_t i = 0; i < args_.size(); ++i) args[i] = pieces + args_[i];
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const Draft& draft = drafts_[i];
    Syntax* piece = new (pieces + i) Syntax(draft.piece);
    const std::string_view text = text_of(draft);
    if (const char* const written = in_source(text, *source)) {
      piece->text = {written, text.size()};
    } else {
      piece->text = {texts, text.size()};
      texts = std::copy(text.begin(), text.end(), texts);
    }
    piece->args = std::span(args + draft.args, draft.arg_count);
    piece->source = source.get();
  }
  const auto release = [kept = std::move(source)](const std::byte* bytes) { delete[] bytes; };
  return {std::shared_ptr<const std::byte>(block.release(), release), pieces + root};
}

}  // namespace engine::expr
