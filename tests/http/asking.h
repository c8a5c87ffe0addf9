// Asking and waiting for the answer.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "src/http/client.h"
#include "tests/http/server.h"

namespace tracegate::http {

// Gathers answers of any number of requests.
class Answers {
 public:
  OnResponse callback() {
    return [this](Result<Response> result) {
      const std::lock_guard lock(mutex_);
      all_.push_back(std::move(result));
      changed_.notify_all();
    };
  }
  // Fails the test if there are not as many in time.
  std::vector<Result<Response>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return all_.size() >= count; }));
    return all_;
  }
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Result<Response>> all_;
};

inline Request request_to(const std::string& url) {
  Request request;
  request.url = url;
  request.plain_http = PlainHttp::kLoopback;
  request.total_timeout = std::chrono::duration_cast<Milliseconds>(kPatience);
  request.connect_timeout = request.total_timeout;
  return request;
}

inline Result<Response> ask(HttpClient& client, Request request) {
  Answers answers;
  auto call = client.get(std::move(request), answers.callback());
  if (!call) return std::move(call).error();
  auto all = answers.wait_for(1);
  return all.empty() ? Result<Response>(Error("no answer")) : std::move(all.front());
}

// The error of a request that must fail.
inline std::string failure(HttpClient& client, Request request) {
  const Result<Response> result = ask(client, std::move(request));
  EXPECT_FALSE(result.ok()) << result->status << ": " << result->body;
  return result.ok() ? "" : result.error().message;
}

}  // namespace tracegate::http
