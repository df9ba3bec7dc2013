enum DeploymentDriversPlaceholder {}
