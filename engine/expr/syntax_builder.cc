#include "expr/syntax_builder.h"

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace engine::expr {
namespace {

// One block holds a whole expression: its pieces, then the pointers to their args, then their
// texts. Nothing in it needs an end of its own.
static_assert(std::is_trivially_destructible_v<Syntax>);
static_assert(alignof(Syntax) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
static_assert(sizeof(Syntax) % alignof(const Syntax*) == 0);

}  // namespace

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
  auto block = std::make_unique<std::byte[]>(pieces_size + args_size + texts_.size());
  auto* const pieces = reinterpret_cast<Syntax*>(block.get());
  auto* const args = reinterpret_cast<const Syntax**>(block.get() + pieces_size);
  auto* const texts = reinterpret_cast<char*>(block.get() + pieces_size + args_size);
  std::copy(texts_.begin(), texts_.end(), texts);
  for (std::size_t i = 0; i < args_.size(); ++i) args[i] = pieces + args_[i];
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const Draft& draft = drafts_[i];
    Syntax* piece = new (pieces + i) Syntax(draft.piece);
    piece->text = std::string_view(texts + draft.text, draft.text_size);
    piece->args = std::span(args + draft.args, draft.arg_count);
    piece->source = source.get();
  }
  const auto release = [kept = std::move(source)](const std::byte* bytes) { delete[] bytes; };
  return {std::shared_ptr<const std::byte>(block.release(), release), pieces + root};
}

}  // namespace engine::expr
