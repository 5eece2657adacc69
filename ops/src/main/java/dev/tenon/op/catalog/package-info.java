/**
 * The catalogue of operators. Each family has a table with a line for each operator.
 * {@link dev.tenon.op.catalog.TensorOperators} is the union of the tables. Other modules reach it through
 * {@code dev.tenon.graph.control.StandardOperators}, which adds the operators that hold graphs.
 *
 * <p>A line is run when a program first looks up its operator. So a program loads the classes of the operators that its
 * models have, and no others.
 *
 * <p>To add an operator, write its record in the package of its family, add its name to those of the family's table, and a
 * line to the table: {@code case "Tan" -> op(new Tan())} for an operator without attributes,
 * {@code case "Elu" -> op(Elu.SCHEMA, Elu.class, Elu::of)} for one with attributes. Nothing but tables belongs here.
 */
package dev.tenon.op.catalog;
