#include "src/policy/plan_cache.h"

#include <algorithm>
#include <cstring>

#include "src/base/result.h"
#include "src/crypto/random.h"

namespace tracegate::policy {
namespace {

__extension__ using Wide = unsigned __int128;

// Multiplies to 128 bits and folds the halves: each bit of the result depends on all of both.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* at, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, size);
  return value;
}

std::uint64_t hash_text(const std::array<std::uint64_t, 3>& seed, std::uint64_t start,
                        std::string_view text) {
  std::uint64_t hash = start ^ mix(text.size() ^ seed[0], seed[1]);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 16; at += 16, left -= 16)
    hash = mix(load(at, 8) ^ seed[0], load(at + 8, 8) ^ hash ^ seed[2]);
  const std::size_t first = left < 8 ? left : 8;
  return mix(load(at, first) ^ seed[1], load(at + first, left - first) ^ hash ^ seed[2]);
}

std::size_t bytes_of(const Plan& plan) {
  // The strings that are not short, the nodes of list and map, and the block of the shared_ptr.
  std::size_t bytes = sizeof(Plan) + 256 + plan.text.size() + plan.recorded_text.size() +
                      plan.store_text.size() + plan.pieces.size() * sizeof(sql::CopiedPiece) +
                      plan.parameter_types.size() * sizeof(std::uint32_t);
  if (plan.denial)
    bytes += plan.denial->message.size() + plan.denial->hint.size() + plan.denial->reason.size();
  for (const StatementPlan& statement : plan.statements) {
    bytes += sizeof statement + statement.name.size() + statement.rule.size();
    if (statement.inner) bytes += bytes_of(*statement.inner);
  }
  return bytes;
}

}  // namespace

PlanCache::PlanCache(std::size_t capacity_bytes)
    : capacity_(capacity_bytes), sightings_(kSightings, 0) {
  const auto random = crypto::random_bytes<sizeof seed_>();
  std::memcpy(seed_.data(), random.data(), sizeof seed_);
}

PlanCache::Key PlanCache::make_key(std::uint32_t role, std::uint32_t upstream,
                                   std::uint64_t catalog_version, std::uint64_t claims,
                                   std::string_view text, ParameterTypes parameter_types) const {
  const std::uint64_t place = (std::uint64_t{role} << 32) | upstream;
  std::uint64_t start =
      mix(mix(place ^ seed_[1], catalog_version ^ seed_[2]) ^ seed_[0], claims ^ seed_[1]);
  for (const std::uint32_t type : parameter_types) start = mix(start ^ seed_[2], type ^ seed_[1]);
  return {hash_text(seed_, start, text),
          role,
          upstream,
          catalog_version,
          claims,
          text,
          parameter_types};
}

bool PlanCache::Key::operator==(const Key& other) const {
  return hash == other.hash && role == other.role && upstream == other.upstream &&
         catalog_version == other.catalog_version && claims == other.claims && text == other.text &&
         std::equal(parameter_types.begin(), parameter_types.end(), other.parameter_types.begin(),
                    other.parameter_types.end());
}

const PlanRef* PlanCache::find(const Key& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return &found->second->plan;
}

std::size_t PlanCache::insert(const Key& key, const PlanRef& plan) {
  const std::size_t bytes = bytes_of(*plan);
  if (bytes > capacity_ / 8) return 0;
  std::size_t evicted = 0;
  for (; bytes_ + bytes > capacity_; ++evicted) {
    bytes_ -= by_use_.back().bytes;
    index_.erase(by_use_.back().key);
    by_use_.pop_back();
  }
  Key own = key;
  own.text = plan->text;
  own.parameter_types = plan->parameter_types;
  by_use_.push_front({own, plan, bytes});
  const bool inserted = index_.emplace(own, by_use_.begin()).second;
  TG_CHECK(inserted, "a plan was made for a text whose plan is held");
  bytes_ += bytes;
  return evicted;
}

bool PlanCache::seen_before(const Key& key) {
  std::uint64_t& slot = sightings_[key.hash % kSightings];
  const bool seen = slot == key.hash;
  slot = key.hash;
  return seen;
}

void PlanCache::clear(std::size_t capacity_bytes) {
  index_.clear();
  by_use_.clear();
  bytes_ = 0;
  capacity_ = capacity_bytes;
  sightings_.assign(kSightings, 0);
}

}  // namespace tracegate::policy
