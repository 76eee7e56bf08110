"""`make bench`: the service beside a bare framework, the usual implementation and PostgreSQL by itself."""
