#include "proto_pg/startup.h"
