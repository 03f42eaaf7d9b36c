#include "CLaunch.h"

int main(void) { return cl_keep(CL_CONTROL_DESCRIPTOR); }
