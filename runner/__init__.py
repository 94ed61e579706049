"""
scenario-runner: proves that contact-centre e-mail works for agents and customers.
"""

__version__ = "0.1.0"
