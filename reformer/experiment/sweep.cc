#include "reformer/experiment/sweep.h"

#include <algorithm>
#include <limits>
#include <set>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer {
namespace {

constexpr int64_t kMaxSeeds = 1000;

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Setting setting_named(RunConfig& config, const std::string& name, std::string_view where) {
  std::vector<std::string> names;
  for (Setting& setting : settings_of_run(config)) {
    if (setting.name == name) return setting;
    names.push_back(setting.name);
  }
  fail(where, "expected a setting, found {}{}; try `reformer config --list`", quote_text(name),
       did_you_mean(name, names));
}

using Point = std::vector<std::pair<std::string, nlohmann::json>>;

void write(const Point& point, RunConfig& config) {
  for (const auto& [name, value] : point) {
    setting_named(config, name, "sweep").set(value, fmt::format("sweep: {}", name));
  }
}

RunConfig config_at(const RunConfig& base, const Point& point) {
  RunConfig config = base;
  write(point, config);
  const OptimizerKind kind = config.train.optimizer.kind;
  if (kind != base.train.optimizer.kind) {
    config.train.optimizer = optimizer_defaults(kind);
    write(point, config);
  }
  return config;
}

void check_axes(const Sweep& sweep) {
  std::set<std::string> names;
  int64_t count = sweep.seeds;
  if (sweep.seeds < 1 || sweep.seeds > kMaxSeeds) {
    fail("sweep", "expected 1 to {} seeds, found {}", kMaxSeeds, sweep.seeds);
  }
  for (const SweepAxis& axis : sweep.axes) {
    if (!names.insert(axis.setting).second) {
      fail("sweep", "expected every setting once, found {} twice", quote_text(axis.setting));
    }
    if (axis.setting == "seed" && sweep.seeds > 1) {
      fail("sweep", "expected seeds by one way, found both a list and a number of them");
    }
    if (axis.values.empty()) {
      fail("sweep", "expected values for {}, found none", quote_text(axis.setting));
    }
    std::set<std::string> values;
    for (const nlohmann::json& value : axis.values) {
      if (!values.insert(text_of(value)).second) {
        fail("sweep", "expected different values for {}, found {} twice", quote_text(axis.setting),
             describe(value));
      }
    }
    if (axis.setting == "hash_rounds" && sweep.base.model.attention == AttentionKind::full &&
        std::ranges::find(sweep.axes, "attention", &SweepAxis::setting) == sweep.axes.end()) {
      fail("sweep",
           "expected LSH attention where hash rounds differ, found full attention, which has none; "
           "try --attention lsh");
    }
    count *= static_cast<int64_t>(axis.values.size());
    if (count > kMaxMembers) {
      fail("sweep", "expected at most {} runs, found more; try fewer values", kMaxMembers);
    }
  }
}

std::vector<Point> points_of(const Sweep& sweep) {
  std::vector<Point> points = {{}};
  for (const SweepAxis& axis : sweep.axes) {
    std::vector<Point> longer;
    for (const Point& point : points) {
      for (const nlohmann::json& value : axis.values) {
        longer.push_back(point);
        longer.back().emplace_back(axis.setting, value);
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::string name_of(const Point& point) {
  std::string name;
  for (const auto& [setting, value] : point) {
    name += fmt::format("{}{}={}", name.empty() ? "" : ",", setting, text_of(value));
  }
  return name;
}

}  // namespace

std::vector<SweepMember> members_of(const Sweep& sweep) {
  check_axes(sweep);
  std::vector<SweepMember> members;
  for (const Point& point : points_of(sweep)) {
    const RunConfig config = config_at(sweep.base, point);
    for (int64_t i = 0; i < sweep.seeds; ++i) {
      SweepMember member{"", name_of(point), config};
      if (config.train.seed > std::numeric_limits<int64_t>::max() - i) {
        fail("sweep", "expected room for {} seeds below 2^63, found {}; try a smaller one",
             sweep.seeds, config.train.seed);
      }
      member.config.train.seed += i;
      validate(member.config);
      const bool named =
          member.point.find("seed=") == 0 || member.point.find(",seed=") != std::string::npos;
      member.name = named ? member.point
                          : fmt::format("{}{}seed={}", member.point,
                                        member.point.empty() ? "" : ",", member.config.train.seed);
      members.push_back(std::move(member));
    }
  }
  return members;
}

void add_axis(Sweep& sweep, SweepAxis axis) {
  const auto at = std::ranges::upper_bound(sweep.axes, axis.setting, {}, &SweepAxis::setting);
  sweep.axes.insert(at, std::move(axis));
}

SweepAxis parse_axis(std::string_view text, std::string_view flag) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail(flag, "expected SETTING=VALUE,VALUE, found {}", quote_text(text));
  }
  SweepAxis axis;
  axis.setting = text.substr(0, equals);
  std::ranges::replace(axis.setting, '-', '_');
  RunConfig scratch;
  const Setting setting = setting_named(scratch, axis.setting, flag);
  for (std::string_view rest = text.substr(equals + 1);;) {
    const size_t comma = rest.find(',');
    set_from_text(setting, rest.substr(0, comma), fmt::format("{}: {}", flag, axis.setting));
    axis.values.push_back(setting.get());
    if (comma == std::string_view::npos) return axis;
    rest.remove_prefix(comma + 1);
  }
}

nlohmann::ordered_json to_json(const Sweep& sweep) {
  nlohmann::ordered_json object = {{"config", to_json(sweep.base)},
                                   {"sweep", nlohmann::ordered_json::object()},
                                   {"seeds", sweep.seeds}};
  for (const SweepAxis& axis : sweep.axes) object["sweep"][axis.setting] = axis.values;
  return object;
}

Sweep sweep_from_json(const nlohmann::json& object, std::string_view where) {
  if (!object.is_object()) fail(where, "expected an object, found {}", describe(object));
  for (const auto& [key, value] : object.items()) {
    const std::vector<std::string> known = {"preset", "config", "sweep", "seeds"};
    if (std::ranges::find(known, key) == known.end()) {
      fail(where, "expected preset, config, sweep and seeds, found {}{}", quote_text(key),
           did_you_mean(key, known));
    }
  }
  Sweep sweep;
  std::string preset = "laptop";
  if (object.contains("preset")) {
    preset = internal::text_from_json(object["preset"], fmt::format("{}: preset", where));
  }
  sweep.base = run_preset(preset);
  if (object.contains("config")) from_json(object["config"], sweep.base, where);
  if (object.contains("seeds")) {
    sweep.seeds = internal::integer_from_json(object["seeds"], between(1, kMaxSeeds),
                                              fmt::format("{}: seeds", where));
  }
  if (!object.contains("sweep")) return sweep;
  if (!object["sweep"].is_object()) {
    fail(where, "expected an object for sweep, found {}", describe(object["sweep"]));
  }
  for (const auto& [setting, values] : object["sweep"].items()) {
    const std::string at = fmt::format("{}: sweep: {}", where, setting);
    if (!values.is_array()) fail(at, "expected a list of values, found {}", describe(values));
    SweepAxis axis{setting, {}};
    RunConfig scratch;
    const Setting known = setting_named(scratch, setting, at);
    for (const nlohmann::json& value : values) {
      known.set(value, at);
      axis.values.push_back(known.get());
    }
    add_axis(sweep, std::move(axis));
  }
  return sweep;
}

}  // namespace reformer
