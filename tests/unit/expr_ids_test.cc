#include "expr/ids.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "data/value_text.h"
#include "expr/pieces.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

data::Batch batch_of(std::vector<std::pair<Type, std::vector<const char*>>> columns) {
  data::Batch batch;
  data::Schema schema;
  for (std::size_t at = 0; at < columns.size(); ++at) {
    const auto& [type, texts] = columns[at];
    schema.fields.push_back({"c" + std::to_string(at), type, true});
    data::ColumnBuilder builder(type);
    for (const char* text : texts) {
      if (text == nullptr || !data::append_parsed(builder, text)) builder.append_null();
    }
    batch.rows = texts.size();
    batch.columns.push_back(builder.finish());
  }
  batch.schema = std::make_shared<const data::Schema>(std::move(schema));
  return batch;
}

IdRecipe recipe(std::string table, std::string format, std::vector<Type> types,
                std::string name_space = "") {
  std::string problem;
  IdRecipe made;
  made.table = std::move(table);
  made.name_space = std::move(name_space);
  made.format = parse_id_format(format, problem).value();
  made.key_types = std::move(types);
  return made;
}

/// The ids of a batch as texts; "NULL" for none.
std::vector<std::string> ids(const IdRecipe& how, const data::Batch& batch,
                             std::optional<Type> wanted = std::nullopt) {
  std::vector<NodePtr> key;
  for (std::size_t at = 0; at < batch.columns.size(); ++at) {
    key.push_back(column_node(*batch.schema, at));
  }
  std::string problem;
  const NodePtr node = id_node(how, key, wanted, problem);
  if (node == nullptr) return {problem};
  std::vector<data::RowError> errors;
  const data::ColumnPtr column = evaluate(*node, batch, {}, "id", errors);
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    texts.push_back(column->is_null(row) ? "NULL" : data::value_text(*column, row));
  }
  return texts;
}

const Type kInt = Type::of(Kind::kInt64);
const Type kText = Type::of(Kind::kText);

// The vectors that plans/README.md publishes.
TEST(Ids, PublishedVectors) {
  const data::Batch seven = batch_of({{kInt, {"7"}}});
  EXPECT_EQ(id_prefix(recipe("contacts", "uuid", {kInt}, "prod")),
            "t11:engine-id-1t4:prodt8:contacts");
  EXPECT_EQ(ids(recipe("contacts", "uuid", {kInt}, "prod"), seven),
            std::vector<std::string>{"ee56806a-7d10-86ed-bfec-262097e6be07"});
  EXPECT_EQ(ids(recipe("contacts", "uuid", {kInt}, "prod"), seven, kText),
            std::vector<std::string>{"ee56806a-7d10-86ed-bfec-262097e6be07"});
  EXPECT_EQ(ids(recipe("contacts", "int63", {kInt}, "prod"), seven),
            std::vector<std::string>{"7950683387022337773"});
  EXPECT_EQ(ids(recipe("contacts", "hex16", {kInt}, "prod"), seven),
            std::vector<std::string>{"ee56806a7d10e6ed"});
  EXPECT_EQ(ids(recipe("contacts", "a{hex3}-{hex5}z", {kInt}, "prod"), seven),
            std::vector<std::string>{"aee5-6806az"});
  EXPECT_EQ(
      ids(recipe("rooms", "uuid", {kText, kInt}), batch_of({{kText, {"Süd"}}, {kInt, {"1"}}})),
      std::vector<std::string>{"db741f25-084d-8e49-abe1-a7445ef472c5"});
  IdRecipe hidden = recipe("contacts", "uuid", {kInt}, "prod");
  hidden.hmac = true;
  hidden.key = base::Secret("sesame");
  EXPECT_EQ(ids(hidden, seven), std::vector<std::string>{"39f24b02-df76-8e7a-89eb-0cceb65d65e6"});
}

TEST(Ids, AChildOfAnotherTypeAgrees) {
  const auto parent = ids(recipe("t", "hex32", {kInt}), batch_of({{kInt, {"7", "-1", "120"}}}));
  const IdRecipe how = recipe("t", "hex32", {kInt});
  EXPECT_EQ(ids(how, batch_of({{kText, {"7", " -1 ", "0120"}}})), parent);
  EXPECT_EQ(ids(how, batch_of({{Type::decimal(9, 2), {"7.00", "-1", "120"}}})), parent);
  EXPECT_EQ(ids(how, batch_of({{Type::of(Kind::kNumber), {"7", "-1.0", "12e1"}}})), parent);
  const auto texts = ids(recipe("t", "hex32", {kText}), batch_of({{kText, {"7", "120"}}}));
  EXPECT_EQ(ids(recipe("t", "hex32", {kText}), batch_of({{kInt, {"7", "120"}}})), texts);
}

TEST(Ids, WhatIsNoKeyOfTheParentIsHashedAsText) {
  const auto odd = ids(recipe("t", "hex32", {kInt}), batch_of({{kText, {"seven", nullptr}}}));
  EXPECT_EQ(odd.front(),
            ids(recipe("t", "hex32", {kText}), batch_of({{kText, {"seven"}}})).front());
  EXPECT_EQ(odd.back(), "NULL");
}

TEST(Ids, NamespaceTableAndPartsAreKeptApart) {
  const data::Batch one = batch_of({{kText, {"a"}}, {kText, {"bc"}}});
  const data::Batch other = batch_of({{kText, {"ab"}}, {kText, {"c"}}});
  const std::vector<Type> types = {kText, kText};
  EXPECT_NE(ids(recipe("t", "hex64", types), one), ids(recipe("t", "hex64", types), other));
  EXPECT_NE(ids(recipe("t", "hex64", types), one), ids(recipe("u", "hex64", types), one));
  EXPECT_NE(ids(recipe("t", "hex64", types, "x"), one), ids(recipe("t", "hex64", types), one));
}

TEST(Ids, FormatsAndColumnsThatDoNotGoTogether) {
  std::string problem;
  for (const char* text : {"hex15", "hex65", "hex", "int64", "{hex0}", "{hex65}", "{hex40}{hex25}",
                           "{hex8", "UUID", "hex16x"}) {
    EXPECT_FALSE(parse_id_format(text, problem)) << text;
  }
  EXPECT_EQ(ids(recipe("t", "uuid", {kInt}), batch_of({{kInt, {"1"}}}), kInt),
            std::vector<std::string>{"the id is uuid, the column is int64"});
}

// FIPS 180-4 examples and RFC 4231, cases 1, 2 and 6; and the lengths around a block.
TEST(Ids, Digests) {
  EXPECT_EQ(base::sha256_hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base::sha256_hex(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(base::sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(base::sha256_hex(std::string(55, 'a')),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(base::sha256_hex(std::string(56, 'a')),
            "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  EXPECT_EQ(base::sha256_hex(std::string(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  const auto hmac = [](std::string_view key, std::string_view bytes) {
    const base::Sha256 digest = base::HmacSha256(key).of(bytes);
    char text[9];
    std::snprintf(text, sizeof text, "%02x%02x%02x%02x", digest[0], digest[1], digest[2],
                  digest[3]);
    return std::string(text);
  };
  EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"), "b0344c61");
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"), "5bdcc146");
  EXPECT_EQ(
      hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e43159");
}

}  // namespace
}  // namespace engine::expr
