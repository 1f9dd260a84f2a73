// HearthRooms
