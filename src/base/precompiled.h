// The precompiled header of every target: standard headers only, so that no layer gains access to a
// third party through it.
#ifndef TRACEGATE_BASE_PRECOMPILED_H
#define TRACEGATE_BASE_PRECOMPILED_H

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#endif
