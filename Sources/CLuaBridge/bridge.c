#include "CLuaBridge.h"
#include <lua.h>
int bridge_version(void) { return LUA_VERSION_NUM; }
