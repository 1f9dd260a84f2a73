// HearthSQLite
