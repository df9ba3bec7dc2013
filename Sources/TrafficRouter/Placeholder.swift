enum TrafficRouterPlaceholder {}
