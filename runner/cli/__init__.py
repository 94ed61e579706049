"""
The command line; it begins in :mod:`runner.cli.main`.
"""
