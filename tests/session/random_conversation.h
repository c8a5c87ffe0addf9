// Conversations at random, from a seed: every message of a client, valid in itself and in its
// place, in any order and with names that exist, do not exist, or are one in the store though they
// differ.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tracegate::session::testing {

struct ConversationStyle {
  // A text of several statements may use names (EXECUTE, FETCH) that a session has to know before
  // it lets the text through, though PostgreSQL would run what stands before them.
  bool names_in_texts = true;
  bool denied_texts = false;  // "SELECT 9", "INSERT 9" and the like occur
};

// The messages one after another; the last is a Sync.
[[nodiscard]] std::vector<std::string> random_conversation(std::uint32_t seed,
                                                           ConversationStyle style);

}  // namespace tracegate::session::testing
