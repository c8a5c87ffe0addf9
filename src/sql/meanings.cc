#include "src/sql/meanings.h"

#include <algorithm>
#include <tuple>

#include "src/sql/builtins.h"
#include "src/sql/parse_tree.h"

namespace tracegate::sql {
namespace {

constexpr std::string_view kSystemSchema = "pg_catalog";
constexpr Oid kText = 25;
constexpr int kMaxNesting = 32;  // of domains over arrays over domains ...

bool is_builtin_oid(Oid type) {
  return type < catalog::kFirstNormalObject;
}

// The types of PostgreSQL's own that stand for any type of values, of a certain shape or at all.
bool is_polymorphic(Oid type) {
  constexpr Oid kPolymorphic[] = {2276, 2277, 2283, 2776, 3500, 3831,
                                  4537, 4538, 5077, 5078, 5079, 5080};
  return std::find(std::begin(kPolymorphic), std::end(kPolymorphic), type) !=
         std::end(kPolymorphic);
}

std::string qualified(std::string_view schema, std::string_view name) {
  return quoted_part(schema) + "." + quoted_part(name);
}

bool same(const UserDefined& a, const UserDefined& b) {
  return a.kind == b.kind && a.signature == b.signature && a.explains == b.explains;
}

}  // namespace

void Meanings::begin(const catalog::Catalog& catalog, std::span<const std::string> search_path) {
  catalog_ = &catalog;
  search_path_ = search_path;
  uses_.clear();
  types_.clear();
  cast_targets_.clear();
  written_.clear();
  reach_.clear();
  reaches_everything_ = writes_anything_ = false;
}

bool Meanings::is_ambiguous_function(std::string_view name) const {
  return !catalog_->functions(name).empty();
}

bool Meanings::is_ambiguous_operator(std::string_view symbol) const {
  return !catalog_->operators(symbol).empty();
}

void Meanings::use_function(std::string_view schema, std::string_view name,
                            const std::vector<Oid>* operands) {
  if (!is_ambiguous_function(name)) return;
  Use use{false, operands != nullptr, schema, name, {}};
  if (operands != nullptr) use.operands = *operands;
  uses_.insert(std::move(use));
}

void Meanings::use_operator(std::string_view schema, std::string_view symbol, Oid left, Oid right) {
  if (is_ambiguous_operator(symbol)) uses_.insert({true, true, schema, symbol, {left, right}});
}

void Meanings::use_type(std::string_view schema, std::string_view name) {
  if (catalog_->definitions().types.empty() && catalog_->calling_casts().empty()) return;
  const Oid type = find_type(schema, name);
  if (type == kNoType) return;
  cast_targets_.insert(innermost(type));
  if (is_builtin_oid(type)) return;
  types_.emplace(schema, name);
  reach(type);
}

std::vector<std::string_view> Meanings::path() const {
  std::vector<std::string_view> schemas(search_path_.begin(), search_path_.end());
  if (std::find(schemas.begin(), schemas.end(), kSystemSchema) == schemas.end())
    schemas.insert(schemas.begin(), kSystemSchema);
  return schemas;
}

Oid Meanings::find_type(std::string_view schema, std::string_view name) const {
  const auto in_schema = [&](std::string_view each) {
    if (each == kSystemSchema)
      if (const Oid builtin = builtin_type(name); builtin != kNoType) return builtin;
    const catalog::Type* type = catalog_->find_type(each, name);
    return type == nullptr ? kNoType : type->oid;
  };
  if (!schema.empty()) return in_schema(schema);
  if (const Oid builtin = builtin_type(name); builtin != kNoType)
    if (std::find(search_path_.begin(), search_path_.end(), kSystemSchema) == search_path_.end())
      return builtin;  // mostly
  for (const std::string_view each : path())
    if (const Oid type = in_schema(each); type != kNoType) return type;
  return kNoType;
}

void Meanings::read_type(Oid type) {
  reach(type);
}

void Meanings::write_type(Oid type) {
  if (type == kAnyType) writes_anything_ = true;
  written_.insert(innermost(type));
  reach(type);
}

bool Meanings::is_visible(std::string_view schema, const Use& use) const {
  if (!use.schema.empty()) return schema == use.schema;
  return schema == kSystemSchema ||
         std::find(search_path_.begin(), search_path_.end(), schema) != search_path_.end();
}

bool Meanings::precedes_system_schema(std::string_view schema) const {
  const std::vector<std::string_view> schemas = path();
  return std::find(schemas.begin(), schemas.end(), schema) <
         std::find(schemas.begin(), schemas.end(), kSystemSchema);
}

Oid Meanings::without_domain(Oid type) const {
  for (int depth = 0; depth < kMaxNesting && !is_builtin_oid(type); ++depth) {
    const catalog::Type* definition = catalog_->find_type(type);
    if (definition == nullptr || definition->kind != catalog::TypeKind::kDomain) break;
    type = definition->inner;
  }
  return type;
}

Oid Meanings::innermost(Oid type) const {
  for (int depth = 0; depth < kMaxNesting && !is_builtin_oid(type); ++depth) {
    const catalog::Type* definition = catalog_->find_type(type);
    if (definition == nullptr || definition->inner == kNoType) break;
    type = definition->inner;
  }
  return type;
}

// Whether a value of `type` can occur in the statement.
bool Meanings::in_reach(Oid type) const {
  if (reaches_everything_) return true;
  const Oid inner = innermost(type);
  if (is_builtin_oid(inner)) return true;
  const catalog::Type* definition = catalog_->find_type(inner);
  // Rows of any kind become rows of another by themselves; and so do literals.
  return definition == nullptr || definition->kind == catalog::TypeKind::kComposite ||
         definition->kind == catalog::TypeKind::kPseudo || definition->attracts_literals ||
         reach_.contains(inner);
}

// Values of `type` occur. Whether that is news.
bool Meanings::reach(Oid type) {
  const Oid inner = innermost(type);
  if (reaches_everything_ || (is_builtin_oid(inner) && inner != kAnyType)) return false;
  const catalog::Type* definition = catalog_->find_type(inner);
  if (definition == nullptr) {
    reaches_everything_ = true;  // the row of a relation, or something new
    return true;
  }
  if (!reach_.insert(inner).second) return false;
  for (const Oid field : definition->fields) reach(field);
  return true;
}

// Whether PostgreSQL casts values of the type as pg_cast says and in no other way: neither rows nor
// arrays nor ranges, and known.
bool Meanings::is_scalar(Oid type) const {
  if (is_builtin_oid(type)) return is_plain_type(type);
  const catalog::Type* definition = catalog_->find_type(type);
  return definition != nullptr && definition->inner == kNoType &&
         (definition->kind == catalog::TypeKind::kBase ||
          definition->kind == catalog::TypeKind::kEnum);
}

// Whether an operand can become the declared type by itself. It is a literal, of some type, or of a
// certain one.
bool Meanings::takes(Oid declared, Oid operand) const {
  if (operand == kUnknownType) return true;
  const Oid given = without_domain(operand);
  if (!is_scalar(given)) return in_reach(declared);
  const Oid wanted = without_domain(declared);
  return wanted == given || is_polymorphic(wanted) || catalog_->casts_implicitly(given, wanted);
}

// Argument 4: whether `rival`, PostgreSQL's own, is preferred wherever `declared` fits.
bool Meanings::is_rival(std::span<const Oid> rival, std::span<const Oid> declared,
                        std::span<const Oid> operands) const {
  if (rival.size() != operands.size() || declared.size() != operands.size()) return false;
  bool better = false;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (operands[i] != kUnknownType) {
      if (rival[i] != declared[i]) return false;
      continue;
    }
    if (rival[i] != kText) return false;
    const catalog::Type* type = catalog_->find_type(declared[i]);
    if (declared[i] != kText && !(type != nullptr && type->attracts_literals)) better = true;
  }
  return better;
}

