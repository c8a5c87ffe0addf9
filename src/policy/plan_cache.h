// Plans by what they were made from, least recently used out first. Looking up neither allocates
// nor copies; the hash is keyed at random, so that nobody can craft texts that collide.
//
// Invariant: the text and the types of a Key in the index are those of the plan it leads to, which
// lives as long as the entry. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/policy/plan.h"

namespace tracegate::policy {

class PlanCache {
 public:
  struct Key {
    std::uint64_t hash = 0;  // of all that follows; from make_key()
    std::uint32_t role = 0;
    std::uint32_t upstream = 0;
    std::uint64_t catalog_version = 0;
    std::uint64_t claims = 0;  // SessionClaims::id
    std::string_view text;
    ParameterTypes parameter_types;
    bool operator==(const Key& other) const;
  };

  explicit PlanCache(std::size_t capacity_bytes);

  [[nodiscard]] Key make_key(std::uint32_t role, std::uint32_t upstream,
                             std::uint64_t catalog_version, std::uint64_t claims,
                             std::string_view text, ParameterTypes parameter_types = {}) const;
  // Null if it is not held; else it becomes the most recently used. Borrowed until insert() or
  // clear().
  [[nodiscard]] const PlanRef* find(const Key& key);
  // `plan->text` must equal `key.text`, and the key must not be held. Plans over 1/8 of the
  // capacity are not taken in. Returns how many plans went out for it.
  std::size_t insert(const Key& key, const PlanRef& plan);
  // Whether `key` was shown to this function before and no later key took its slot: the doorkeeper
  // that tells repeated texts from one-off ones.
  [[nodiscard]] bool seen_before(const Key& key);
  void clear(std::size_t capacity_bytes);

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Key key;
    PlanRef plan;
    std::size_t bytes = 0;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept { return key.hash; }
  };

  static constexpr std::size_t kSightings = 8192;  // 64 KiB

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::array<std::uint64_t, 3> seed_;
  std::list<Entry> by_use_;  // most recent first
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> index_;
  std::vector<std::uint64_t> sightings_;
};

}  // namespace tracegate::policy
