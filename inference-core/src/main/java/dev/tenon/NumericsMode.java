package dev.tenon;

/**
 * How closely the results of a session keep to the operators of the model. In either mode results have the same bits from
 * call to call, for any number of threads, and with {@link SessionOptions#tuning} or without; on a machine with other vectors
 * they may have others. How far an operator may err is its {@link dev.tenon.op.Numerics}, which docs/operators.md lists.
 */
public enum NumericsMode {
    /**
     * What is fastest within the accuracy that operators promise for operands of like magnitude.
     *
     * <ul>
     *   <li>Operators may become others that are equal but for rounding: weights are folded, products of constants are
     *       computed beforehand, operators that an exporter spelled out are computed as one. Each operator that comes of it
     *       keeps to its accuracy.
     *   <li>Convolutions of float32 with windows of 3 x 3 may be computed by the minimal filtering of Winograd, which forms
     *       other products than theirs, of up to 6 x 6 neighbouring elements of a channel together. Where these are of very
     *       different magnitudes an error is relative to the largest of them, also in results whose own window does not see
     *       it: up to 32 units of 2<sup>-23</sup> of the sum that the absolute values of a result's terms would have if all of
     *       those elements were as large as the largest of their channel. An element that is infinite or NaN may
     *       make NaN of all results so near to it, up to four places away, and so may sums above 1/240 of the greatest number.
     * </ul>
     */
    STANDARD,
    /**
     * The operators of the model as it gives them.
     *
     * <ul>
     *   <li>The graph is rewritten only where the definitions of the operators give the same bits before and after, NaN
     *       being NaN: what is not used or changes nothing is dropped, what is constant is computed beforehand, what only
     *       moves elements is moved, and operators that follow each other may be one step. What would round otherwise is not
     *       folded into weights, multiplied out, factored or computed as another operator, and values keep the
     *       layout of the model.
     *   <li>Sums of products, in convolutions and products of matrices, are made of the very products that the operator
     *       defines, each of them added once. The order in which they are added is a kernel's, the same for the same shapes
     *       and machine; a product may be added without being rounded before, and a bias that is added to the sum may be one
     *       of its terms. Minimal filtering is off.
     *   <li>So every result is within its operator's accuracy by its own terms, whatever the magnitudes of others, and an
     *       element of a convolution's input that is infinite or NaN reaches the results whose windows see it and no others.
     * </ul>
     *
     * <p>It does not promise the bits of a loop over the definition, nor those of other machines or libraries.
     */
    STRICT
}
