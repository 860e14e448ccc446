#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/syntax.h"

namespace engine::expr {

/// Lays the pieces of one expression side by side, from the leaves to the root: few allocations an
/// expression, where plans have many.
class SyntaxBuilder {
 public:
  using Place = std::uint32_t;

  /// `piece` without its text and args. The args were added before it.
  Place add(Syntax piece, std::string_view text, std::span<const Place> args);
  std::uint32_t depth(Place place) const { return drafts_[place].piece.depth; }

  /// The whole expression. Nothing may be added afterwards.
  SyntaxPtr finish(Place root, std::shared_ptr<const base::Located> source) const;

 private:
  /// Lists still grow, so that texts and args are known by their places in them.
  struct Draft {
    Syntax piece;
    std::uint32_t text = 0;
    std::uint32_t text_size = 0;
    std::uint32_t args = 0;
    std::uint32_t arg_count = 0;
  };

  std::string_view text_of(const Draft& draft) const;

  std::vector<Draft> drafts_;
  std::vector<Place> args_;
  std::string texts_;
};

}  // namespace engine::expr
