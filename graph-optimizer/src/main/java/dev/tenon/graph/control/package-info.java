/**
 * Operators that hold graphs. What their bodies use from around them is passed to them as trailing operands, so that a
 * graph sees nothing but its inputs.
 *
 * <p>What must not live here: how bodies are run, which a {@link dev.tenon.graph.control.GraphOp.BodyRunner} knows. To
 * add one: a record that implements {@link dev.tenon.graph.control.GraphOp}, a line in
 * {@code ControlOperators}, and its lowering in the reader of each format that has it.
 */
package dev.tenon.graph.control;
