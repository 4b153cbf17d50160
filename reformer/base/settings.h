// A setting is declared once: a configuration struct has one `visit` that names each field with its
// range and help, and from it come the flag, the JSON key, `--help`, the documentation and the
// run's identity.
//
//   struct ModelConfig {
//     int64_t model_dim = 256;
//     template <class Visitor>
//     void visit(Visitor&& v) {
//       v("model_dim", model_dim, at_least(1), "width of the residual stream");
//       v("activation", activation, "non-linearity of the feed-forward block");  // an enum
//     }
//   };
//
// An enum type takes part by having its names declared: see EnumNames.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace reformer {

// Allowed values of a number, both ends included.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
inline Range at_least(double low) { return {low, std::numeric_limits<double>::infinity()}; }
inline Range between(double low, double high) { return {low, high}; }

// Specialise for every enum that is a setting:
//   template <> struct EnumNames<Norm> {
//     static constexpr std::pair<Norm, std::string_view> names[] = {{Norm::pre, "pre"}, ...};
//   };
template <class Enum>
struct EnumNames;

// The declared name of an enum value.
template <class Enum>
std::string_view enum_name(Enum value) {
  for (const auto& [candidate, name] : EnumNames<Enum>::names) {
    if (candidate == value) return name;
  }
  return "?";
}

// One field of a configuration, with its type erased. `get` reads it, `check` throws Error unless
// the value fits, `set` checks and writes it; `where` is the prefix of the error ("--lr",
// "config.json: lr").
struct Setting {
  std::string name;
  std::string help;
  std::string type;  // "integer", "number", "true|false", "text" or "a|b|c" for enums
  std::vector<std::string> choices;  // of an enum, else empty
  Range range;
  std::function<nlohmann::json()> get;
  std::function<void(const nlohmann::json& value, std::string_view where)> check;
  std::function<void(const nlohmann::json& value, std::string_view where)> set;
};

namespace internal {
// Each throws Error naming what was expected and what was found. An integer is written without
// point and exponent: 3.0, 1e3 and "5" are none. Numbers are finite, text is UTF-8.
int64_t integer_from_json(const nlohmann::json& value, Range range, std::string_view where);
double number_from_json(const nlohmann::json& value, Range range, std::string_view where);
bool bool_from_json(const nlohmann::json& value, std::string_view where);
std::string text_from_json(const nlohmann::json& value, std::string_view where);
// Index into `choices`.
size_t choice_from_json(const nlohmann::json& value, const std::vector<std::string>& choices,
                        std::string_view where);
std::string join_choices(const std::vector<std::string>& choices);

template <class Enum>
std::vector<std::string> choices_of() {
  std::vector<std::string> choices;
  for (const auto& [value, label] : EnumNames<Enum>::names) choices.emplace_back(label);
  return choices;
}

template <class Enum>
Enum enum_from_json(const nlohmann::json& value, std::string_view where) {
  return EnumNames<Enum>::names[choice_from_json(value, choices_of<Enum>(), where)].first;
}

// Visitor that collects the fields; the config must outlive the settings.
class Collector {
 public:
  explicit Collector(std::vector<Setting>& out) : out_(out) {}

  template <class T>
  void operator()(std::string_view name, T& field, std::string_view help) {
    (*this)(name, field, Range{}, help);
  }

  template <class T>
  void operator()(std::string_view name, T& field, Range range, std::string_view help) {
    Setting setting;
    setting.name = name;
    setting.help = help;
    setting.range = range;
    const auto bind = [&setting, &field](std::string type, const auto& read) {
      setting.type = std::move(type);
      setting.get = [&field] { return to_json(field); };
      setting.check = [read](const nlohmann::json& value, std::string_view where) {
        static_cast<void>(read(value, where));
      };
      setting.set = [&field, read](const nlohmann::json& value, std::string_view where) {
        field = read(value, where);
      };
    };
    if constexpr (std::is_enum_v<T>) {
      setting.choices = choices_of<T>();
      bind(join_choices(setting.choices), enum_from_json<T>);
    } else if constexpr (std::is_same_v<T, bool>) {
      bind("true|false", bool_from_json);
    } else if constexpr (std::is_same_v<T, std::string>) {
      bind("text", text_from_json);
    } else if constexpr (std::is_integral_v<T>) {
      static_assert(std::is_same_v<T, int64_t>, "integer settings are int64_t");
      bind("integer", [range](const nlohmann::json& value, std::string_view where) {
        return integer_from_json(value, range, where);
      });
    } else {
      static_assert(std::is_same_v<T, double>, "number settings are double");
      bind("number", [range](const nlohmann::json& value, std::string_view where) {
        return number_from_json(value, range, where);
      });
    }
    out_.push_back(std::move(setting));
  }

 private:
  template <class T>
  static nlohmann::json to_json(const T& field) {
    if constexpr (std::is_enum_v<T>) {
      return std::string(enum_name(field));
    } else {
      return field;
    }
  }

  std::vector<Setting>& out_;
};
}  // namespace internal

// The settings of `config`, in order of declaration; they refer to it.
template <class Config>
std::vector<Setting> settings_of(Config& config) {
  std::vector<Setting> settings;
  config.visit(internal::Collector(settings));
  return settings;
}

// The setting of that name. An unknown one is an Error with the nearest, or with all.
const Setting& find_setting(const std::vector<Setting>& settings, const std::string& name,
                            std::string_view where);

// {"name": value, ...} in order of declaration.
nlohmann::ordered_json settings_to_json(const std::vector<Setting>& settings);

// Writes every key of `object` to its setting. An unknown key, a wrong type, a value out of range
// and a non-object throw Error; `where` says which document and part is read. Keys that are absent
// keep their value. Nothing is written unless all of it is valid.
void settings_from_json(const std::vector<Setting>& settings, const nlohmann::json& object,
                        std::string_view where);

// Throws Error for the first setting whose value it would not accept: for configurations that were
// written field by field.
void check_settings(const std::vector<Setting>& settings, std::string_view where);

// Reads the text of a flag ("1e-3", "true", "lsh") as the setting's type and writes it. Errors are
// those of `set`, and a text that is no such value.
void set_from_text(const Setting& setting, std::string_view text, std::string_view where);

}  // namespace reformer
