"""The simulated GWS; :mod:`.app` is where it comes together. Importing this package costs nothing."""
