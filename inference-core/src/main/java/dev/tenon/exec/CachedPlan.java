package dev.tenon.exec;

import dev.tenon.plan.Plan;

/**
 * A plan, and the executors of the bodies of its program.
 *
 * @param plan the plan
 * @param bodies makes the executors of the bodies
 */
record CachedPlan(Plan plan, BodyExecutors bodies) {}
