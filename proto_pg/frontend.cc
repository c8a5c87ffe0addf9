#include "proto_pg/frontend.h"
