#include "reformer/run/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/model/later_settings.h"
#include "reformer/model/parameters.h"
#include "reformer/run/safetensors.h"
#include "tests/run/raw_file.h"

namespace reformer {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A directory of its own for each test, gone afterwards.
class ModelFileTest : public testing::Test {
 protected:
  ModelFileTest() { std::filesystem::create_directories(directory_); }
  ~ModelFileTest() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path path() const { return directory_ / "model.safetensors"; }

  // Writes `bytes` without the flushing of write_file_atomically, for many files.
  void put(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }

  // The message of the Error that loading throws.
  std::string refusal() const {
    try {
      load_model(path());
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), StartsWith("[" + path().string()));
      return error.what();
    }
    return "accepted";
  }
  std::string refusal_of(const std::string& bytes) const {
    put(bytes);
    return refusal();
  }

 private:
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() /
      fmt::format("reformer-{}-{}", getpid(),
                  testing::UnitTest::GetInstance()->current_test_info()->name());
};

ModelConfig tiny() {
  ModelConfig config;
  config.vocabulary = 5;
  config.length = 8;
  config.model_dim = 4;
  config.heads = 1;
  config.head_dim = 4;
  config.feed_forward_dim = 4;
  config.buckets = 2;
  config.chunk_length = 4;
  config.embedding_scale = 0.1;
  config.norm_epsilon = 1e-6;
  return config;
}

