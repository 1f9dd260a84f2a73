// HearthValues
