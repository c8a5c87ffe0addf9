#include "tests/mask/masks.h"

namespace tracegate::mask {
namespace {

TEST(ColumnType, OfPostgresqlsOwn) {
  const ColumnType type = type_named("timestamp with time zone");
  EXPECT_EQ(type.type_class, TypeClass::kTimestampTz);
  EXPECT_FALSE(type.is_array);
  EXPECT_EQ(type.wire_type, 1184u);
  EXPECT_EQ(type.sql_name, "pg_catalog.timestamptz");
  EXPECT_EQ(type.capacity, std::nullopt);
  EXPECT_EQ(type_named("point").type_class, TypeClass::kOther);
  EXPECT_EQ(type_named("point").sql_name, "pg_catalog.point");
}

TEST(ColumnType, OfAnArrayIsThatOfItsElements) {
  const ColumnType type = type_named("uuid[]");
  EXPECT_EQ(type.type_class, TypeClass::kUuid);
  EXPECT_TRUE(type.is_array);
  EXPECT_EQ(type.wire_type, 2951u);
  EXPECT_EQ(type.element_type, 2950u);
  EXPECT_EQ(type.sql_name, "pg_catalog.uuid[]");
}

TEST(ColumnType, ModifiersSayWhatThereIsRoomFor) {
  EXPECT_EQ(type_named("character varying(10)").capacity, 10u);
  EXPECT_EQ(type_named("character varying(10)[]").capacity, 10u);
  EXPECT_EQ(type_named("character(5)").capacity, 5u);
  EXPECT_EQ(type_named("numeric(10,2)").capacity, 8u);
  EXPECT_EQ(type_named("numeric(2,5)").capacity, 0u);
  EXPECT_EQ(type_named("numeric(5,-2)").capacity, 7u);
  EXPECT_EQ(type_named("numeric").capacity, std::nullopt);
  EXPECT_EQ(type_named("timestamp with time zone").capacity, std::nullopt);
  EXPECT_EQ(type_named("character varying(10)").sql_name, "pg_catalog.varchar");
}

TEST(ColumnType, ADomainIsWhatItIsOver) {
  const ColumnType type = type_named("app.shorter");
  EXPECT_EQ(type.type_class, TypeClass::kText);
  EXPECT_EQ(type.wire_type, 25u);
  EXPECT_EQ(type.sql_name, "pg_catalog.text");
  const ColumnType array = type_named("app.ages");
  EXPECT_EQ(array.type_class, TypeClass::kInt4);
  EXPECT_TRUE(array.is_array);
  EXPECT_EQ(array.sql_name, "pg_catalog.int4[]");
}

TEST(ColumnType, AnArrayOfADomainIsNothingThatCanBeMadeUp) {
  const ColumnType type = type_named("app.short[]");
  EXPECT_EQ(type.type_class, TypeClass::kOther);
  EXPECT_TRUE(type.is_array);
  EXPECT_EQ(type.sql_name, "app.short[]");
}

TEST(ColumnType, OfTheStoresOwn) {
  const ColumnType citext = type_named("app.citext[]");
  EXPECT_EQ(citext.type_class, TypeClass::kText);
  EXPECT_EQ(citext.sql_name, "app.citext[]");
  const ColumnType mood = type_named("app.mood");
  EXPECT_EQ(mood.type_class, TypeClass::kEnum);
  EXPECT_EQ(mood.labels, (std::vector<std::string>{"sad", "so so", "happy"}));
  EXPECT_EQ(type_named("app.pair").type_class, TypeClass::kComposite);
}

TEST(ColumnType, WhatTheCatalogDoesNotHaveKeepsItsName) {
  const ColumnType type = type_named("app.traces");
  EXPECT_EQ(type.type_class, TypeClass::kOther);
  EXPECT_EQ(type.sql_name, "app.traces");
}

TEST(ColumnType, OfADomainOverAnUnknownTypeNothingIsKnown) {
  catalog::Definitions definitions;
  definitions.types.resize(1);
  definitions.types[0] = {20'000, "app", "odd", catalog::TypeKind::kDomain, 12'345, {}, false, {}};
  const auto catalog = catalog::Catalog::build(1, {}, std::move(definitions));
  catalog::Column column;
  column.type_oid = 20'000;
  column.type_name = "app.odd";
  const ColumnType type = type_of(column, *catalog);
  EXPECT_EQ(type.sql_name, "");
  const auto mask = make_mask(redact(), type, nullptr, nullptr);
  ASSERT_FALSE(mask.ok());
  EXPECT_EQ(mask.error().message,
            "nothing is known of the column's type, so that no mask serves it");
}

}  // namespace
}  // namespace tracegate::mask
