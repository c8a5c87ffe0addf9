// What a database defines beyond its relations: functions, operators, types and casts, as far as it
// must be known what a name in a statement can mean. Rows of pg_proc, pg_operator, pg_type and
// pg_cast (PostgreSQL documentation, chapter 53 "System Catalogs"), in PostgreSQL's words.
//
// PostgreSQL's own objects (is_builtin) are held only where they compete with others for a meaning:
// every operator, every implicit cast, and those functions whose name another schema has as well.
// What SQL cannot call (triggers, handlers, whatever takes `internal`) is left out, and so are the
// row types of relations and temporary objects.
// Threading: plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tracegate::catalog {

using Oid = std::uint32_t;

// pg_type.oid of what is not a type of values. Fixed numbers (include/catalog/pg_type.dat).
inline constexpr Oid kNoType = 0;         // the left side of a prefix operator
inline constexpr Oid kUnknownType = 705;  // a string literal before it has a type
inline constexpr Oid kAnyType = 2276;

// Objects made by initdb have smaller ones (FirstNormalObjectId, access/transam.h).
inline constexpr Oid kFirstNormalObject = 16384;

enum class FunctionKind : std::uint8_t { kFunction, kProcedure, kAggregate, kWindow };
enum class Volatility : std::uint8_t { kImmutable, kStable, kVolatile };

struct Function {
  Oid oid = 0;
  std::string schema;
  std::string name;
  FunctionKind kind = FunctionKind::kFunction;
  Volatility volatility = Volatility::kVolatile;
  bool leakproof = false;
  bool security_definer = false;
  bool is_builtin = false;
  bool variadic = false;            // the last argument is an array of any number of arguments
  std::uint16_t default_count = 0;  // of the last arguments, which a call may leave out
  std::vector<Oid> arguments;       // IN, INOUT and VARIADIC, in order
  std::vector<Oid> results;         // RETURNS, and every OUT, INOUT and TABLE column
  std::string extension;            // that it belongs to; empty: none
  std::string signature;            // "public.length(integer)", as an error message names it
};

struct Operator {
  Oid oid = 0;
  std::string schema;
  std::string symbol;
  Oid left = kNoType;  // kNoType: a prefix operator
  Oid right = kNoType;
  Oid result = kNoType;
  bool is_builtin = false;
  // Of the function that it calls.
  Volatility volatility = Volatility::kVolatile;
  bool security_definer = false;
  std::string extension;
  std::string signature;  // "public.+(text, text)"
};

enum class TypeKind : std::uint8_t {
  kBase,
  kComposite,
  kDomain,
  kEnum,
  kRange,
  kMultirange,
  kPseudo
};

struct Type {
  Oid oid = 0;
  std::string schema;
  std::string name;
  TypeKind kind = TypeKind::kBase;
  // What its values hold: an array's element, a domain's base type, a (multi)range's subtype.
  // kNoType for all others.
  Oid inner = kNoType;
  std::vector<Oid> fields;  // of a composite type, their types
  // PostgreSQL takes a string literal for a value of it rather than of another type that fits: a
  // preferred type of category S, like text.
  bool attracts_literals = false;
  std::string extension;
  std::vector<std::string> labels = {};  // of an enum, in its order
};

enum class CastContext : std::uint8_t { kExplicit, kAssignment, kImplicit };

struct Cast {
  Oid source = kNoType;
  Oid target = kNoType;
  CastContext context = CastContext::kExplicit;
  bool is_builtin = false;
  // Of the function that it calls; empty where it calls none, or I/O functions of the two types.
  std::string function_schema;
  std::string function_name;
  std::string extension;  // that the cast or its function belongs to
  bool security_definer = false;
  Volatility volatility = Volatility::kImmutable;
  std::string signature;  // "cast from integer to text"
};

struct Definitions {
  std::vector<Function> functions;
  std::vector<Operator> operators;
  std::vector<Type> types;  // not PostgreSQL's own
  std::vector<Cast> casts;  // not PostgreSQL's own, and its implicit ones
};

}  // namespace tracegate::catalog
