package dev.tenon.op.cost;

import dev.tenon.op.Op;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Optional;

/**
 * The work of one application of an operator by its definition. A kernel may do less, such as the convolutions of
 * Winograd, and it may read an operand more than once.
 *
 * @param multiplyAdds multiplications whose results are added up in products and convolutions
 * @param others all other operations on elements; an element-wise function counts as one
 * @param bytes the bytes read and written if each operand is read once and each output written once; 0 for views
 */
public record Cost(long multiplyAdds, long others, long bytes) {
    /** No work. */
    public static final Cost NONE = new Cost(0, 0, 0);

    /**
     * The cost of one application of an operator.
     *
     * @param op the operator
     * @param inputs the types of its operands, null for those left out
     * @param outputs the types of its outputs, null for an output that is not asked for
     * @return the cost, or nothing if a shape is not known
     */
    public static Optional<Cost> of(Op op, List<? extends ValueType> inputs, List<? extends ValueType> outputs) {
        return Optional.ofNullable(CostTable.of(op, inputs, outputs));
    }

    /**
     * The number of operations; a multiply-add counts as two.
     *
     * @return a count
     */
    public long flops() {
        return 2 * multiplyAdds + others;
    }

    /**
     * The work of this and another cost together.
     *
     * @param other another cost
     * @return the sum
     */
    public Cost plus(Cost other) {
        return new Cost(multiplyAdds + other.multiplyAdds, others + other.others, bytes + other.bytes);
    }
}
