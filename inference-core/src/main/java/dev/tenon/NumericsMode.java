package dev.tenon;

/**
 * How closely the results of a session follow the operators of the model. In both modes results have the same bits in
 * every call, for any number of threads, and with {@link SessionOptions#tuning} or without. On a machine with other
 * vectors they may have other bits. The accuracy of an operator is its {@link dev.tenon.op.Numerics}, which
 * docs/operators.md lists.
 */
public enum NumericsMode {
    /**
     * The fastest mode in which operators keep their accuracy for operands of similar magnitude.
     *
     * <ul>
     *   <li>Operators may be replaced by others that are equal except for rounding. Weights are folded, products of
     *       constants are computed beforehand, and a group of operators that an exporter wrote for one operation
     *       becomes one operator. Each of the new operators keeps its accuracy.
     *   <li>A convolution of float32 with windows of 3 x 3 may be computed by the minimal filtering of Winograd. It
     *       computes products of sums of up to 6 x 6 neighbouring elements of a channel. If these elements have very
     *       different magnitudes, the error is relative to the largest of them, even in a result whose own window does
     *       not contain that element. The error is at most 32 units of 2<sup>-23</sup> of this sum: the absolute values
     *       of the result's terms, as if all of these elements were as large as the largest of their channel. An
     *       element that is infinite or NaN, and sums above 1/240 of the greatest number, may make all results NaN that
     *       are up to four places away.
     * </ul>
     */
    STANDARD,
    /**
     * The operators of the model as they are defined.
     *
     * <ul>
     *   <li>The graph is rewritten only where the definitions of the operators give the same bits before and after; any
     *       NaN equals any other. Unused operators and operators without effect are removed, constants are computed
     *       beforehand, operators that move elements are moved, and consecutive operators may become one step. Rewrites
     *       that round differently are off: weights are not folded, products are not expanded or factored, operators
     *       are not replaced by others. Values between convolutions may have their channels last, which moves elements and
     *       changes none.
     *   <li>Sums of products, in convolutions and matrix multiplications, consist of exactly the products that the
     *       operator defines, each added once. The order of the additions depends on the kernel, and is the same for
     *       the same shapes and machine. A product may be added without being rounded first, and a bias may be one of
     *       the terms of the sum. Minimal filtering is off.
     *   <li>Therefore the error of a result depends on its own terms alone, whatever the magnitudes of other elements.
     *       An element of a convolution's input that is infinite or NaN only affects the results whose windows contain
     *       it.
     * </ul>
     *
     * <p>The bits may differ from those of a loop over the definition, of other machines, and of other libraries.
     */
    STRICT
}
