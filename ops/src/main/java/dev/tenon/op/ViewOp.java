package dev.tenon.op;

/**
 * An operator with one output that holds the elements of its first input in the same order under another shape:
 * Reshape, Squeeze, Unsqueeze, Flatten, Identity. The planner lets both share memory, so that such a step costs
 * nothing.
 */
public interface ViewOp extends Op {}
