#include "run/observer.h"

#include <exception>
#include <mutex>
#include <utility>

namespace engine::run {

struct Observers::State {
  std::mutex mutex;
  std::vector<std::unique_ptr<Observer>> observers;
  std::vector<std::string> failures;

  template <typename Call>
  void each(Call&& call) {
    const std::lock_guard lock(mutex);
    for (const auto& observer : observers) {
      try {
        call(*observer);
      } catch (const std::exception& error) {
        failures.push_back(error.what());
      }
    }
  }
};

Observers::Observers() : state_(std::make_unique<State>()) {}
Observers::~Observers() = default;

void Observers::add(std::unique_ptr<Observer> observer) {
  state_->observers.push_back(std::move(observer));
}

void Observers::run_started(const Outcome& outcome) {
  state_->each([&](Observer& observer) { observer.run_started(outcome); });
}

void Observers::started(const StageEvent& event) {
  state_->each([&](Observer& observer) { observer.started(event); });
}

void Observers::progressed(const StageEvent& event) {
  state_->each([&](Observer& observer) { observer.progressed(event); });
}

void Observers::finished(const StageEvent& event) {
  state_->each([&](Observer& observer) { observer.finished(event); });
}

void Observers::message(std::string_view level, std::string_view text) {
  state_->each([&](Observer& observer) { observer.message(level, text); });
}

void Observers::run_finished(const Outcome& outcome) {
  state_->each([&](Observer& observer) { observer.run_finished(outcome); });
}

const std::vector<std::string>& Observers::failures() const {
  return state_->failures;
}

}  // namespace engine::run
