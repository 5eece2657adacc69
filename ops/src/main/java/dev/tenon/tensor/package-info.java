/**
 * Values and their types: element types, symbolic dimensions and shapes, tensors, sequences, optionals and maps, and the
 * exact conversions between element types.
 *
 * <p>What lives here holds data or describes it. What computes on it (operators, kernels), reads it from files or places
 * it in memory plans lives elsewhere, and nothing here depends on those.
 *
 * <p>To add an element type: a constant in {@link dev.tenon.tensor.DType}, a line in each switch of the package-private
 * {@code Elements} and {@code Storage}, and its conversions as a class of their own with an exhaustive test. To add a
 * kind of value: a record permitted by {@link dev.tenon.tensor.ValueType} and a class permitted by
 * {@link dev.tenon.tensor.Datum}; the compiler then names every switch that must know it.
 */
package dev.tenon.tensor;
