#pragma once
#include <stdint.h>
#include <stdio.h>
#include <jv.h>
#include <jq.h>

/* jq ends the process where it finds a mistake of its own (an assertion, a division, no memory), and some of them a
   record can bring about: `.value.t | todate` for a number beyond the calendar's end. These calls come back instead. */

/// Compiles a program for a state. 1: done; 0: refused, the error callback has heard why; -1: jq gave up.
int topictee_jq_compile(jq_state *state, const char *program);

/// Runs a program that gives one result at most, to its end, and gives that or an invalid value. The input is taken.
/// 1: done; -1: jq gave up, and what it held is lost.
int topictee_jq_first(jq_state *state, jv input, jv *result);

/// Whether a state can be run again after jq gave up in it. One that cannot is not to be touched any more.
int topictee_jq_recovers(jq_state *state);
