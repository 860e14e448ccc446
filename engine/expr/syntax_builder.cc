#include "expr/syntax_builder.h"

#include <utility>

namespace engine::expr {
namespace {

struct Tree {
  std::shared_ptr<const base::Located> source;
  std::vector<Syntax> pieces;
  std::vector<const Syntax*> args;
  std::string texts;
};

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
  const auto tree = std::make_shared<Tree>();
  tree->source = std::move(source);
  tree->texts = texts_;
  tree->pieces.reserve(drafts_.size());
  tree->args.reserve(args_.size());
  for (const Draft& draft : drafts_) {
    Syntax& piece = tree->pieces.emplace_back(draft.piece);
    piece.text = std::string_view(tree->texts).substr(draft.text, draft.text_size);
    piece.source = tree->source.get();
  }
  for (const Place place : args_) tree->args.push_back(&tree->pieces[place]);
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    tree->pieces[i].args = std::span(tree->args).subspan(drafts_[i].args, drafts_[i].arg_count);
  }
  return {tree, &tree->pieces[root]};
}

}  // namespace engine::expr
