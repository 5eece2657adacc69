/**
 * Operators that quantise and compute with quantised numbers, one record each, listed in
 * {@link dev.tenon.op.quant.QuantOps}. Where a result hinges on rounding, they follow the standard's formula in float32
 * step by step rather than computing in double: a quantised number that is off by one is a wrong number.
 *
 * <p>What must not live here: kernels, graphs, rules that fuse quantised operators. To add an operator: its record, its
 * line in {@code QuantOps}, its cases.
 */
package dev.tenon.op.quant;