std::vector<float> numbered(const ModelConfig& config) {
  std::vector<float> values(static_cast<size_t>(parameter_layout(config).total_size()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 7;
  return values;
}

std::string saved(const std::filesystem::path& path) {
  save_model(path, tiny(), numbered(tiny()), {{"steps", 3}});
  return read_file(path);
}

// A saved model with its table changed; the checksum is made anew.
template <class Change>
std::string changed(const std::string& bytes, Change change) {
  TensorTable table = parse_safetensors(bytes, "test");
  change(table);
  return encode_safetensors(table);
}

std::string with_config(const std::string& bytes, const std::string& key, const json& value) {
  return changed(bytes, [&](TensorTable& table) {
    json config = json::parse(table.metadata["config"]);
    config[key] = value;
    table.metadata["config"] = config.dump();
  });
}

TEST_F(ModelFileTest, RoundTripKeepsEveryBit) {
  const ModelConfig config = tiny();
  std::vector<float> parameters = numbered(config);
  parameters[0] = -0.0f;
  parameters[1] = std::numeric_limits<float>::denorm_min();
  parameters[2] = std::numeric_limits<float>::max();
  const json training = {{"steps", 12}, {"seed", 7}, {"kind", "lsh"}, {"accuracy", 0.1}};
  save_model(path(), config, parameters, training);
  const ModelFile file = load_model(path());
  EXPECT_EQ(file.config, config);
  EXPECT_EQ(file.training, training);
  ASSERT_EQ(file.parameters.size(), parameters.size());
  EXPECT_EQ(std::memcmp(file.parameters.data(), parameters.data(), 4 * parameters.size()), 0);

  const std::string bytes = read_file(path());
  save_model(path(), config, file.parameters, file.training);
  EXPECT_EQ(read_file(path()), bytes);
}

RC_GTEST_FIXTURE_PROP(ModelFileTest, RoundTripOfAnyShape, ()) {
  ModelConfig config = tiny();
  config.layers = *rc::gen::inRange<int64_t>(1, 4);
  config.heads = *rc::gen::inRange<int64_t>(1, 4);
  config.vocabulary = *rc::gen::inRange<int64_t>(2, 9);
  config.tied_output = *rc::gen::arbitrary<bool>();
  config.dropout = *rc::gen::inRange(0, 999) / 1000.0;
  config.attention = *rc::gen::element(AttentionKind::full, AttentionKind::lsh);
  const std::vector<float> parameters = numbered(config);
  save_model(path(), config, parameters, json::object());
  const ModelFile file = load_model(path());
  RC_ASSERT(file.config == config);
  RC_ASSERT(file.parameters == parameters);
}

TEST_F(ModelFileTest, MetadataIsWhatOtherToolsExpect) {
  const std::string bytes = saved(path());
  const TensorTable table = parse_safetensors(bytes, "test");
  EXPECT_EQ(table.metadata.at("format"), "pt");
  EXPECT_EQ(table.metadata.at("reformer"), "1");
  EXPECT_EQ(json::parse(table.metadata.at("config"))["norm"], "post");
  EXPECT_EQ(table.metadata.at("training"), R"({"steps":3})");
  const ParameterLayout layout = parameter_layout(tiny());
  EXPECT_EQ(table.tensors.size(), layout.all().size());
  for (const TensorView& tensor : table.tensors) EXPECT_TRUE(layout.contains(tensor.name));
}

TEST_F(ModelFileTest, AFileNeedsNoChecksum) {
  const std::string bytes = saved(path());
  const size_t key = bytes.find(",\"xxh3\":\"");
  ASSERT_NE(key, std::string::npos);
  std::string header = bytes.substr(8, bytes.rfind("]}}") + 3 - 8);
  header.erase(key - 8, 26);
  const std::string data = bytes.substr(bytes.size() - 4 * numbered(tiny()).size());
  EXPECT_EQ(refusal_of(raw_file(header, data)), "accepted");
  EXPECT_EQ(load_model(path()).parameters, numbered(tiny()));
}

// Every length and every bit is tried in memory by safetensors_damage_test.
TEST_F(ModelFileTest, TruncationIsRefused) {
  const std::string bytes = saved(path());
  for (size_t length = 0; length < bytes.size(); length += 37) {
    ASSERT_NE(refusal_of(bytes.substr(0, length)), "accepted") << length;
  }
}

TEST_F(ModelFileTest, DamageIsRefused) {
  const std::string bytes = saved(path());
  const auto flip = [&](size_t byte, size_t bit) {
    std::string damaged = bytes;
    damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
    EXPECT_NE(refusal_of(damaged), "accepted") << "byte " << byte << ", bit " << bit;
  };
  for (size_t byte = 0; byte < bytes.size(); byte += 13) flip(byte, byte % 8);
  // Damage to the checksum's key makes a file that has no checksum.
  const size_t key = bytes.find("xxh3");
  for (size_t bit = 0; bit < 32; ++bit) flip(key + bit / 8, bit % 8);
}

TEST_F(ModelFileTest, DifferencesAreNamed) {
  const std::string bytes = saved(path());
  const std::string name = parameter_layout(tiny()).all()[0].name;
  const auto find = [&name](TensorTable& table) -> TensorView& {
    return *std::ranges::find(table.tensors, name, &TensorView::name);
  };
  EXPECT_THAT(refusal_of(changed(bytes, [&](TensorTable& t) { find(t).name += "x"; })),
              AllOf(HasSubstr("no tensor " + name),
                    HasSubstr("unknown tensor \"" + name + "x\"; did you mean '" + name + "'?")));
  EXPECT_THAT(refusal_of(changed(bytes, [&](TensorTable& t) { find(t).dtype = "I32"; })),
              HasSubstr(name + " is I32, not F32"));
  EXPECT_THAT(
      refusal_of(changed(bytes, [&](TensorTable& t) { std::ranges::reverse(find(t).shape); })),
      HasSubstr(name + " has shape [4, 5], not [5, 4]"));
  EXPECT_THAT(refusal_of(changed(bytes, [](TensorTable& t) { t.tensors.clear(); })),
              HasSubstr(fmt::format("; and {} more", parameter_layout(tiny()).all().size() - 5)));
}

TEST_F(ModelFileTest, ValuesThatAreNotFiniteAreRefused) {
  const std::string bytes = saved(path());
  const ParameterLayout layout = parameter_layout(tiny());
  const ParameterInfo& last = layout.all().back();
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    std::vector<float> values(static_cast<size_t>(last.size), 1.0f);
    values[1] = bad;
    const std::string damaged = changed(bytes, [&](TensorTable& table) {
      std::ranges::find(table.tensors, last.name, &TensorView::name)->bytes = {
          reinterpret_cast<const char*>(values.data()), 4 * values.size()};
    });
    EXPECT_THAT(refusal_of(damaged),
                HasSubstr(fmt::format("{} holds {} at element 1", last.name, bad)));
  }
}

TEST_F(ModelFileTest, SavingValuesThatAreNotFiniteKeepsTheOldFile) {
  const std::string bytes = saved(path());
  std::vector<float> parameters = numbered(tiny());
  parameters[3] = std::nanf("");
  EXPECT_THROW(save_model(path(), tiny(), parameters, json::object()), Error);
  EXPECT_EQ(read_file(path()), bytes);
  parameters.pop_back();
  EXPECT_THROW(save_model(path(), tiny(), parameters, json::object()), std::logic_error);
}

TEST_F(ModelFileTest, FilesOfOtherOriginAreRefused) {
  EXPECT_THAT(refusal(), HasSubstr("No such file"));
  EXPECT_THAT(refusal_of(read_file(REFORMER_SOURCE_DIR "/tests/run/data/python.safetensors")),
              HasSubstr("a safetensors file of another origin"));
  EXPECT_THAT(refusal_of("PK\3\4 a zip archive, as PyTorch writes"),
              HasSubstr("this is no safetensors file"));
  const std::string bytes = saved(path());
  EXPECT_THAT(refusal_of(changed(bytes, [](TensorTable& t) { t.metadata["reformer"] = "2"; })),
              HasSubstr("expected model format 1, found \"2\""));
  EXPECT_THAT(refusal_of(changed(bytes, [](TensorTable& t) { t.metadata["trainin"] = "{}"; })),
              HasSubstr("unknown metadata key \"trainin\"; did you mean 'training'?"));
  EXPECT_THAT(refusal_of(changed(bytes, [](TensorTable& t) { t.metadata["training"] = "[]"; })),
              HasSubstr(": training] expected an object, found a list"));
}

TEST_F(ModelFileTest, TheConfigurationIsChecked) {
  const std::string bytes = saved(path());
  EXPECT_EQ(refusal_of(with_config(bytes, "heads", 1)), "accepted");
  EXPECT_THAT(refusal_of(with_config(bytes, "head", 1)),
              HasSubstr("model.safetensors: config] unknown key \"head\"; did you mean 'heads'?"));
  EXPECT_THAT(refusal_of(with_config(bytes, "heads", 1.5)),
              HasSubstr("config: heads] expected an integer from 1 to 1024, found 1.5"));
  EXPECT_THAT(refusal_of(with_config(bytes, "buckets", 3)), HasSubstr("buckets"));
  EXPECT_THAT(refusal_of(with_config(bytes, "vocabulary", 6)), HasSubstr("not [6, 4]"));
  // Parameters of 2^42 bytes are not even tried.
  EXPECT_THAT(
      refusal_of(with_config(with_config(bytes, "vocabulary", 1 << 24), "model_dim", 65536)),
      HasSubstr("not [16777216, 65536]"));
  const auto set = [&bytes](const std::string& config) {
    return changed(bytes, [&](TensorTable& table) { table.metadata["config"] = config; });
  };
  EXPECT_THAT(refusal_of(set("{")), HasSubstr("expected JSON, found an error at line 1, column"));
  EXPECT_THAT(refusal_of(set(R"({"heads":1,"heads":2})")), HasSubstr("found \"heads\" twice"));
  EXPECT_THAT(refusal_of(set(R"({"heads":1})")), HasSubstr("expected a key \"vocabulary\""));
}

TEST_F(ModelFileTest, FilesFromBeforeASettingHaveWhatTheProgramDidThen) {
  const std::string older = changed(saved(path()), [](TensorTable& table) {
    nlohmann::json config = nlohmann::json::parse(table.metadata["config"]);
    for (const std::string_view later : kLaterModelSettings) {
      ASSERT_EQ(config.erase(std::string(later)), 1u) << later;
    }
    table.metadata["config"] = config.dump();
  });
  EXPECT_EQ(refusal_of(older), "accepted");
}

}  // namespace
}  // namespace reformer
