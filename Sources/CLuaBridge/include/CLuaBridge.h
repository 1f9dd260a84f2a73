#ifndef CLUABRIDGE_H
#define CLUABRIDGE_H
int bridge_version(void);
#endif
