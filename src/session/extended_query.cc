// The client's messages of the extended query protocol: names resolved, plans judged.
#include <algorithm>
#include <iterator>

#include "proto_pg/frontend.h"
#include "src/session/refusals.h"
#include "src/session/session.h"

namespace tracegate::session {

namespace {

// A value of a declared type goes through that type's input function before any text is judged by
// it: types of others (a domain's check) run code of others; reg* types and aclitem look names up
// in the catalog, and so do the rows of catalogs, which have columns of such types. These are the
// base, range and multirange types of pg_type.dat that only look at the value, and their arrays.
bool is_harmless_type(proto::Oid type) {
  constexpr proto::Oid kHarmless[] = {
      0,    16,   17,   18,   19,   20,   21,   22,   23,   25,   26,   27,   29,   30,
      114,  142,  143,  199,  271,  600,  601,  602,  603,  604,  628,  629,  650,  651,
      700,  701,  718,  719,  774,  775,  790,  791,  829,  869,  1000, 1001, 1002, 1003,
      1005, 1006, 1007, 1009, 1010, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020,
      1021, 1022, 1027, 1028, 1040, 1041, 1042, 1043, 1082, 1083, 1114, 1115, 1182, 1183,
      1184, 1185, 1186, 1187, 1231, 1266, 1270, 1560, 1561, 1562, 1563, 1700, 1790, 2201,
      2949, 2950, 2951, 2970, 3220, 3221, 3614, 3615, 3643, 3645, 3802, 3807, 3904, 3905,
      3906, 3907, 3908, 3909, 3910, 3911, 3912, 3913, 3926, 3927, 4072, 4073, 4451, 4532,
      4533, 4534, 4535, 4536, 5038, 5039, 5069, 6150, 6151, 6152, 6153, 6155, 6157};
  // PostgreSQL itself refuses the pseudo-types; "unknown" is how some drivers say that they do not
  // know.
  constexpr proto::Oid kUnknown = 705;
  return type == kUnknown || std::binary_search(std::begin(kHarmless), std::end(kHarmless), type);
}

}  // namespace

Session::Take Session::take_parse(ByteView body, Instant now) {
  proto::Parse parse;
  if (auto error = proto::decode(body, parse)) return client_fault(error.sqlstate, error.message);
  Pending pending{.kind = Answering::kParse,
                  .name = std::string(as_stored(parse.statement)),
                  .plan = judge_.plan(parse.query, Judge::Origin::kParse, parse.parameter_types)};
  DenialRef denial = denial_of(pending.plan);
  if (!denial && !judge_.unrestricted()) {
    for (const proto::Oid type : parse.parameter_types)
      if (!is_harmless_type(type)) denial = parameter_type_refused(type);
  }
  if (!denial && !parse.statement.empty() &&
      !has_room(NameSpace::kStatements, 1, held_by(pending.plan)))
    denial = too_many_names();
  if (denial) return deny(std::move(pending), std::move(denial), journal::Via::kExtended, now);
  const bool rewritten = !pending.plan->store_text.empty();
  if (rewritten) {
    parse.query = pending.plan->store_text;
    proto::encode(parse, generate());
  }
  pending_.push(std::move(pending));
  return rewritten ? Take::kRewrite : Take::kForward;
}

Session::Take Session::take_bind(const proto::FrameHeader& header, ByteView body, Instant now) {
  proto::BindHead bind;
  if (header.body_length <= options_.limits.hold_bind) {
    if (auto error = proto::decode(body, bind_)) return client_fault(error.sqlstate, error.message);
    bind = {.portal = bind_.portal, .statement = bind_.statement};
  } else {
    proto::DecodeError error;
    switch (proto::decode_head(body, header.body_length, bind, error)) {
      case proto::HeadStatus::kComplete:
        break;
      case proto::HeadStatus::kNeedMore:
        return Take::kWait;
      case proto::HeadStatus::kError:
        return client_fault(error.sqlstate, error.message);
    }
  }
  Resolution statement = look_up(NameSpace::kStatements, bind.statement);
  if (statement.state == Resolution::State::kUnsettled) return wait_for_name();
  Pending pending{.kind = Answering::kBind, .name = std::string(as_stored(bind.portal))};
  DenialRef denial;
  if (statement.state == Resolution::State::kUnknown) {
    pending.plan = opaque_plan(judge_.version(), sql::StatementClass::kUnknown);
    if (!judge_.unrestricted()) denial = no_such_statement(bind.statement);
    pending.unknown_name = denial != nullptr;
  } else {
    pending.plan = std::move(statement.plan);
    denial = denial_of(pending.plan);
  }
  if (!denial) {
    const bool was_decoded = header.body_length <= options_.limits.hold_bind;
    if (!bind_masks(pending, was_decoded ? &bind_ : nullptr, denial)) return wait_for_name();
  }
  if (!denial && !bind.portal.empty() && !has_room(NameSpace::kPortals, 1, held_by(pending.plan)))
    denial = too_many_names();
  if (denial) return deny(std::move(pending), std::move(denial), journal::Via::kExtended, now);
  // The store plans at Bind, and what it evaluates then must be on record. That is what the Execute
  // behind it brings; until something follows, a Bind can wait, for the store would not answer yet.
  // (Of one that is streamed what follows is not seen.)
  const bool streamed = header.total() > proto::FrameHeader::kSize + body.size();
  const Following following = streamed ? Following::kOther : following_bind(bind.portal);
  if (following == Following::kNotYetKnown) return Take::kWait;
  if (following == Following::kOther)
    start_running(pending, journal::Via::kBind, pending.plan->writes, now);
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Following Session::following_bind(std::string_view portal) const {
  constexpr std::size_t kMostDescribes = 4;
  ByteView rest = behind_;
  for (std::size_t i = 0; i <= kMostDescribes; ++i) {
    // Once the pipeline is full a Flush is put in between.
    if (pending_.size() + i + 1 >= options_.max_pipeline ||
        pending_.held_bytes() >= options_.max_pipeline_text.value)
      return Following::kOther;
    proto::FrameHeader header;
    proto::DecodeError error;
    switch (client_framer_.peek(rest, header, error)) {
      case proto::PeekStatus::kNeedMore:
        return Following::kNotYetKnown;
      case proto::PeekStatus::kPartialStreamable:
      case proto::PeekStatus::kError:
        return Following::kOther;
      case proto::PeekStatus::kWhole:
        break;
    }
    if (header.frontend() == proto::FrontendType::kExecute) {
      proto::Execute execute;
      const bool malformed =
          static_cast<bool>(proto::decode(proto::body_of(rest, header), execute));
      return !malformed && as_stored(execute.portal) == as_stored(portal) ? Following::kExecute
                                                                          : Following::kOther;
    }
    if (header.frontend() != proto::FrontendType::kDescribe) return Following::kOther;
    rest = rest.subspan(header.total());
  }
  return Following::kOther;
}

// A name that the session does not know goes to the store all the same: what it would describe is
// not data, and the store's own refusal is the right one.
Session::Take Session::take_describe(ByteView body, Instant now) {
  proto::Describe describe;
  if (auto error = proto::decode(body, describe))
    return client_fault(error.sqlstate, error.message);
  const Resolution found = look_up(
      describe.target == proto::Target::kStatement ? NameSpace::kStatements : NameSpace::kPortals,
      describe.name);
  if (found.state == Resolution::State::kUnsettled) return wait_for_name();
  Pending pending{.kind = Answering::kDescribe};
  if (found.state == Resolution::State::kKnown) {
    DenialRef denial = denial_of(found.plan);
    if (denial) pending.plan = found.plan;
    if (!denial && !describe_masks(pending, describe, found, denial)) return wait_for_name();
    if (denial) return deny(std::move(pending), std::move(denial), journal::Via::kExtended, now);
  }
  pending_.push(std::move(pending));
  return Take::kForward;
}

Session::Take Session::take_execute(ByteView body, Instant now) {
  proto::Execute execute;
  if (auto error = proto::decode(body, execute)) return client_fault(error.sqlstate, error.message);
  Resolution portal = look_up(NameSpace::kPortals, execute.portal);
  if (portal.state == Resolution::State::kUnsettled) return wait_for_name();
  Pending pending{.kind = Answering::kExecute};
  DenialRef denial;
  if (portal.state == Resolution::State::kUnknown) {
    pending.plan = opaque_plan(judge_.version(), sql::StatementClass::kUnknown);
    if (!judge_.unrestricted()) denial = no_such_portal(execute.portal);
    pending.unknown_name = denial != nullptr;
  } else {
    pending.plan = std::move(portal.plan);
    pending.bound = std::move(portal.bound);
    denial = denial_of(pending.plan);
  }
  NameCheck names;
  if (!denial) {
    names = check_names(*pending.plan);
    if (names.unsettled) return wait_for_name();
    denial = std::move(names.denial);
    pending.used = std::move(names.used);
  }
  if (!denial && is_indirect(*pending.plan) && !is_as_bound(pending.bound, pending.rows_by_name()))
    denial = portal_has_changed(execute.portal);
  if (denial) return deny(std::move(pending), std::move(denial), journal::Via::kExtended, now);
  start_running(pending, journal::Via::kExtended, names.writes, now);
  if (pending.plan->may_copy_in) {
    copy_in_ = CopyIn::kAwaitingStore;
    inject_flush_ =
        true;  // should it not copy at all, its answer must come before the client's Sync
  }
  pending_.push(std::move(pending));
  return Take::kForward;
}

// Closing takes nothing but the name: never refused.
Session::Take Session::take_close(ByteView body) {
  proto::Close close;
  if (auto error = proto::decode(body, close)) return client_fault(error.sqlstate, error.message);
  pending_.push({.kind = Answering::kClose,
                 .space = close.target == proto::Target::kStatement ? NameSpace::kStatements
                                                                    : NameSpace::kPortals,
                 .name = std::string(as_stored(close.name))});
  return Take::kForward;
}

}  // namespace tracegate::session
