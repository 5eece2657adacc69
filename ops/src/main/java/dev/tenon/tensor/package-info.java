/**
 * Values and their types: element types, symbolic dimensions and shapes, tensors, sequences, optionals and maps, and the
 * exact conversions between element types.
 *
 * <p>The types of this package hold data or describe it. Operators and kernels, readers of files and plans of memory are
 * in other packages, and nothing here depends on those.
 *
 * <p>Read {@link dev.tenon.tensor.Tensor} first. It keeps the contract; the work is done on its packed memory by {@code
 * Elements} (one element), {@code ElementArrays} and {@code ElementBits} (all of them), on strings by {@code StringElements}.
 * {@link dev.tenon.tensor.Dim} is the other large contract: its polynomials are built by {@code DimArithmetic}, {@code
 * DimDivision} and {@code DimJoin} from {@code Monomial} and {@code Atom}.
 *
 * <p>To add an element type, write a constant in {@link dev.tenon.tensor.DType}, a line in each switch of the
 * package-private {@code Elements} and {@code Storage}, and a class of its conversions with an exhaustive test. To add a
 * kind of value, write a record permitted by {@link dev.tenon.tensor.ValueType} and a class permitted by
 * {@link dev.tenon.tensor.Datum}. The compiler then names every switch that must know it.
 */
package dev.tenon.tensor;
