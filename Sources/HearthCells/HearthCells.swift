// HearthCells
