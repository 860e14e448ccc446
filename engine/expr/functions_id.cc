#include "base/digest.h"
#include "expr/canonical.h"
#include "expr/function.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

using data::Type;

template <std::string (*kDigest)(std::string_view)>
data::ColumnPtr digest(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    out += kDigest(call.arg(0).bytes(row));
    return true;
  });
}

base::Sha256 digest_of_row(const Call& call, std::size_t row, std::string& work) {
  work.clear();
  for (const Operand& arg : call.args) append_canonical(work, *arg.column, arg.at(row));
  return base::sha256(work);
}

data::ColumnPtr uuid_from(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  std::string work;
  for (std::size_t row = 0; row < call.rows(); ++row) {
    const base::Sha256 hash = digest_of_row(call, row, work);
    std::string uuid(reinterpret_cast<const char*>(hash.data()), 16);
    uuid[6] = static_cast<char>((uuid[6] & 0x0f) | 0x80);  // version 8 (RFC 9562, section 5.8)
    uuid[8] = static_cast<char>((uuid[8] & 0x3f) | 0x80);  // variant
    builder.append_bytes(uuid);
  }
  return builder.finish();
}

data::ColumnPtr hash_id(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  std::string work;
  for (std::size_t row = 0; row < call.rows(); ++row) {
    const base::Sha256 hash = digest_of_row(call, row, work);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | hash[i];
    builder.append_int64(static_cast<std::int64_t>(value & INT64_MAX));
  }
  return builder.finish();
}

Outcome hash_call(const char* name, Type type, Kernel kernel, std::vector<NodePtr> args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i]->type.kind == data::Kind::kDocument) {
      return Problem{"a document has no text form", "", static_cast<int>(i)};
    }
    args[i] = settled(args[i]);
  }
  return make_call({.name = name, .type = type, .kernel = kernel, .nulls = NullRule::kNever},
                   std::move(args));
}

Outcome resolve_uuid_from(std::vector<NodePtr> args, const Type*) {
  return hash_call("uuid_from", types::uuid, uuid_from, std::move(args));
}
Outcome resolve_hash_id(std::vector<NodePtr> args, const Type*) {
  return hash_call("hash_id", types::int64, hash_id, std::move(args));
}

data::ColumnPtr context_text(const Call& call) {
  const bool table = call.node.name == "source_table";
  data::ColumnBuilder builder(call.node.type, call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) {
    builder.append_bytes(table ? call.context.table : call.context.run_id);
  }
  return builder.finish();
}

std::vector<Signature> digest_signatures(Kernel kernel) {
  const Type bytes = Type::of(data::Kind::kBytes);
  return {{.args = {types::text}, .required = 1, .result = types::text, .kernel = kernel},
          {.args = {bytes}, .required = 1, .result = types::text, .kernel = kernel}};
}

FunctionSpec context_spec(const char* name, const char* doc, const char* example) {
  return {.doc = {name, std::string(name) + "() -> text", doc, example, "", "0.1"},
          .signatures = {{.args = {},
                          .required = 0,
                          .result = types::text,
                          .kernel = context_text,
                          .nulls = NullRule::kNever,
                          .of_run = true}}};
}

}  // namespace

std::vector<FunctionSpec> id_functions() {
  return {
      {.doc = {"sha256", "sha256(text or bytes) -> text", "SHA-256 of the bytes, as 64 hex digits.",
               "sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
               "0.1"},
       .least = 1,
       .most = 1,
       .signatures = digest_signatures(digest<base::sha256_hex>)},
      {.doc =
           {"md5", "md5(text or bytes) -> text",
            "MD5 of the bytes, as 32 hex digits; for agreement with other systems, not for safety.",
            "md5('abc')", "900150983cd24fb0d6963f7d28e17f72", "0.1"},
       .least = 1,
       .most = 1,
       .signatures = digest_signatures(digest<base::md5_hex>)},
      {.doc = {"uuid_from", "uuid_from(any, ...) -> uuid",
               "A UUID (version 8) from the SHA-256 of the arguments in their canonical encoding: "
               "each value as tag, "
               "length, colon, text (7 is x1:7, 'a' is t1:a, NULL is -). The same values give the "
               "same "
               "id everywhere.",
               "uuid_from('a', 7)", "494f6de8-83bd-877f-9def-f340e3616c13", "0.1"},
       .least = 1,
       .most = kAnyNumber,
       .resolve = resolve_uuid_from},
      {.doc = {"hash_id", "hash_id(any, ...) -> int64",
               "A number from 0 to 2^63 - 1: the first 8 bytes of the SHA-256 of the same encoding "
               "as uuid_from, "
               "without the highest bit.",
               "hash_id('a', 7)", "5282561733338945407", "0.1"},
       .least = 1,
       .most = kAnyNumber,
       .resolve = resolve_hash_id},
      context_spec("source_table", "The name of the source table of the row.", "source_table()"),
      context_spec("run_id", "The id of the run.", "run_id()"),
  };
}

}  // namespace engine::expr
