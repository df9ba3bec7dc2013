enum RolloutEnginePlaceholder {}
