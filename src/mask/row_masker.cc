#include "src/mask/row_masker.h"

#include "proto_pg/framer.h"
#include "src/mask/frame_editor.h"

namespace tracegate::mask {

proto::DecodeError mask_rows(ByteView frames, const RowMasks& masks, ResultFormats formats,
                             std::string& out, CellCounts& counts) {
  using proto::DecodeError;
  if (DecodeError error = check_formats(formats, masks.outputs.size())) return error;
  FrameEditor editor(frames, out);
  for (std::size_t at = 0; at < frames.size();) {
    const std::size_t end = end_of_frame(frames, at, 'D');
    if (end == 0) return {"what passes is not a whole row"};
    editor.begin_frame(at);
    if (DecodeError error =
            mask_tuple(frames, at + proto::FrameHeader::kSize, end, masks, formats, editor, counts))
      return error;
    if (!editor.end_frame(end))
      return {"a masked row is longer than a message may be", DecodeError::kLimitExceeded};
    at = end;
  }
  editor.finish();
  return {};
}

}  // namespace tracegate::mask
