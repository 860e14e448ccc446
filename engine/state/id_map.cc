#include "state/id_map.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <zstd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "data/key.h"
#include "data/value_text.h"
#include "state/read_only_file.h"
#include "state/wire.h"

namespace engine::state {
namespace {

constexpr std::size_t kFrameBytes = std::size_t{256} << 10;
constexpr int kLevel = 1;

void append_field(std::string& out, std::string_view text) {
  const bool quoted = text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos ||
                      text.front() == ' ' || text.back() == ' ';
  if (!quoted) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void compress(std::string_view lines, std::string& frame) {
  frame.resize(ZSTD_compressBound(lines.size()));
  const std::size_t size =
      ZSTD_compress(frame.data(), frame.size(), lines.data(), lines.size(), kLevel);
  if (ZSTD_isError(size) != 0) base::bug(std::string("zstd: ") + ZSTD_getErrorName(size));
  frame.resize(size);
}

/// Goes through the lines of a part again, frame by frame.
template <typename Visit>
void for_each_line(const std::filesystem::path& path, const std::vector<std::uint64_t>& frames,
                   Visit visit) {
  const ReadOnlyFile file(path);
  std::uint64_t offset = 0;
  std::string lines;
  for (const std::uint64_t size : frames) {
    const std::string frame = file.read_at(offset, size);
    offset += size;
    lines.resize(ZSTD_getFrameContentSize(frame.data(), frame.size()));
    const std::size_t done =
        ZSTD_decompress(lines.data(), lines.size(), frame.data(), frame.size());
    if (done != lines.size()) throw_broken(path, "a frame of the id map cannot be read");
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t at = 0; at < lines.size(); ++at) {
      if (lines[at] == '"') inside = !inside;
      if (lines[at] != '\n' || inside) continue;
      visit(std::string_view(lines).substr(begin, at - begin));
      begin = at + 1;
    }
  }
}

/// Where the last field of a line begins.
std::size_t last_field(std::string_view line) {
  bool inside = false;
  for (std::size_t at = line.size(); at > 0; --at) {
    if (line[at - 1] == '"') inside = !inside;
    if (line[at - 1] == ',' && !inside) return at;
  }
  return 0;
}

}  // namespace

IdMapPart::IdMapPart(std::filesystem::path path, const std::string& table,
                     base::MemoryBudget& budget, Scratch scratch)
    : path_(std::move(path)), ids_(budget, std::move(scratch)) {
  append_field(table_, table);
  base::make_private_folder(path_.parent_path());
  std::filesystem::remove(path_);
  file_ = std::make_unique<base::OutputFile>(path_);
}

void IdMapPart::add(const data::Batch& source, const std::vector<std::size_t>& key,
                    const std::vector<std::uint32_t>& kept, const data::Batch& made,
                    std::size_t id) {
  const data::Column& ids = made.column(id);
  std::string text;
  for (std::size_t row = 0; row < kept.size(); ++row) {
    if (ids.is_null(row)) continue;
    lines_ += table_;
    text.clear();
    data::append_key(text, source, key, kept[row]);
    const std::uint64_t key_hash = base::hash64(text);
    for (const std::size_t column : key) {
      text.clear();
      data::append_value_text(text, source.column(column), kept[row]);
      lines_ += ',';
      append_field(lines_, text);
    }
    text.clear();
    data::append_value_text(text, ids, row);
    lines_ += ',';
    const std::size_t begin = lines_.size();
    append_field(lines_, text);
    ids_.add(base::hash128(std::string_view(lines_).substr(begin)), key_hash);
    lines_ += '\n';
    if (lines_.size() >= kFrameBytes) flush();
  }
}

void IdMapPart::flush() {
  if (lines_.empty()) return;
  compress(lines_, frame_);
  file_->write(frame_);
  frames_.push_back(frame_.size());
  lines_.clear();
}

void IdMapPart::finish() {
  flush();
  file_->flush();
  ids_.finish();
  std::optional<base::Hash128> shared;
  std::vector<base::Hash128> repeated;
  ids_.duplicates([&](std::uint64_t first, std::uint64_t other, const base::Hash128& hash) {
    if (repeated.empty() || repeated.back() != hash) repeated.push_back(hash);
    if (first != other && !shared) shared = hash;
  });
  if (shared) refuse_collision(*shared);
  if (!repeated.empty()) write_once(repeated);
}

void IdMapPart::refuse_collision(const base::Hash128& shared) const {
  std::vector<std::string> holders;
  std::string id;
  for_each_line(path_, frames_, [&](std::string_view line) {
    const std::size_t at = last_field(line);
    if (base::hash128(line.substr(at)) != shared) return;
    id = line.substr(at);
    std::string key(line.substr(table_.size() + 1, at - table_.size() - 2));
    if (std::find(holders.begin(), holders.end(), key) == holders.end()) {
      holders.push_back(std::move(key));
    }
  });
  if (holders.size() < 2) base::bug("the source keys of a shared id are not in the id map");
  throw base::Error(base::Fault::kData, "E426",
                    "the source keys " + holders[0] + " and " + holders[1] + " of " + table_ +
                        " have one id: " + id,
                    "choose a longer 'format' for the id map; uuid and hex32 do not meet this");
}

// Rows of one source key (which dedupe chooses among, or the key check refuses) give one line.
void IdMapPart::write_once(const std::vector<base::Hash128>& repeated) {
  std::vector<bool> written(repeated.size(), false);
  const std::filesystem::path aside = path_.string() + ".once";
  const std::vector<std::uint64_t> frames = std::exchange(frames_, {});
  std::filesystem::remove(aside);
  file_ = std::make_unique<base::OutputFile>(aside);
  for_each_line(path_, frames, [&](std::string_view line) {
    const base::Hash128 hash = base::hash128(line.substr(last_field(line)));
    const auto found = std::lower_bound(repeated.begin(), repeated.end(), hash);
    if (found != repeated.end() && *found == hash) {
      const auto place = static_cast<std::size_t>(found - repeated.begin());
      if (written[place]) return;
      written[place] = true;
    }
    lines_ += line;
    lines_ += '\n';
    if (lines_.size() >= kFrameBytes) flush();
  });
  flush();
  file_->flush();
  std::filesystem::rename(aside, path_);
}

void join_id_map(const std::filesystem::path& path, const std::vector<std::string>& key_names,
                 const std::vector<std::filesystem::path>& parts) {
  std::filesystem::remove(path);
  base::OutputFile file(path);
  std::string header = "table";
  for (const std::string& name : key_names) {
    header += ',';
    append_field(header, name);
  }
  header += ",new_id\n";
  std::string frame;
  compress(header, frame);
  file.write(frame);
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
  for (const std::filesystem::path& path_of_part : parts) {
    const ReadOnlyFile part(path_of_part);
    for (std::uint64_t at = 0; at < part.size(); at += kPiece) {
      file.write(part.read_at(at, std::min(kPiece, part.size() - at)));
    }
  }
  file.sync();
  for (const std::filesystem::path& part : parts) std::filesystem::remove(part);
}

}  // namespace engine::state