bool Meanings::loses_to_text(const Use& use, std::span<const Oid> declared,
                             std::span<const Oid> operands) const {
  if (!use.schema.empty()) return false;  // then PostgreSQL's own are not among the candidates
  if (use.is_operator) {
    for (const catalog::Operator& each : catalog_->operators(use.name)) {
      const Oid rival[] = {each.left, each.right};
      if (each.is_builtin && is_rival(rival, declared, operands)) return true;
    }
    return false;
  }
  for (const catalog::Function& each : catalog_->functions(use.name))
    if (each.is_builtin && each.schema == kSystemSchema && !each.variadic &&
        is_rival(each.arguments, declared, operands))
      return true;
  return false;
}

// Whether operands of these types may lead to an object that declares those; `ruled_out` adds what
// is known beyond each operand alone. An undecided operand may be either of two.
template <typename RuledOut>
bool Meanings::possible(std::span<const Oid> declared, const std::vector<Oid>& operands,
                        RuledOut ruled_out) const {
  constexpr std::size_t kMaxUndecided = 4;
  std::vector<std::size_t> undecided;
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i] == kUndecidedType) undecided.push_back(i);
  if (undecided.size() > kMaxUndecided) return true;
  std::vector<Oid> decided = operands;
  for (std::size_t choice = 0; choice < std::size_t{1} << undecided.size(); ++choice) {
    for (std::size_t i = 0; i < undecided.size(); ++i)
      decided[undecided[i]] = (choice >> i & 1) != 0 ? kUnknownType : kAnyType;
    bool fits = true;
    for (std::size_t i = 0; fits && i < decided.size(); ++i)
      fits = decided[i] == kNoType || takes(declared[i], decided[i]);
    if (fits && !ruled_out(declared, decided)) return true;
  }
  return false;
}

