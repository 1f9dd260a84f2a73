/* Declares nothing: a program that is linked with jemalloc has its malloc, and free of everybody in it. */
