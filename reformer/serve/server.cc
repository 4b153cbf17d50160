#include "reformer/serve/server.h"

#include "reformer/serve/hub.h"

namespace reformer {

Server::Server(ServeOptions options) : hub_(std::make_unique<internal::Hub>(std::move(options))) {}

Server::~Server() = default;

uint16_t Server::port() const { return hub_->port(); }

int64_t Server::pictures_drawn() const { return hub_->pictures_drawn(); }

std::string Server::url() const { return hub_->url(); }

void Server::run(const std::function<bool()>& stop) { hub_->run(stop); }

}  // namespace reformer
