#include "connectors/files/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace engine::connectors::files {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr int kZstdLevel = 3;

class FileOutput final : public ByteOutput {
 public:
  FileOutput(std::filesystem::path path, std::optional<unsigned> mode) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) base::throw_system_error("create", path_, errno);
    if (!mode || ::fchmod(descriptor_, *mode) == 0) return;
    const int problem = errno;
    ::close(descriptor_);
    base::throw_system_error("set the mode of", path_, problem);
  }
  ~FileOutput() override { ::close(descriptor_); }
  FileOutput(const FileOutput&) = delete;
  FileOutput& operator=(const FileOutput&) = delete;

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t done = ::write(descriptor_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) base::throw_system_error("write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
  }
  void finish() override {
    if (::fsync(descriptor_) != 0) base::throw_system_error("sync", path_, errno);
  }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

class GzipOutput final : public ByteOutput {
 public:
  explicit GzipOutput(std::unique_ptr<ByteOutput> out) : out_(std::move(out)), buffer_(kBlock) {
    const int started = ::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS,
                                       8, Z_DEFAULT_STRATEGY);
    if (started != Z_OK) base::bug("zlib does not start");
  }
  ~GzipOutput() override { ::deflateEnd(&stream_); }
  GzipOutput(const GzipOutput&) = delete;
  GzipOutput& operator=(const GzipOutput&) = delete;

  void write(std::string_view bytes) override {
    // zlib never writes to its input; its type is older than const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (stream_.avail_in > 0) pump(Z_NO_FLUSH);
  }
  void finish() override {
    while (pump(Z_FINISH) != Z_STREAM_END) continue;
    out_->finish();
  }

 private:
  int pump(int flush) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int result = ::deflate(&stream_, flush);
    if (result == Z_STREAM_ERROR) base::bug("zlib refused to compress");
    out_->write({buffer_.data(), buffer_.size() - stream_.avail_out});
    return result;
  }

  std::unique_ptr<ByteOutput> out_;
  std::vector<char> buffer_;
  ::z_stream stream_ = {};
};

class ZstdOutput final : public ByteOutput {
 public:
  explicit ZstdOutput(std::unique_ptr<ByteOutput> out)
      : out_(std::move(out)), buffer_(kBlock), stream_(::ZSTD_createCCtx()) {
    if (stream_ == nullptr) base::bug("zstd does not start");
    ::ZSTD_CCtx_setParameter(stream_, ::ZSTD_c_compressionLevel, kZstdLevel);
    ::ZSTD_CCtx_setParameter(stream_, ::ZSTD_c_checksumFlag, 1);
  }
  ~ZstdOutput() override { ::ZSTD_freeCCtx(stream_); }
  ZstdOutput(const ZstdOutput&) = delete;
  ZstdOutput& operator=(const ZstdOutput&) = delete;

  void write(std::string_view bytes) override {
    ::ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
    while (in.pos < in.size) pump(in, ::ZSTD_e_continue);
  }
  void finish() override {
    ::ZSTD_inBuffer nothing = {nullptr, 0, 0};
    while (pump(nothing, ::ZSTD_e_end) != 0) continue;
    out_->finish();
  }

 private:
  std::size_t pump(::ZSTD_inBuffer& in, ::ZSTD_EndDirective directive) {
    ::ZSTD_outBuffer out = {buffer_.data(), buffer_.size(), 0};
    const std::size_t left = ::ZSTD_compressStream2(stream_, &out, &in, directive);
    if (::ZSTD_isError(left) != 0) base::bug("zstd refused to compress");
    out_->write({buffer_.data(), out.pos});
    return left;
  }

  std::unique_ptr<ByteOutput> out_;
  std::vector<char> buffer_;
  ::ZSTD_CCtx* stream_;
};

}  // namespace

std::unique_ptr<ByteOutput> create_output(const std::filesystem::path& path,
                                          const std::string& name, std::optional<unsigned> mode) {
  auto raw = std::make_unique<FileOutput>(path, mode);
  if (name.ends_with(".gz")) return std::make_unique<GzipOutput>(std::move(raw));
  if (name.ends_with(".zst")) return std::make_unique<ZstdOutput>(std::move(raw));
  return raw;
}

}  // namespace engine::connectors::files
