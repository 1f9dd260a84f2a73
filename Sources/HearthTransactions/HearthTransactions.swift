// HearthTransactions
