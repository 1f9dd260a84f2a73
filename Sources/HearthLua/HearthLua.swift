// HearthLua
