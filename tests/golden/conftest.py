"""The scenarios here are material of golden tests; pytest itself leaves them alone."""

collect_ignore_glob = ["*.scenario.yaml"]
