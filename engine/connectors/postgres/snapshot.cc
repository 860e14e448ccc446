#include "connectors/postgres/snapshot.h"

#include <utility>

namespace engine::connectors::postgres {
namespace {

constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

}  // namespace

Snapshot::Snapshot(const Settings& settings)
    : settings_(settings), main_(std::make_unique<Session>(settings, "engine")) {}

void Snapshot::begin() {
  if (id_) return;
  main_->run(kBegin);
  id_ = std::string(main_->query("SELECT pg_catalog.pg_export_snapshot()").text(0, 0));
}

SessionPtr Snapshot::take() {
  begin();
  std::unique_ptr<Session> session;
  {
    const std::lock_guard guard(mutex_);
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!session) session = std::make_unique<Session>(settings_, "engine");
  session->run(std::string(kBegin) + "; SET TRANSACTION SNAPSHOT " + session->literal(*id_));
  const auto owner = shared_from_this();
  return {session.release(),
          [owner](Session* done) { owner->give_back(std::unique_ptr<Session>(done)); }};
}

void Snapshot::give_back(std::unique_ptr<Session> session) noexcept {
  session->rollback();
  if (!session->is_idle()) return;
  const std::lock_guard guard(mutex_);
  idle_.push_back(std::move(session));
}

void Snapshot::end() {
  if (!id_) return;
  id_.reset();
  main_->rollback();
}

}  // namespace engine::connectors::postgres
