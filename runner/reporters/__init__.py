"""
How it is told: each reporter is a sink of events; what they are made with stands in :mod:`runner.reporters.base`.
"""
