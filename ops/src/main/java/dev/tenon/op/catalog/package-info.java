/**
 * The catalogue of operators. Each family has a table with a line for each operator.
 * {@link dev.tenon.op.catalog.TensorOperators} is the union of the tables. Other modules reach it through
 * {@code dev.tenon.graph.control.StandardOperators}, which adds the operators that hold graphs.
 *
 * <p>A table is made when a program first looks an operator up in it. So a program loads the classes of a family only
 * if its models need them.
 *
 * <p>To add an operator, write its record in the package of its family and add a line to the table of the family:
 * {@code op(new Tan())} for an operator without attributes, {@code op(Elu.SCHEMA, Elu.class, Elu::of)} for one with
 * attributes. Nothing but tables belongs here.
 */
package dev.tenon.op.catalog;
