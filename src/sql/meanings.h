// What the names in a statement can mean beside PostgreSQL's own objects: overloads of built-in
// functions and operators, what extensions define, casts.
//
// PostgreSQL chooses by the types of arguments among all objects of a name in the schemas of the
// search path (parser/parse_oper.c, parser/parse_func.c; documentation, chapter 10 "Type
// Conversion"). Types are not computed here; of an operand it is known that it has a certain type
// (a column, a cast, a number), that it is a string literal without a type (kUnknownType), that it
// is of some type (kAnyType), or that it is either (kUndecidedType: a parameter). An object is
// ruled out if it cannot be chosen, by one of these arguments:
//
// 1. Exact match. PostgreSQL takes an operator of exactly the operands' types, the one in the first
//    schema of the path, and of one literal it first presumes the type of the other operand. So
//    `id = 5` is PostgreSQL's own if it has an = for the two types.
// 2. Reach. A value of a type T that is not PostgreSQL's own can only come from a column that the
//    statement reads or writes, from a cast or a declaration that names T, from a function or
//    operator that returns T, or from an implicit cast to T out of a type that can occur. If none
//    of these is in the statement, nothing with a type is a T, and what takes a T is not meant.
//    Arrays, domains and ranges of T count as T; rows may hold anything. (The types of parameters
//    that clients declare in Parse are checked by the session.)
// 3. Implicit casts. An operand of a scalar type is taken for another type only if pg_cast
//    has an implicit cast.
// 4. Literals are text. A literal can become anything; but where several objects remain, and one
//    takes a type of the string category for the literal, those that do not are dropped, and then
//    those that take another string type than the preferred one, text (func_select_candidate). So
//    an overload is not meant if PostgreSQL has an object of the same name that takes text for each
//    literal, and the same type as the overload for everything else.
//
// Whatever remains may be meant, and is reported. Too much may be reported, never too little.
//
// A cast function is reported if values of its two types can occur and the statement has a place
// for the cast: a cast that names its target, a written column of its target, or anything at all
// for an implicit one. Casts of an extension to or from its own types are part of the type, as
// input functions are: who may use a column of the type may run them.
//
// Threading: one thread. Names are borrowed from the parse tree until finish().
#pragma once

#include <compare>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "src/catalog/catalog.h"
#include "src/sql/analysis.h"

namespace tracegate::sql {

using catalog::kAnyType;
using catalog::kNoType;
using catalog::kUnknownType;
using catalog::Oid;

// A parameter: a literal, or of any type of PostgreSQL's own.
inline constexpr Oid kUndecidedType = ~Oid{0};

class Meanings {
 public:
  void begin(const catalog::Catalog& catalog, std::span<const std::string> search_path);

  // Whether any schema has an object of this name that is not PostgreSQL's own; if not, nothing
  // need be told about its uses.
  [[nodiscard]] bool is_ambiguous_function(std::string_view name) const;
  [[nodiscard]] bool is_ambiguous_operator(std::string_view symbol) const;

  // A call or an operator as written; an empty schema: none is. Of a prefix operator the left
  // operand is kNoType. Null operands: they are not positional (named, VARIADIC, WITHIN GROUP).
  void use_function(std::string_view schema, std::string_view name,
                    const std::vector<Oid>* operands);
  void use_operator(std::string_view schema, std::string_view symbol, Oid left, Oid right);
  // A type that a cast, a declaration or a call of its name names.
  void use_type(std::string_view schema, std::string_view name);
  // The Oid that the name stands for; kNoType if it is not known.
  [[nodiscard]] Oid find_type(std::string_view schema, std::string_view name) const;

  // Columns that are read, columns that are written. kAnyType: not known which.
  void read_type(Oid type);
  void write_type(Oid type);

  // Appends to out.user_defined; whether any of it is volatile. The number of steps that it took
  // is added to `work`.
  bool finish(Statement& out, std::size_t& work);

 private:
  struct Use {
    bool is_operator = false;
    bool positional = true;
    std::string_view schema;
    std::string_view name;
    std::vector<Oid> operands;
    auto operator<=>(const Use&) const = default;
  };

  [[nodiscard]] bool is_visible(std::string_view schema, const Use& use) const;
  [[nodiscard]] std::vector<std::string_view> path() const;
  [[nodiscard]] bool precedes_system_schema(std::string_view schema) const;
  [[nodiscard]] Oid without_domain(Oid type) const;
  [[nodiscard]] Oid innermost(Oid type) const;
  [[nodiscard]] bool in_reach(Oid type) const;
  bool reach(Oid type);
  [[nodiscard]] bool is_scalar(Oid type) const;
  [[nodiscard]] bool takes(Oid declared, Oid operand) const;

  [[nodiscard]] bool is_hidden(const Use& use, const catalog::Function& function) const;
  [[nodiscard]] bool is_hidden(const Use& use, const catalog::Operator& candidate) const;
  [[nodiscard]] bool may_mean(const Use& use, const catalog::Function& function) const;
  [[nodiscard]] bool may_mean(const Use& use, const catalog::Operator& candidate) const;
  template <typename RuledOut>
  [[nodiscard]] bool possible(std::span<const Oid> declared, const std::vector<Oid>& operands,
                              RuledOut ruled_out) const;
  [[nodiscard]] bool loses_to_exact(const Use& use, const catalog::Operator& candidate, Oid left,
                                    Oid right) const;
  [[nodiscard]] bool loses_to_text(const Use& use, std::span<const Oid> declared,
                                   std::span<const Oid> operands) const;
  [[nodiscard]] bool is_rival(std::span<const Oid> rival, std::span<const Oid> declared,
                              std::span<const Oid> operands) const;

  void widen(std::size_t& work);
  bool widen_by_uses(std::size_t& work);
  bool widen_by_casts();
  [[nodiscard]] bool may_run(const catalog::Cast& cast) const;
  void report_uses(Statement& out) const;
  void report_types(Statement& out) const;
  void report_casts(Statement& out) const;

  const catalog::Catalog* catalog_ = nullptr;
  std::span<const std::string> search_path_;
  std::set<Use> uses_;
  std::set<std::pair<std::string_view, std::string_view>> types_;
  std::set<Oid> cast_targets_;  // innermost types that are named
  std::set<Oid> written_;       // innermost types of columns that are written
  std::set<Oid> reach_;         // innermost types that are not PostgreSQL's own
  bool reaches_everything_ = false;
  bool writes_anything_ = false;
};

}  // namespace tracegate::sql
