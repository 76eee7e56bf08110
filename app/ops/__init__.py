"""Operations: what runs beside the till's path, and what tells how it runs."""
