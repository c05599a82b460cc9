"""How fast the product is, each time beside a limit measured in the same run: `make bench`.

A benchmark is a function with `@benchmark` in a module that `bench.__main__.MODULES` names; it prepares and returns a
`Comparison` of the product's work with what bounds it from below (the same page's bare SQL, a bare library call).
"""
