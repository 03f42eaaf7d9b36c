/* sandbox-keeper, as the tests link it: see CFaults.h. */
#include <CFaults.h>
#include <CLaunch.h>

int main(void) {
    cf_is_keeper();
    return cl_keep(CL_CONTROL_DESCRIPTOR);
}
