/**
 * The operators that hold graphs: If, Loop, Scan and SequenceMap. The values that a body uses from the surrounding
 * graph are passed to it as trailing operands, so that a graph uses nothing but its inputs.
 *
 * <p>The way in which bodies run must not live here: a {@link dev.tenon.graph.GraphOp.BodyRunner} knows it. To add an
 * operator, write a record that implements {@link dev.tenon.graph.GraphOp}, add a line to {@link
 * dev.tenon.graph.control.ControlOperators}, and lower to it in the reader of each format that has the operator.
 */
package dev.tenon.graph.control;
