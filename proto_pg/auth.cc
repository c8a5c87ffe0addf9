#include "proto_pg/auth.h"
