#include "connectors/files/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::files {
namespace {

using base::Error;
using base::Fault;

constexpr std::size_t kCompressedBlock = std::size_t{128} << 10;

Signature signature(const struct ::stat& facts) {
  return {facts.st_dev, facts.st_ino, static_cast<std::uint64_t>(facts.st_size),
          static_cast<std::int64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

[[noreturn]] void throw_unreadable(const DataFile& file, int error_number) {
  throw Error(Fault::kRemote, error_number == EACCES ? "E203" : "E205",
              "cannot read " + base::quoted(file.label) + ": " +
                  std::generic_category().message(error_number));
}

[[noreturn]] void throw_damaged(const DataFile& file, const std::string& what) {
  throw Error(Fault::kData, "E422", base::quoted(file.label) + " " + what,
              "fetch or write the file again; no row of it was published");
}

class FileInput final : public ByteInput {
 public:
  FileInput(DataFile file, const std::optional<Signature>& seen) : file_(std::move(file)) {
    descriptor_ =
        file_.is_stream() ? STDIN_FILENO : ::open(file_.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw_unreadable(file_, errno);
    before_ = seen ? *seen : now();
  }
  ~FileInput() override {
    if (!file_.is_stream()) ::close(descriptor_);
  }
  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;

  std::size_t read(char* into, std::size_t size) override {
    while (true) {
      const ssize_t got = ::read(descriptor_, into, size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_unreadable(file_, errno);
      if (got == 0) require_unchanged();
      return static_cast<std::size_t>(got);
    }
  }

 private:
  Signature now() const {
    struct ::stat facts = {};
    if (::fstat(descriptor_, &facts) != 0) throw_unreadable(file_, errno);
    if (S_ISDIR(facts.st_mode)) throw_unreadable(file_, EISDIR);
    return signature(facts);
  }

  // The name must still lead to the file that was read, and nobody may have written to it.
  void require_unchanged() const {
    if (file_.is_stream()) return;
    if (signature_of(file_.path) == before_ && now() == before_) return;
    throw Error(Fault::kData, "E423", base::quoted(file_.label) + " changed while it was read",
                "nothing of it was published; run again when the file is complete. Who writes such "
                "files should write them aside and rename them");
  }

  DataFile file_;
  int descriptor_ = -1;
  Signature before_;
};

/// What gz and zst have in common: compressed bytes in, taken as far as the format needs them.
class Compressed {
 public:
  explicit Compressed(std::unique_ptr<ByteInput> input)
      : input_(std::move(input)), buffer_(kCompressedBlock) {}

  /// False when the input is at its end and everything was taken.
  bool fill() {
    if (begin_ < end_) return true;
    begin_ = 0;
    end_ = input_->read(buffer_.data(), buffer_.size());
    return end_ > 0;
  }
  char* data() { return buffer_.data() + begin_; }
  std::size_t size() const { return end_ - begin_; }
  void take(std::size_t bytes) { begin_ += bytes; }

 private:
  std::unique_ptr<ByteInput> input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

/// One or more gzip members (RFC 1952), one after the other.
class GzipInput final : public ByteInput {
 public:
  GzipInput(std::unique_ptr<ByteInput> input, DataFile file)
      : in_(std::move(input)), file_(std::move(file)) {
    if (::inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) base::bug("zlib does not start");
  }
  ~GzipInput() override { ::inflateEnd(&stream_); }
  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;

  std::size_t read(char* into, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room) {
      if (!in_.fill()) {
        if (inside_) throw_damaged(file_, "is cut short: its gzip data ends too early");
        return 0;
      }
      step();
    }
    return room - stream_.avail_out;
  }

 private:
  void step() {
    inside_ = true;
    stream_.next_in = reinterpret_cast<Bytef*>(in_.data());
    stream_.avail_in = static_cast<uInt>(in_.size());
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    in_.take(in_.size() - stream_.avail_in);
    if (result == Z_STREAM_END) {
      inside_ = false;
      ::inflateReset(&stream_);
    } else if (result != Z_OK) {
      throw_damaged(file_, std::string("is no sound gzip data: ") +
                               (stream_.msg == nullptr ? "damaged" : stream_.msg));
    }
  }

  Compressed in_;
  DataFile file_;
  ::z_stream stream_ = {};
  bool inside_ = true;  ///< of a member; a file without one is cut short
};

/// Zstandard frames (RFC 8878), one after the other.
class ZstdInput final : public ByteInput {
 public:
  ZstdInput(std::unique_ptr<ByteInput> input, DataFile file)
      : in_(std::move(input)), file_(std::move(file)), stream_(::ZSTD_createDStream()) {
    if (stream_ == nullptr) base::bug("zstd does not start");
  }
  ~ZstdInput() override { ::ZSTD_freeDStream(stream_); }
  ZstdInput(const ZstdInput&) = delete;
  ZstdInput& operator=(const ZstdInput&) = delete;

  std::size_t read(char* into, std::size_t size) override {
    ::ZSTD_outBuffer out = {into, size, 0};
    while (out.pos == 0) {
      const bool more = in_.fill();
      if (!more && !inside_) return 0;
      ::ZSTD_inBuffer in = {in_.data(), in_.size(), 0};
      const std::size_t result = ::ZSTD_decompressStream(stream_, &out, &in);
      in_.take(in.pos);
      if (::ZSTD_isError(result) != 0) {
        throw_damaged(file_, std::string("is no sound zstd data: ") + ::ZSTD_getErrorName(result));
      }
      inside_ = result != 0;
      if (!more && inside_ && out.pos == 0) {
        throw_damaged(file_, "is cut short: its zstd data ends too early");
      }
    }
    return out.pos;
  }

 private:
  Compressed in_;
  DataFile file_;
  ::ZSTD_DStream* stream_;
  bool inside_ = true;  ///< of a frame; a file without one is cut short
};

class BytesInput final : public ByteInput {
 public:
  explicit BytesInput(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(char* into, std::size_t size) override {
    const std::size_t count = std::min(size, bytes_.size() - at_);
    std::memcpy(into, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Signature> signature_of(const std::filesystem::path& path) {
  struct ::stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  return signature(facts);
}

std::unique_ptr<ByteInput> open_input(const DataFile& file, const std::optional<Signature>& seen) {
  auto raw = std::make_unique<FileInput>(file, seen);
  if (file.label.ends_with(".gz")) return std::make_unique<GzipInput>(std::move(raw), file);
  if (file.label.ends_with(".zst")) return std::make_unique<ZstdInput>(std::move(raw), file);
  return raw;
}

std::unique_ptr<ByteInput> open_stored(const DataFile& file, const std::optional<Signature>& seen) {
  return std::make_unique<FileInput>(file, seen);
}

std::unique_ptr<ByteInput> bytes_input(std::string bytes) {
  return std::make_unique<BytesInput>(std::move(bytes));
}

}  // namespace engine::connectors::files