// Argument 1: whether there is another operator of exactly these types. A domain is another type
// than its base, which comes second.
bool Meanings::loses_to_exact(const Use& use, const catalog::Operator& candidate, Oid left,
                              Oid right) const {
  if (left == kUnknownType) left = right;
  if (right == kUnknownType) right = left;
  if (left == kAnyType || right == kAnyType || right == kUnknownType) return false;
  const Oid base_left = without_domain(left);
  const Oid base_right = without_domain(right);
  const auto names = [](Oid declared, Oid type, Oid base) {
    return base != type && declared == type;
  };
  if ((candidate.left == left && candidate.right == right) ||
      names(candidate.left, left, base_left) || names(candidate.right, right, base_right))
    return false;
  const auto all = catalog_->operators(use.name);
  return std::any_of(all.begin(), all.end(), [&](const catalog::Operator& each) {
    return is_visible(each.schema, use) &&
           ((each.left == left && each.right == right) ||
            (each.is_builtin && each.left == base_left && each.right == base_right));
  });
}

// Of two that declare the same types, the one in the earlier schema hides the other.
bool Meanings::is_hidden(const Use& use, const catalog::Operator& candidate) const {
  const auto all = catalog_->operators(use.name);
  return use.schema.empty() && !precedes_system_schema(candidate.schema) &&
         candidate.schema != kSystemSchema &&
         std::any_of(all.begin(), all.end(), [&](const catalog::Operator& each) {
           return each.is_builtin && each.left == candidate.left && each.right == candidate.right;
         });
}

bool Meanings::is_hidden(const Use& use, const catalog::Function& function) const {
  const auto all = catalog_->functions(use.name);
  return use.schema.empty() && !precedes_system_schema(function.schema) && !function.variadic &&
         function.default_count == 0 && function.schema != kSystemSchema &&
         std::any_of(all.begin(), all.end(), [&](const catalog::Function& each) {
           return each.is_builtin && each.schema == kSystemSchema && !each.variadic &&
                  each.arguments == function.arguments;
         });
}

