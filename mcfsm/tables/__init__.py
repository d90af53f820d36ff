"""The definition memoised: local steps, contents, observers and properties as tables of small integers."""
