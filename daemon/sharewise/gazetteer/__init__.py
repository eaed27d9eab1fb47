"""Layer 2: which town lies near a location, from a table that comes with the program.

The table is derived from GeoNames (see NOTICE beside it) by `sharewise.dev.gazetteer`. Nothing
is asked of a server: where somebody lives is never sent anywhere.
"""
