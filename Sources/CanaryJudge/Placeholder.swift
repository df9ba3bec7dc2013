enum CanaryJudgePlaceholder {}
