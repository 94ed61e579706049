"""Values with ``{{ … }}`` in them: what an expression means, and how it is carried out without ever leaving its bounds."""