bool Meanings::may_mean(const Use& use, const catalog::Operator& candidate) const {
  if (candidate.is_builtin || !is_visible(candidate.schema, use) || is_hidden(use, candidate))
    return false;
  const bool is_prefix = use.operands[0] == kNoType;
  if (is_prefix != (candidate.left == kNoType)) return false;
  const Oid declared[] = {candidate.left, candidate.right};
  return possible(declared, use.operands,
                  [&](std::span<const Oid> types, std::span<const Oid> operands) {
                    return loses_to_exact(use, candidate, operands[0], operands[1]) ||
                           loses_to_text(use, types, operands);
                  });
}

bool Meanings::may_mean(const Use& use, const catalog::Function& function) const {
  if (function.is_builtin || !is_visible(function.schema, use) || is_hidden(use, function))
    return false;
  // The arguments of CALL count OUT parameters.
  if (!use.positional || function.kind == catalog::FunctionKind::kProcedure) return true;
  const std::size_t given = use.operands.size();
  std::vector<Oid> declared = function.arguments;
  if (function.variadic && given + 1 >= declared.size() && !declared.empty()) {
    declared.back() = kAnyType;  // its elements, whatever they are
    declared.resize(given, kAnyType);
  }
  if (given > declared.size() || given + function.default_count < declared.size()) return false;
  declared.resize(given);
  return possible(declared, use.operands,
                  [&](std::span<const Oid> types, std::span<const Oid> operands) {
                    return loses_to_text(use, types, operands);
                  });
}

bool Meanings::widen_by_uses(std::size_t& work) {
  bool changed = false;
  for (const Use& use : uses_) {
    if (use.is_operator) {
      const auto candidates = catalog_->operators(use.name);
      work += candidates.size();
      for (const catalog::Operator& each : candidates)
        if (may_mean(use, each) && reach(each.result)) changed = true;
      continue;
    }
    const auto candidates = catalog_->functions(use.name);
    work += candidates.size() * (use.operands.size() + 1);
    for (const catalog::Function& each : candidates) {
      if (!may_mean(use, each)) continue;
      for (const Oid result : each.results)
        if (!is_builtin_oid(result) && reach(result)) changed = true;
    }
  }
  return changed;
}

bool Meanings::widen_by_casts() {
  bool changed = false;
  for (const std::size_t i : catalog_->widening_casts()) {
    const catalog::Cast& cast = catalog_->definitions().casts[i];
    if (in_reach(cast.source) && reach(cast.target)) changed = true;
  }
  return changed;
}

// What can occur brings further meanings into reach, and these further types.
void Meanings::widen(std::size_t& work) {
  bool changed = true;
  while (changed) {
    changed = widen_by_casts();
    if (widen_by_uses(work)) changed = true;
  }
}

bool Meanings::may_run(const catalog::Cast& cast) const {
  const Oid source = innermost(cast.source);
  const Oid target = innermost(cast.target);
  if (!in_reach(source) || !in_reach(target)) return false;
  // Part of the type, like its input function.
  if (!cast.extension.empty() && !cast.security_definer)
    for (const Oid side : {source, target})
      if (const catalog::Type* type = catalog_->find_type(side); type != nullptr)
        if (type->extension == cast.extension) return false;
  if (cast_targets_.contains(target) || cast.context == catalog::CastContext::kImplicit)
    return true;
  return cast.context == catalog::CastContext::kAssignment &&
         (writes_anything_ || written_.contains(target));
}

