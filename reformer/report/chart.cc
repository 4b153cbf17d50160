#include "reformer/report/chart.h"

#include <algorithm>
#include <array>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/settings.h"

namespace reformer {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"table", "training", "speed"};
constexpr std::array kDraw = {internal::table_chart, internal::training_chart,
                              internal::speed_chart};

}  // namespace

std::span<const std::string_view> chart_names() { return kNames; }

std::string chart_svg(const nlohmann::ordered_json& document, std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) {
    const std::vector<std::string> names(kNames.begin(), kNames.end());
    fail("--chart", "expected table, training or speed, found {}{}", quote_text(name),
         did_you_mean(std::string(name), names));
  }
  return kDraw.at(static_cast<size_t>(found - kNames.begin()))(document);
}

}  // namespace reformer
