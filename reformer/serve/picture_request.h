// Which picture of attention a browser asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reformer/report/attention_part.h"

namespace reformer {

struct PictureRequest {
  std::string run;  // a name in the report, and no path
  PictureChoice choice;
};

// "run=NAME&sequence=0&layer=0&head=0", the name percent-encoded. Nothing when a part is missing,
// is no number of at most nine digits, or is badly encoded.
std::optional<PictureRequest> picture_request(std::string_view query);

// "a%2Fb" -> "a/b"; nothing for "%", "%g0" and "%00".
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace reformer