void Meanings::report_uses(Statement& out) const {
  for (const Use& use : uses_) {
    const std::string written =
        use.schema.empty() ? (use.is_operator ? std::string(use.name) : quoted_part(use.name))
        : use.is_operator  ? quoted_part(use.schema) + "." + std::string(use.name)
                           : qualified(use.schema, use.name);
    const auto add = [&](UserDefined each, std::string_view schema, bool has_builtin) {
      if (use.schema.empty() || is_visible(schema, Use{}))
        each.short_name = use.is_operator ? std::string(use.name) : quoted_part(use.name);
      each.name = use.is_operator ? quoted_part(schema) + "." + std::string(use.name)
                                  : qualified(schema, use.name);
      if (!has_builtin) each.explains = written;
      out.user_defined.push_back(std::move(each));
    };
    if (use.is_operator) {
      const auto candidates = catalog_->operators(use.name);
      const bool has_builtin = is_builtin_operator(written);
      for (const catalog::Operator& each : candidates)
        if (may_mean(use, each))
          add({UserDefined::Kind::kOperator,
               {},
               {},
               each.signature,
               each.extension,
               each.security_definer,
               each.volatility == catalog::Volatility::kVolatile,
               {}},
              each.schema, has_builtin);
      continue;
    }
    const auto candidates = catalog_->functions(use.name);
    const bool has_builtin =
        std::any_of(candidates.begin(), candidates.end(), [&](const catalog::Function& each) {
          return each.is_builtin && is_visible(each.schema, use);
        });
    for (const catalog::Function& each : candidates)
      if (may_mean(use, each))
        add({UserDefined::Kind::kFunction,
             {},
             {},
             each.signature,
             each.extension,
             each.security_definer,
             each.volatility == catalog::Volatility::kVolatile,
             {}},
            each.schema, has_builtin);
  }
}

void Meanings::report_types(Statement& out) const {
  for (const auto& [schema, name] : types_) {
    const catalog::Type* type = catalog_->find_type(find_type(schema, name));
    if (type == nullptr) continue;
    UserDefined& each = out.user_defined.emplace_back();
    each.kind = UserDefined::Kind::kType;
    each.name = qualified(type->schema, type->name);
    if (is_visible(type->schema, Use{})) each.short_name = quoted_part(type->name);
    each.signature = each.name;
    each.extension = type->extension;
    each.explains = schema.empty() ? quoted_part(name) : qualified(schema, name);
  }
}

void Meanings::report_casts(Statement& out) const {
  for (const std::size_t i : catalog_->calling_casts()) {
    const catalog::Cast& cast = catalog_->definitions().casts[i];
    if (!may_run(cast)) continue;
    const std::string function = qualified(cast.function_schema, cast.function_name);
    const bool is_builtin =
        cast.function_schema == kSystemSchema && catalog_->functions(cast.function_name).empty();
    if (is_builtin && is_pure_function(function)) continue;
    UserDefined& each = out.user_defined.emplace_back();
    each.kind = UserDefined::Kind::kCast;
    each.name = function;
    if (is_visible(cast.function_schema, Use{})) each.short_name = quoted_part(cast.function_name);
    each.signature = cast.signature;
    each.extension = cast.extension;
    each.security_definer = cast.security_definer;
    each.is_volatile = cast.volatility == catalog::Volatility::kVolatile;
  }
}

bool Meanings::finish(Statement& out, std::size_t& work) {
  if (uses_.empty() && types_.empty() && catalog_->calling_casts().empty()) return false;
  widen(work);
  const std::size_t first = out.user_defined.size();
  report_uses(out);
  report_types(out);
  report_casts(out);
  // One object can be meant by several uses that differ in their operands only.
  const auto begin = out.user_defined.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, out.user_defined.end(), [](const UserDefined& a, const UserDefined& b) {
    return std::tie(a.kind, a.signature, a.explains) < std::tie(b.kind, b.signature, b.explains);
  });
  out.user_defined.erase(std::unique(begin, out.user_defined.end(), same), out.user_defined.end());
  return std::any_of(out.user_defined.begin(), out.user_defined.end(),
                     [](const UserDefined& each) { return each.is_volatile; });
}

}  // namespace tracegate::sql
