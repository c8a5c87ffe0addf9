#include "src/session/session.h"

namespace tracegate::session {

Session::Session(const SessionOptions& options, Judge& judge, Effects& effects)
    : judge_(judge),
      effects_(effects),
      options_(options),
      client_framer_(proto::Direction::kFromClient, options.limits),
      store_framer_(proto::Direction::kFromServer, options.limits),
      log_(options.id, effects) {}

}  // namespace tracegate::session
