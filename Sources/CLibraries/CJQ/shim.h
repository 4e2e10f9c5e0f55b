#include <stdint.h>
#include <stdlib.h>
#include <jv.h>
#include <jq.h>
