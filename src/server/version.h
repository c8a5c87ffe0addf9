// The version of this gateway, as in meson.build.
#pragma once

#include <string_view>

namespace tracegate::server {

inline constexpr std::string_view kVersion = TRACEGATE_VERSION;

}  // namespace tracegate::server
