// Where Adafactor keeps what: the constructor and the views for checkpoints.
#include <functional>
#include <numeric>

#include "reformer/train/adafactor.h"
#include "reformer/train/blocks.h"

namespace reformer {
namespace {

int64_t product(std::span<const int64_t> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace

Adafactor::Adafactor(const OptimizerConfig& config, const ParameterLayout& layout)
    : Optimizer(layout.total_size()),
      config_(config),
      parameters_(layout.all().begin(), layout.all().end()) {
  for (const ParameterInfo& parameter : parameters_) add_tensor(parameter);
  factors_.resize(moments_.size());
  parameter_squares_.resize(panels_.size());
  update_squares_.resize(panels_.size());
  scales_.resize(tensors_.size());
}

void Adafactor::add_tensor(const ParameterInfo& parameter) {
  const std::span<const int64_t> shape = parameter.shape;
  const int64_t state = static_cast<int64_t>(moments_.size());
  Tensor t{};
  t.factored = shape.size() >= 2 && parameter.size > 0;
  t.offset = parameter.offset;
  t.size = parameter.size;
  t.row_state = t.column_state = state;
  if (t.factored) {
    t.matrices = product(shape.first(shape.size() - 2));
    t.rows = shape[shape.size() - 2];
    t.columns = shape.back();
    t.column_state = state + t.matrices * t.rows;
  } else {
    t.matrices = t.rows = 1;
    t.columns = t.size;
  }
  moments_.resize(static_cast<size_t>(t.column_state + t.matrices * t.columns));
  t.first_panel = static_cast<int64_t>(panels_.size());
  add_panels(t);
  t.panels = static_cast<int64_t>(panels_.size()) - t.first_panel;
  tensors_.push_back(t);
}

void Adafactor::add_panels(const Tensor& t) {
  const int64_t index = static_cast<int64_t>(tensors_.size());
  if (!t.factored) {
    for (int64_t begin = 0; begin < t.size; begin += kBlockSize) {
      panels_.push_back({index, 0, t.offset + begin, 1, std::min(kBlockSize, t.size - begin), 0,
                         t.column_state + begin, 0});
    }
    return;
  }
  const int64_t height = std::max<int64_t>(1, kBlockSize / t.columns);
  for (int64_t matrix = 0; matrix < t.matrices; ++matrix) {
    for (int64_t row = 0; row < t.rows; row += height) {
      const int64_t line = matrix * t.rows + row;  // counted over all matrices
      panels_.push_back({index, matrix, t.offset + line * t.columns, std::min(height, t.rows - row),
                         t.columns, t.row_state + line, t.column_state + matrix * t.columns,
                         static_cast<int64_t>(column_sums_.size())});
      column_sums_.resize(column_sums_.size() + static_cast<size_t>(t.columns));
    }
  }
}

std::vector<StateTensor> Adafactor::state() {
  std::vector<StateTensor> tensors;
  const auto view = [&](const char* prefix, const ParameterInfo& parameter,
                        std::vector<int64_t> shape, int64_t offset) {
    const size_t size = static_cast<size_t>(product(shape));
    tensors.push_back({prefix + parameter.name, std::move(shape),
                       std::span(moments_).subspan(static_cast<size_t>(offset), size)});
  };
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& t = tensors_[i];
    const ParameterInfo& parameter = parameters_[i];
    if (!t.factored) {
      view("second_moment.", parameter, parameter.shape, t.column_state);
      continue;
    }
    std::vector<int64_t> by_row(parameter.shape.begin(), parameter.shape.end() - 1);
    std::vector<int64_t> by_column(parameter.shape.begin(), parameter.shape.end() - 2);
    by_column.push_back(t.columns);
    view("second_moment_rows.", parameter, std::move(by_row), t.row_state);
    view("second_moment_columns.", parameter, std::move(by_column), t.column_state);
  }
  return tensors;
}

}  // namespace reformer
