/**
 * Tables of the element-wise operators, one for each operator, and chains of their loops.
 *
 * <p>To add a loop: a line in the table of its operator, in {@code BinaryTables}, {@code UnaryTables}, {@code CastTables} or
 * {@code LogicTables}.
 *
 * <p>Must not live here: loops, which belong to {@code dev.tenon.kernel.scalar.elementwise}, {@code
 * dev.tenon.kernel.vector.elementwise} and {@code dev.tenon.kernel.x64.elementwise}.
 */
package dev.tenon.kernel.table.elementwise;
