#pragma once
#include <stdint.h>
#include <stdio.h>
#include <jv.h>
#include <jq.h>

/* jq ends the process where it finds a mistake of its own (an assertion, a division, no memory), and some of them a
   record can bring about: `.value.t | todate` for a number beyond the calendar's end. These calls come back instead. */

/// Compiles a program for a state. 1: done; 0: refused, the error callback has heard why; -1: jq gave up.
int topictee_jq_compile(jq_state *state, const char *program);

/// Runs the program and gives the first result, invalid where there is none. The input is taken.
/// 1: done; -1: jq gave up, and what it held is lost; the state can be run again.
int topictee_jq_first(jq_state *state, jv input, jv *result);
